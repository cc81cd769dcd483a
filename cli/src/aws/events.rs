//! The history that AWS keeps, in the words of the local engine: so both are shown alike.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_sfn::types::HistoryEvent;
use jiff::Timestamp;
use millrace_flow::{Event, EventKind, ScopeStep, StateType};
use serde_json::Value;

/// A container that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub arn: String,
    pub cluster: String,
}

/// Translates the events of one execution, each once, however often it is shown.
#[derive(Debug, Default)]
pub struct Translator {
    seen: HashSet<i64>,
    /// Where the machine was at each event.
    places: HashMap<i64, Place>,
    /// How many branches each Parallel state has begun.
    branches: HashMap<i64, usize>,
    attempts: BTreeMap<(Vec<ScopeStep>, String), u32>,
    last_task: Option<Task>,
}

#[derive(Debug, Clone, Default)]
struct Place {
    scope: Vec<ScopeStep>,
    state: String,
    opens: Opens,
}

/// What a state that is entered next is inside of.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Opens {
    #[default]
    Nothing,
    Branches,
    Iteration(usize),
}

impl Translator {
    /// The container that was started last.
    pub fn last_task(&self) -> Option<Task> {
        self.last_task.clone()
    }

    /// The event in the engine's words; nothing for one that was translated before, or that only AWS knows.
    pub fn translate(&mut self, event: &HistoryEvent) -> Option<Event> {
        if !self.seen.insert(event.id()) {
            return None;
        }
        self.note_task(event);
        // Emulators do not say which event was before: then it is the one that was told before.
        let previous = match event.previous_event_id() {
            0 => event.id() - 1,
            previous => previous,
        };
        let before = self.places.get(&previous).cloned().unwrap_or_default();
        let place = self.place(event, before);
        let kind = self.kind(event, &place);
        let scope = place.scope.clone();
        self.places.insert(event.id(), place);
        let time = event.timestamp();
        Some(Event {
            id: u64::try_from(event.id()).unwrap_or_default(),
            time: Timestamp::new(
                time.secs(),
                i32::try_from(time.subsec_nanos()).unwrap_or_default(),
            )
            .unwrap_or_default(),
            scope,
            kind: kind?,
        })
    }

    fn place(&mut self, event: &HistoryEvent, before: Place) -> Place {
        let kind = event.r#type().as_str();
        if let Some(entered) = event.state_entered_event_details() {
            let mut scope = before.scope;
            let index = match before.opens {
                Opens::Nothing => None,
                Opens::Iteration(index) => Some(index),
                Opens::Branches => {
                    let next = self.branches.entry(event.previous_event_id()).or_default();
                    *next += 1;
                    Some(*next - 1)
                }
            };
            scope.extend(index.map(|index| ScopeStep {
                state: before.state,
                attempt: 1,
                index,
            }));
            return Place {
                scope,
                state: entered.name().to_owned(),
                opens: Opens::Nothing,
            };
        }
        if let Some(exited) = event.state_exited_event_details() {
            return outwards(before, exited.name());
        }
        match (kind, event.map_iteration_started_event_details()) {
            ("ParallelStateStarted", _) => Place {
                opens: Opens::Branches,
                ..before
            },
            (_, Some(iteration)) => Place {
                opens: Opens::Iteration(usize::try_from(iteration.index()).unwrap_or_default()),
                ..outwards(before, iteration.name().unwrap_or_default())
            },
            _ => Place {
                opens: Opens::Nothing,
                ..before
            },
        }
    }

