//! Every branch of both state machines, by the cases of `tests/cases/`: what each task answers is given,
//! the sequence of states and the outcome are compared. `tests/conformance.py` runs the same cases on the
//! emulator's Step Functions.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cases;
mod coverage;
mod trouble;

use std::collections::BTreeSet;

use cases::{Case, Cases};
use coverage::Arm;
use millrace_flow::{EventKind, Execution};
use millrace_orchestra::{INFERENCE, TRAINING};
use serde_json::{Value, json};

/// Runs all cases of a machine, and gives every arm that was taken.
fn run_all(text: &str, shared: &Cases) -> BTreeSet<Arm> {
    let definition: Value = serde_json::from_str(text).unwrap();
    let mut taken = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in &shared.cases {
        let execution = shared.run(text, case);
        taken.extend(coverage::taken(&definition, &execution.history));
        if !as_expected(case, &execution) {
            let outcome = serde_json::to_value(&execution.outcome).unwrap();
            let states = execution.history.states();
            wrong.push(format!("{}: {outcome}\n  {states:?}", case.name));
        }
        messages_are_small(&execution, &case.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    taken
}

fn as_expected(case: &Case, execution: &Execution) -> bool {
    let states = execution.history.states();
    let top_level = execution.history.top_level_states();
    serde_json::to_value(&execution.outcome).unwrap() == case.outcome
        && case
            .states
            .as_ref()
            .is_none_or(|expected| *expected == states)
        && case
            .top_level_states
            .as_ref()
            .is_none_or(|expected| *expected == top_level)
}

/// What travels stays far below what AWS allows, with the largest documents that the stages give.
fn messages_are_small(execution: &Execution, case: &str) {
    for event in &execution.history.events {
        let bytes = match &event.kind {
            EventKind::TaskAttemptStarted { arguments, .. } => arguments.to_string().len(),
            EventKind::TaskAttemptSucceeded { result, .. } => result.to_string().len(),
            EventKind::StateExited { output, .. } => output.to_string().len(),
            _ => 0,
        };
        assert!(
            bytes < 16 * 1024,
            "{case}: {bytes} bytes in {:?}",
            event.kind
        );
    }
}

/// States, rules of Choice, Catch and Retry: each is taken by a case, or the machine has an arm that nobody
/// has seen.
fn every_arm_is_taken(name: &str, text: &str, cases: &str) {
    let all = coverage::all(&serde_json::from_str(text).unwrap());
    let cases: Cases = serde_json::from_str(cases).unwrap();
    let mut taken = run_all(text, &cases);
    taken.extend(trouble::passes(text, &cases));
    println!("{name}: {}", coverage::summary(&all, &taken));
    let never: Vec<&Arm> = all.difference(&taken).collect();
    assert!(never.is_empty(), "{name}: no case takes {never:#?}");
}

#[test]
fn every_branch_of_training() {
    every_arm_is_taken("training", TRAINING, include_str!("../cases/training.json"));
}

#[test]
fn every_branch_of_inference() {
    every_arm_is_taken(
        "inference",
        INFERENCE,
        include_str!("../cases/inference.json"),
    );
}

/// The rules of the house for every task: a time limit, retries of transient errors with full jitter
/// and never of all errors, and a way out when it fails.
#[test]
fn every_task_has_a_time_limit_retries_and_a_way_out() {
    for text in [TRAINING, INFERENCE] {
        let machine: Value = serde_json::from_str(text).unwrap();
        for (name, state) in machine["States"].as_object().unwrap() {
            check_state(name, state, true);
        }
    }
}

/// An error of Step Functions' own may have no cause; to make a text of what is not there is an error that hides the first.
#[test]
fn no_cause_is_used_before_it_is_known_to_be_there() {
    for text in [TRAINING, INFERENCE] {
        let uses: Vec<&str> = text
            .split("{%")
            .skip(1)
            .filter_map(|rest| rest.split("%}").next())
            .filter(|expression| expression.contains(".Cause"))
            .collect();
        assert!(uses.len() >= 3, "{uses:?}");
        for expression in uses {
            let (_, cause) = expression.split_once('$').unwrap();
            assert!(
                expression.contains("$exists(") && cause.find("$exists(") < cause.find("$string("),
                "{expression}"
            );
        }
    }
}

fn check_state(name: &str, state: &Value, outermost: bool) {
    for flow in state["Branches"]
        .as_array()
        .into_iter()
        .flatten()
        .chain([&state["ItemProcessor"]])
    {
        for (name, state) in flow["States"].as_object().into_iter().flatten() {
            check_state(name, state, false);
        }
    }
    let kind = state["Type"].as_str().unwrap();
    if outermost && ["Task", "Parallel", "Map"].contains(&kind) {
        let last = state["Catch"]
            .as_array()
            .and_then(|all| all.last())
            .unwrap();
        assert_eq!(last["ErrorEquals"], json!(["States.ALL"]), "{name}");
    }
    if kind != "Task" {
        return;
    }
    assert!(state["TimeoutSeconds"].is_u64(), "{name}");
    let retries = state["Retry"].as_array().unwrap();
    assert!(!retries.is_empty(), "{name}");
    for retry in retries {
        assert_eq!(retry["JitterStrategy"], "FULL", "{name}");
        for error in retry["ErrorEquals"].as_array().unwrap() {
            let error = error.as_str().unwrap();
            let transient = error.contains('.') && !error.starts_with("States.")
                || ["StoreUnavailable", "RegistryBusy", "PublishBusy"].contains(&error);
            assert!(transient, "{name} retries {error}");
        }
    }
}
