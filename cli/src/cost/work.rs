//! What a run did that costs, counted from the events of its executions.

use std::collections::HashMap;

use jiff::Timestamp;
use millrace_flow::{EventKind, History};
use serde_json::Value;

/// Seconds and calls, by what did the work.
#[derive(Debug, Default)]
pub struct Work {
    /// The attempts of each container and function.
    pub attempts: Vec<Attempt>,
    pub transitions: u64,
    pub queries: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    pub by: Worker,
    pub seconds: f64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worker {
    Function(String),
    Container(String),
}

/// An attempt that has not ended yet, by the place of its state and its number.
type Open = HashMap<(String, u32), (Timestamp, Option<Worker>)>;

impl Work {
    pub fn add(&mut self, history: &History) {
        let mut open = Open::new();
        let Some(last) = history.events.last().map(|event| event.time) else {
            return;
        };
        for event in &history.events {
            let place = |state: &str| format!("{:?}/{state}", event.scope);
            match &event.kind {
                EventKind::StateEntered { .. } => self.transitions += 1,
                EventKind::TaskAttemptStarted {
                    state,
                    attempt,
                    resource,
                    arguments,
                } => {
                    self.queries += u64::from(resource.ends_with(":startQueryExecution"));
                    let begun = (event.time, worker(resource, arguments));
                    open.insert((place(state), *attempt), begun);
                }
                EventKind::TaskAttemptSucceeded { state, attempt, .. }
                | EventKind::TaskAttemptFailed { state, attempt, .. } => {
                    let begun = open.remove(&(place(state), *attempt));
                    self.attempts
                        .extend(begun.and_then(|begun| ended(begun, event.time)));
                }
                _ => {}
            }
        }
        // What was stopped or killed was paid for until then.
        let cut_short = open.into_values().filter_map(|begun| ended(begun, last));
        self.attempts.extend(cut_short);
    }
}

fn ended((began, by): (Timestamp, Option<Worker>), end: Timestamp) -> Option<Attempt> {
    Some(Attempt {
        by: by?,
        seconds: end.duration_since(began).as_secs_f64(),
    })
}

fn worker(resource: &str, arguments: &Value) -> Option<Worker> {
    let named = |field: &str| arguments[field].as_str().map(str::to_owned);
    match resource.rsplit(":::").next()? {
        "lambda:invoke" => named("FunctionName").map(Worker::Function),
        "ecs:runTask.sync" => named("TaskDefinition").map(Worker::Container),
        _ => None,
    }
}
