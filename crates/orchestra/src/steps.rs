//! An execution as a person follows it: one step for each visit of a state, with where it wrote.

use millrace_flow::{EventKind, History, StateVisit};
use millrace_trail::StagePlace;
use serde::Serialize;
use serde_json::Value;

/// One visit of a state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    #[serde(flatten)]
    pub visit: StateVisit,
    /// Absent while it has not been left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// The folder or object of the store that holds what it did; absent when it writes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
}

/// The steps of an execution in the order in which they were entered.
pub fn steps(history: &History) -> Vec<Step> {
    let visits = history.visits().into_iter();
    visits
        .map(|visit| Step {
            seconds: visit
                .left
                .map(|left| left.duration_since(visit.entered).as_secs_f64()),
            written: written(history, &visit),
            visit,
        })
        .collect()
}

fn written(history: &History, visit: &StateVisit) -> Option<String> {
    let mut asked = None;
    let mut answered = None;
    for event in &history.events {
        let within =
            event.time >= visit.entered && visit.left.is_none_or(|left| event.time <= left);
        if event.scope != visit.scope || !within {
            continue;
        }
        match &event.kind {
            EventKind::TaskAttemptStarted {
                state, arguments, ..
            } if *state == visit.state => asked = Some(arguments),
            EventKind::TaskAttemptSucceeded { state, result, .. } if *state == visit.state => {
                answered = Some(result);
            }
            _ => {}
        }
    }
    place(asked?, answered.unwrap_or(&Value::Null))
}

/// Where a task writes, by what it was asked and, where that does not tell, by what it answered.
fn place(asked: &Value, answered: &Value) -> Option<String> {
    let container = &asked["Overrides"]["ContainerOverrides"][0]["Command"][0];
    if let Some(uri) = container.as_str() {
        return Some(format!("{}/", StagePlace::of(uri)?.folder()));
    }
    let (payload, answer) = (&asked["Payload"], &answered["Payload"]);
    if let Some(action) = payload["action"].as_str() {
        return registry_place(action, payload, answer);
    }
    if let Some(served) = answer["served"].as_str() {
        return Some(served.to_owned());
    }
    let run = payload["run"]["run_id"].as_str()?;
    if let (Some(gate), Some(attempt)) = (payload["gate"].as_str(), payload["attempt"].as_u64()) {
        return Some(format!("runs/{run}/{gate}-gate-{attempt}/"));
    }
    payload["purpose"]
        .as_str()
        .map(|_| format!("runs/{run}/validate/"))
}

fn registry_place(action: &str, payload: &Value, answer: &Value) -> Option<String> {
    let run = || {
        let asked = payload["run_id"].as_str();
        asked.or(payload["run"]["run_id"].as_str())
    };
    match action {
        "open_run" => Some(format!("runs/{}/run.json", run()?)),
        "prepare" => Some(format!(
            "runs/{}/{}/input.json",
            run()?,
            payload["stage"].as_str()?
        )),
        "resolve" => Some(format!("runs/{}/resolve/", run()?)),
        "register" => {
            let (model, version) = (answer["model"].as_str()?, answer["version"].as_str()?);
            Some(format!("models/{model}/{version}/"))
        }
        "promote" => Some(format!(
            "models/{}/registry.json",
            payload["model"].as_str()?
        )),
        "close_run" => Some(format!("runs/{}/end.json", run()?)),
        _ => None,
    }
}
