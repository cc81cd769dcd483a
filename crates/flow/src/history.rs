//! What happened in an execution, event by event: told to an observer at once, kept as a history.

use crate::asl::StateType;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Is told everything while an execution runs. Called in the order of the events, one at a time.
pub trait Observer: Sync {
    fn event(&self, event: &Event);

    /// How far a running task has come. Not part of the history.
    fn progress(&self, _progress: &Progress) {}
}

/// An observer that looks away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _event: &Event) {}
}

/// What a running task says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub time: Timestamp,
    pub scope: Vec<ScopeStep>,
    pub state: String,
    pub attempt: u32,
    /// Between 0 and 1, when the task knows.
    pub fraction: Option<f64>,
    pub text: String,
}

/// One step inwards: the branch `index` of a Parallel state, or the iteration `index` of a Map state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScopeStep {
    pub state: String,
    /// Which attempt of that state this is, beginning at 1.
    pub attempt: u32,
    pub index: usize,
}

impl fmt::Display for ScopeStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}[{}]", self.state, self.index)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// 1, 2, 3, ... in the order in which things happened.
    pub id: u64,
    pub time: Timestamp,
    /// Empty at the top of the machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<ScopeStep>,
    #[serde(flatten)]
    pub kind: EventKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum EventKind {
    ExecutionStarted {
        name: String,
        input: Value,
    },
    StateEntered {
        state: String,
        state_type: StateType,
        input: Value,
    },
    TaskAttemptStarted {
        state: String,
        attempt: u32,
        resource: String,
        arguments: Value,
    },
    TaskAttemptSucceeded {
        state: String,
        attempt: u32,
        result: Value,
    },
    TaskAttemptFailed {
        state: String,
        attempt: u32,
        error: String,
        cause: String,
    },
    RetryScheduled {
        state: String,
        retry: u32,
        delay_seconds: f64,
        error: String,
        cause: String,
    },
    ErrorCaught {
        state: String,
        error: String,
        cause: String,
        next: String,
    },
    StateExited {
        state: String,
        output: Value,
        #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
        assigned: serde_json::Map<String, Value>,
    },
    /// The state ended the flow it is in with an error.
    StateFailed {
        state: String,
        error: String,
        cause: String,
    },
    /// The state was stopped: by the caller, by the execution's time limit, or because a sibling failed.
    StateStopped {
        state: String,
    },
    ExecutionSucceeded {
        output: Value,
    },
    ExecutionFailed {
        error: String,
        cause: String,
    },
    ExecutionTimedOut,
    ExecutionStopped,
}

/// Everything that happened in one execution. As JSON: a list of events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History {
    pub events: Vec<Event>,
}

/// How one visit of a state went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateVisit {
    pub scope: Vec<ScopeStep>,
    pub state: String,
    pub state_type: StateType,
    pub entered: Timestamp,
    pub left: Option<Timestamp>,
    /// Attempts of the task; 0 where there is none.
    pub attempts: u32,
    pub status: VisitStatus,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum VisitStatus {
    Running,
    Succeeded,
    Caught { error: String, cause: String },
    Failed { error: String, cause: String },
    Stopped,
}

impl History {
    /// The names of the states in the order in which they were entered. What is inside a Parallel or Map
    /// state follows its name, attempt by attempt and branch by branch, so that the order is the same in
    /// every run. From an AWS history the same list is made of the `...StateEntered` events, by following
    /// `previousEventId`.
    pub fn states(&self) -> Vec<String> {
        let events: Vec<&Event> = self.events.iter().collect();
        let mut names = Vec::new();
        collect_states(&events, 0, &mut names);
        names
    }

    /// The names of the states outside any Parallel or Map, in the order in which they were entered.
    pub fn top_level_states(&self) -> Vec<String> {
        let outside = self.events.iter().filter(|event| event.scope.is_empty());
        outside
            .filter_map(|event| event.entered_state())
            .map(str::to_owned)
            .collect()
    }

    /// One entry per visit of a state, in the order of entering: what `runs show` prints.
    pub fn visits(&self) -> Vec<StateVisit> {
        let mut visits: Vec<StateVisit> = Vec::new();
        for event in &self.events {
            if let EventKind::StateEntered {
                state, state_type, ..
            } = &event.kind
            {
                visits.push(StateVisit::begun(event, state, *state_type));
                continue;
            }
            let open = visits
                .iter_mut()
                .rev()
                .find(|visit| visit.scope == event.scope && visit.left.is_none());
            if let Some(visit) = open {
                visit.note(event);
            }
        }
        visits
    }
}

fn collect_states(events: &[&Event], depth: usize, names: &mut Vec<String>) {
    let mut inside: BTreeMap<(u32, usize), Vec<&Event>> = BTreeMap::new();
    for event in events {
        if let Some(step) = event.scope.get(depth) {
            inside
                .entry((step.attempt, step.index))
                .or_default()
                .push(event);
            continue;
        }
        if let Some(state) = event.entered_state() {
            collect_groups(std::mem::take(&mut inside), depth, names);
            names.push(state.to_owned());
        }
    }
    collect_groups(inside, depth, names);
}

fn collect_groups(
    groups: BTreeMap<(u32, usize), Vec<&Event>>,
    depth: usize,
    names: &mut Vec<String>,
) {
    for group in groups.values() {
        collect_states(group, depth + 1, names);
    }
}

impl Event {
    fn entered_state(&self) -> Option<&str> {
        match &self.kind {
            EventKind::StateEntered { state, .. } => Some(state),
            _ => None,
        }
    }
}

impl StateVisit {
    fn begun(event: &Event, state: &str, state_type: StateType) -> Self {
        Self {
            scope: event.scope.clone(),
            state: state.to_owned(),
            state_type,
            entered: event.time,
            left: None,
            attempts: 0,
            status: VisitStatus::Running,
        }
    }

    fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::TaskAttemptStarted { attempt, .. } => self.attempts = *attempt,
            EventKind::ErrorCaught { error, cause, .. } => {
                self.status = VisitStatus::Caught {
                    error: error.clone(),
                    cause: cause.clone(),
                };
            }
            EventKind::StateExited { .. } => {
                self.left = Some(event.time);
                if self.status == VisitStatus::Running {
                    self.status = VisitStatus::Succeeded;
                }
            }
            EventKind::StateFailed { error, cause, .. } => {
                self.left = Some(event.time);
                self.status = VisitStatus::Failed {
                    error: error.clone(),
                    cause: cause.clone(),
                };
            }
            EventKind::StateStopped { .. } => {
                self.left = Some(event.time);
                self.status = VisitStatus::Stopped;
            }
            _ => {}
        }
    }
}
