//! Every branch of both state machines, by the cases of `tests/cases/`: what each task answers is given,
//! the sequence of states and the outcome are compared. `tests/conformance.py` runs the same cases on the
//! emulator's Step Functions.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use millrace_flow::{
    EventKind, Execution, Machine, Resource, Silent, SimulatedClock, TaskCall, TaskControl,
    TaskError, Tasks,
};
use millrace_orchestra::{INFERENCE, TRAINING, local_substitutions};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    input: Value,
    tasks: Answers,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    tasks: Answers,
    outcome: Value,
    states: Option<Vec<String>>,
    top_level_states: Option<Vec<String>>,
    #[serde(default)]
    substitutions: BTreeMap<String, String>,
    #[serde(rename = "not_in_emulator")]
    _not_in_emulator: Option<String>,
}

/// By state: one answer for each attempt, the last one again and again.
type Answers = BTreeMap<String, Vec<Answer>>;

#[derive(Deserialize, Clone)]
#[serde(untagged, deny_unknown_fields)]
enum Answer {
    Return { r#return: Value },
    Error { error: String, cause: String },
}

struct Scripted {
    answers: Answers,
    calls: Mutex<BTreeMap<String, usize>>,
}

impl Tasks for Scripted {
    fn call(&self, task: &TaskCall, _: &TaskControl<'_>) -> Result<Value, TaskError> {
        let answers = &self.answers[&task.state];
        let mut calls = self.calls.lock().unwrap();
        let call = calls.entry(task.state.clone()).or_default();
        let answer = answers[(*call).min(answers.len() - 1)].clone();
        *call += 1;
        let function = task.resource == Resource::LambdaInvoke;
        match answer {
            Answer::Return { r#return } if function => {
                Ok(json!({ "StatusCode": 200, "Payload": r#return }))
            }
            Answer::Return { r#return } => Ok(r#return),
            Answer::Error { error, cause } if function => {
                let document = json!({ "errorType": error, "errorMessage": cause });
                Err(TaskError::new(error, document.to_string()))
            }
            Answer::Error { error, cause } => Err(TaskError::new(error, cause)),
        }
    }
}

fn load(text: &str, own: &BTreeMap<String, String>) -> Machine {
    let mut substitutions = local_substitutions();
    substitutions.extend(own.clone());
    Machine::load(text, &substitutions).unwrap()
}

fn run(machine: &Machine, shared: &Cases, case: &Case) -> Execution {
    let mut answers = shared.tasks.clone();
    answers.extend(case.tasks.clone());
    let tasks = Scripted {
        answers,
        calls: Mutex::default(),
    };
    let clock = SimulatedClock::starting_at("2026-11-01T00:00:00Z".parse().unwrap());
    machine.run("r1", shared.input.clone(), &tasks, &Silent, &clock)
}

/// Runs all cases of a machine, and gives every state that was entered.
fn run_all(text: &str, cases: &str) -> BTreeSet<String> {
    let shared: Cases = serde_json::from_str(cases).unwrap();
    let mut entered = BTreeSet::new();
    let mut wrong = Vec::new();
    let machine = load(text, &BTreeMap::new());
    for case in &shared.cases {
        let execution = match case.substitutions.is_empty() {
            true => run(&machine, &shared, case),
            false => run(&load(text, &case.substitutions), &shared, case),
        };
        let outcome = serde_json::to_value(&execution.outcome).unwrap();
        let states = execution.history.states();
        entered.extend(states.iter().cloned());
        let top_level = execution.history.top_level_states();
        let as_expected = outcome == case.outcome
            && case
                .states
                .as_ref()
                .is_none_or(|expected| *expected == states)
            && case
                .top_level_states
                .as_ref()
                .is_none_or(|expected| *expected == top_level);
        if !as_expected {
            wrong.push(format!("{}: {outcome}\n  {states:?}", case.name));
        }
        messages_are_small(&execution, &case.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    entered
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

/// Every state of the machine, also those inside of others.
fn all_states(flow: &Value, names: &mut BTreeSet<String>) {
    for (name, state) in flow["States"].as_object().unwrap() {
        names.insert(name.clone());
        for branch in state["Branches"].as_array().into_iter().flatten() {
            all_states(branch, names);
        }
        if state["ItemProcessor"].is_object() {
            all_states(&state["ItemProcessor"], names);
        }
    }
}

fn every_state_is_entered(text: &str, cases: &str) {
    let mut all = BTreeSet::new();
    all_states(&serde_json::from_str(text).unwrap(), &mut all);
    let entered = run_all(text, cases);
    let never: Vec<&String> = all.difference(&entered).collect();
    assert!(never.is_empty(), "no case enters {never:?}");
}

#[test]
fn every_branch_of_training() {
    every_state_is_entered(TRAINING, include_str!("cases/training.json"));
}

#[test]
fn every_branch_of_inference() {
    every_state_is_entered(INFERENCE, include_str!("cases/inference.json"));
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