    fn kind(&mut self, event: &HistoryEvent, place: &Place) -> Option<EventKind> {
        let state = place.state.clone();
        let of = (place.scope.clone(), state.clone());
        if let Some(entered) = event.state_entered_event_details() {
            self.attempts.remove(&of);
            return Some(EventKind::StateEntered {
                state,
                state_type: state_type(event.r#type().as_str())?,
                input: json(entered.input()),
            });
        }
        if let Some(exited) = event.state_exited_event_details() {
            return Some(EventKind::StateExited {
                state,
                output: json(exited.output()),
                assigned: serde_json::Map::new(),
            });
        }
        if let Some((resource, parameters)) = scheduled(event) {
            let attempt = self.attempts.entry(of).or_default();
            *attempt += 1;
            return Some(EventKind::TaskAttemptStarted {
                state,
                attempt: *attempt,
                resource,
                arguments: json(parameters),
            });
        }
        let attempt = self.attempts.get(&of).copied().unwrap_or(1);
        if let Some(result) = succeeded(event) {
            return Some(EventKind::TaskAttemptSucceeded {
                state,
                attempt,
                result: json(result),
            });
        }
        if let Some((error, cause)) = attempt_failed(event) {
            return Some(EventKind::TaskAttemptFailed {
                state,
                attempt,
                error,
                cause,
            });
        }
        ended(event)
    }

    fn note_task(&mut self, event: &HistoryEvent) {
        let submitted = event
            .task_submitted_event_details()
            .and_then(|task| task.output());
        let failed = event
            .task_failed_event_details()
            .and_then(|task| task.cause());
        let Some(document) = submitted.or(failed) else {
            return;
        };
        if let Some(task) = task_in(&json(Some(document))) {
            self.last_task = Some(task);
        }
    }
}

/// The place of the state `name`, seen from within it or from after its branches.
fn outwards(mut place: Place, name: &str) -> Place {
    if let Some(depth) = place.scope.iter().position(|step| step.state == name) {
        place.scope.truncate(depth);
    }
    Place {
        state: name.to_owned(),
        opens: Opens::Nothing,
        ..place
    }
}

/// The answer of RunTask lists what it started; the cause of a failure is one task.
fn task_in(document: &Value) -> Option<Task> {
    let task = document["Tasks"].get(0).unwrap_or(document);
    Some(Task {
        arn: task["TaskArn"].as_str()?.to_owned(),
        cluster: task["ClusterArn"].as_str()?.to_owned(),
    })
}

fn state_type(event_type: &str) -> Option<StateType> {
    let name = event_type.strip_suffix("StateEntered")?;
    serde_json::from_value(Value::from(name)).ok()
}

/// What a task was asked: of what, and with which arguments.
fn scheduled(event: &HistoryEvent) -> Option<(String, Option<&str>)> {
    if let Some(task) = event.task_scheduled_event_details() {
        let resource = format!(
            "arn:aws:states:::{}:{}",
            task.resource_type(),
            task.resource()
        );
        return Some((resource, Some(task.parameters())));
    }
    let function = event.lambda_function_scheduled_event_details()?;
    Some((function.resource().to_owned(), function.input()))
}

fn succeeded(event: &HistoryEvent) -> Option<Option<&str>> {
    if let Some(task) = event.task_succeeded_event_details() {
        return Some(task.output());
    }
    let function = event.lambda_function_succeeded_event_details()?;
    Some(function.output())
}

fn attempt_failed(event: &HistoryEvent) -> Option<(String, String)> {
    let (error, cause) = if let Some(task) = event.task_failed_event_details() {
        (task.error(), task.cause())
    } else if let Some(task) = event.task_timed_out_event_details() {
        (task.error(), task.cause())
    } else if let Some(task) = event.task_start_failed_event_details() {
        (task.error(), task.cause())
    } else if let Some(task) = event.task_submit_failed_event_details() {
        (task.error(), task.cause())
    } else if let Some(function) = event.lambda_function_failed_event_details() {
        (function.error(), function.cause())
    } else if let Some(function) = event.lambda_function_timed_out_event_details() {
        (function.error(), function.cause())
    } else {
        return None;
    };
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    Some((text(error), text(cause)))
}

fn ended(event: &HistoryEvent) -> Option<EventKind> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    if let Some(begun) = event.execution_started_event_details() {
        return Some(EventKind::ExecutionStarted {
            name: String::new(),
            input: json(begun.input()),
        });
    }
    if let Some(succeeded) = event.execution_succeeded_event_details() {
        return Some(EventKind::ExecutionSucceeded {
            output: json(succeeded.output()),
        });
    }
    if let Some(failed) = event.execution_failed_event_details() {
        return Some(EventKind::ExecutionFailed {
            error: text(failed.error()),
            cause: text(failed.cause()),
        });
    }
    match event.r#type().as_str() {
        "ExecutionTimedOut" => Some(EventKind::ExecutionTimedOut),
        "ExecutionAborted" => Some(EventKind::ExecutionStopped),
        _ => None,
    }
}

fn json(text: Option<&str>) -> Value {
    let text = text.unwrap_or("null");
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
mod tests;
