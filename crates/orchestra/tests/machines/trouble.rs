//! A moment's trouble changes nothing: every state, every error that it retries, in a case that enters it.

use std::collections::BTreeSet;

use millrace_flow::{EventKind, Execution};
use serde_json::Value;

use crate::cases::{Answer, Case, Cases};
use crate::coverage::{self, Arm};

/// Injects every transient error once, and gives the arms that were taken.
pub fn passes(text: &str, cases: &Cases) -> BTreeSet<Arm> {
    let definition: Value = serde_json::from_str(text).unwrap();
    let runs: Vec<(&Case, Execution)> = cases
        .cases
        .iter()
        .map(|case| (case, cases.run(text, case)))
        .collect();
    let mut taken = BTreeSet::new();
    for (state, given) in coverage::states(&definition) {
        if given["Type"] != "Task" {
            continue;
        }
        let (case, quiet) = runs
            .iter()
            .find(|(_, execution)| execution.history.states().contains(&state))
            .unwrap();
        for error in transient(given) {
            let troubled = once(text, cases, case, &state, &error);
            assert_eq!(troubled.outcome, quiet.outcome, "{state}: {error}");
            assert_eq!(
                troubled.history.states(),
                quiet.history.states(),
                "{state}: {error}"
            );
            assert!(is_retried(&troubled, &state), "{state}: {error}");
            taken.extend(coverage::taken(&definition, &troubled.history));
        }
        let refused = once(text, cases, case, &state, "SomethingRefused");
        assert!(!is_retried(&refused, &state), "{state} retries a refusal");
    }
    taken
}

fn transient(state: &Value) -> Vec<String> {
    let rules = state["Retry"].as_array().into_iter().flatten();
    let names = rules.flat_map(|rule| rule["ErrorEquals"].as_array().unwrap());
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

fn once(text: &str, cases: &Cases, case: &Case, state: &str, error: &str) -> Execution {
    let mut answers = cases.answers(case);
    let first = Answer::Error {
        error: error.to_owned(),
        cause: "for a moment".to_owned(),
    };
    answers.get_mut(state).unwrap().insert(0, first);
    cases.run_with(text, case, answers)
}

fn is_retried(execution: &Execution, name: &str) -> bool {
    let mut events = execution.history.events.iter();
    events.any(
        |event| matches!(&event.kind, EventKind::RetryScheduled { state, .. } if state == name),
    )
}
