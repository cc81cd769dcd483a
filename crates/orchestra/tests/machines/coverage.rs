//! What a machine can do at each state, and what of it an execution did.

use std::collections::BTreeSet;

use millrace_flow::{EventKind, History};
use serde_json::Value;

/// Something that can happen at a state. Rules are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    State(String),
    Choice { state: String, next: String },
    Catch { state: String, rule: usize },
    Retry { state: String, rule: usize },
}

/// Every arm of a machine.
pub fn all(machine: &Value) -> BTreeSet<Arm> {
    let mut arms = BTreeSet::new();
    for (name, state) in states(machine) {
        arms.insert(Arm::State(name.clone()));
        let rules = |field: &str| 0..state[field].as_array().map_or(0, Vec::len);
        arms.extend(rules("Catch").map(|rule| Arm::Catch {
            state: name.clone(),
            rule,
        }));
        arms.extend(rules("Retry").map(|rule| Arm::Retry {
            state: name.clone(),
            rule,
        }));
        let choices = state["Choices"].as_array().into_iter().flatten();
        let targets: Vec<&str> = choices
            .map(|choice| &choice["Next"])
            .chain([&state["Default"]])
            .filter_map(Value::as_str)
            .collect();
        let distinct: BTreeSet<&&str> = targets.iter().collect();
        assert_eq!(
            distinct.len(),
            targets.len(),
            "{name} has two rules with one target: which was taken cannot be told"
        );
        arms.extend(targets.into_iter().map(|next| Arm::Choice {
            state: name.clone(),
            next: next.to_owned(),
        }));
    }
    arms
}

/// The arms that an execution took.
pub fn taken(machine: &Value, history: &History) -> BTreeSet<Arm> {
    let all: Vec<(String, &Value)> = states(machine);
    let definition = |name: &str| {
        let found = all.iter().find(|(known, _)| known == name);
        found.map(|(_, state)| *state).unwrap()
    };
    let mut arms = BTreeSet::new();
    for (place, event) in history.events.iter().enumerate() {
        match &event.kind {
            EventKind::StateEntered { state, .. } => {
                arms.insert(Arm::State(state.clone()));
                let before = history.events[..place]
                    .iter()
                    .rev()
                    .find(|earlier| earlier.scope == event.scope);
                if let Some(EventKind::StateExited { state: from, .. }) =
                    before.map(|event| &event.kind)
                    && definition(from)["Type"] == "Choice"
                {
                    arms.insert(Arm::Choice {
                        state: from.clone(),
                        next: state.clone(),
                    });
                }
            }
            EventKind::ErrorCaught {
                state, error, next, ..
            } => {
                let rules = &definition(state)["Catch"];
                let rule = matching(rules, error);
                assert_eq!(rules[rule]["Next"], next.as_str(), "{state}: {error}");
                arms.insert(Arm::Catch {
                    state: state.clone(),
                    rule,
                });
            }
            EventKind::RetryScheduled { state, error, .. } => {
                arms.insert(Arm::Retry {
                    state: state.clone(),
                    rule: matching(&definition(state)["Retry"], error),
                });
            }
            _ => {}
        }
    }
    arms
}

/// The first rule that is for this error, as Step Functions finds it.
fn matching(rules: &Value, error: &str) -> usize {
    let names = |rule: &Value| -> Vec<String> {
        serde_json::from_value(rule["ErrorEquals"].clone()).unwrap()
    };
    let fits = |rule: &Value| {
        names(rule).iter().any(|name| {
            name == error
                || name == "States.ALL"
                || name == "States.TaskFailed" && error != "States.Timeout"
        })
    };
    rules.as_array().unwrap().iter().position(fits).unwrap()
}

/// Every state of a machine with its definition, also those inside of others.
pub fn states(flow: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (name, state) in flow["States"].as_object().unwrap() {
        found.push((name.clone(), state));
        for branch in state["Branches"].as_array().into_iter().flatten() {
            found.extend(states(branch));
        }
        if state["ItemProcessor"].is_object() {
            found.extend(states(&state["ItemProcessor"]));
        }
    }
    found
}

/// How many of each kind were taken.
pub fn summary(all: &BTreeSet<Arm>, taken: &BTreeSet<Arm>) -> String {
    let kind = |arm: &Arm| match arm {
        Arm::State(_) => "states",
        Arm::Choice { .. } => "arms of Choice",
        Arm::Catch { .. } => "rules of Catch",
        Arm::Retry { .. } => "rules of Retry",
    };
    let count =
        |name: &str, arms: &BTreeSet<Arm>| arms.iter().filter(|arm| kind(arm) == name).count();
    let kinds = [
        "states",
        "arms of Choice",
        "rules of Catch",
        "rules of Retry",
    ];
    let counted =
        kinds.map(|name| format!("{} of {} {name}", count(name, taken), count(name, all)));
    format!("{} are taken", counted.join(", "))
}
