//! A state machine that has been checked: every target exists, every expression is compiled.

use super::{Resource, load};
use crate::error::LoadError;
use crate::expression::{Expression, Template, room};
use crate::failure::ErrorNames;
use crate::retry::Retrier;
use crate::settings::Settings;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A state machine, ready to run as often as one likes.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(crate) name: String,
    pub(crate) comment: Option<String>,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) flow: Flow,
    pub(crate) settings: Settings,
}

impl Machine {
    /// Reads and checks a state machine. `substitutions` replace `${Name}` in it.
    pub fn load(text: &str, substitutions: &BTreeMap<String, String>) -> Result<Self, LoadError> {
        // All its expressions are parsed with the one room.
        room::with(|| load::machine(text, substitutions)).unwrap_or_else(|error| {
            Err(LoadError::Machine {
                field: "States".to_owned(),
                problem: format!("cannot be read: no thread: {error}"),
            })
        })
    }

    /// Gives the machine the name that `$states.context.StateMachine.Name` has.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// Every resource that some Task state calls, so that a caller can refuse what it does not know
    /// before anything runs.
    pub fn resources(&self) -> Vec<(&str, &Resource)> {
        let mut resources = Vec::new();
        self.flow.collect_resources(&mut resources);
        resources
    }
}

/// States that belong together: the machine itself, a branch, or what a Map does with an item.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub start_at: String,
    pub states: BTreeMap<String, State>,
    /// The variables that states of this flow give values to.
    pub assigned: BTreeSet<String>,
    /// An execution of its own, as an item of a distributed Map has: it sees no variable outside.
    pub alone: bool,
}

impl Flow {
    fn collect_resources<'flow>(&'flow self, resources: &mut Vec<(&'flow str, &'flow Resource)>) {
        for state in self.states.values() {
            if let Kind::Task(task) = &state.kind {
                resources.push((&state.name, &task.resource));
            }
            state
                .inner_flows()
                .for_each(|flow| flow.collect_resources(resources));
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    pub name: String,
    pub kind: Kind,
    /// The variables that its expressions read, with the field that they stand in.
    pub reads: BTreeMap<String, String>,
}

impl State {
    pub fn inner_flows(&self) -> impl Iterator<Item = &Flow> {
        let flows: &[Flow] = match &self.kind {
            Kind::Parallel(parallel) => &parallel.branches,
            Kind::Map(map) => std::slice::from_ref(&map.processor),
            _ => &[],
        };
        flows.iter()
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Task(Box<Task>),
    Parallel(Box<Parallel>),
    Map(Box<MapState>),
    Choice(Choice),
    Pass(Pass),
    Wait(Box<Wait>),
    Succeed(Succeed),
    Fail(Box<Fail>),
}

/// The type of a state, as `Type` spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StateType {
    Task,
    Parallel,
    Map,
    Choice,
    Pass,
    Wait,
    Succeed,
    Fail,
}

impl fmt::Display for StateType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl Kind {
    pub fn state_type(&self) -> StateType {
        match self {
            Self::Task(_) => StateType::Task,
            Self::Parallel(_) => StateType::Parallel,
            Self::Map(_) => StateType::Map,
            Self::Choice(_) => StateType::Choice,
            Self::Pass(_) => StateType::Pass,
            Self::Wait(_) => StateType::Wait,
            Self::Succeed(_) => StateType::Succeed,
            Self::Fail(_) => StateType::Fail,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub resource: Resource,
    pub arguments: Option<Template>,
    pub timeout: Option<Given<u64>>,
    pub heartbeat: Option<Given<u64>>,
    pub retry: Vec<Retrier>,
    pub catch: Vec<Catcher>,
    pub exit: Exit,
}

#[derive(Debug, Clone)]
pub(crate) struct Parallel {
    pub branches: Vec<Flow>,
    pub arguments: Option<Template>,
    pub retry: Vec<Retrier>,
    pub catch: Vec<Catcher>,
    pub exit: Exit,
}

#[derive(Debug, Clone)]
pub(crate) struct MapState {
    pub items: Option<Template>,
    pub item_selector: Option<Template>,
    /// 0 and nothing both mean: as many as there are.
    pub concurrency: Option<Given<u64>>,
    pub processor: Flow,
    pub mode: MapMode,
    pub retry: Vec<Retrier>,
    pub catch: Vec<Catcher>,
    pub exit: Exit,
}

/// How the iterations of a Map run.
#[derive(Debug, Clone)]
pub(crate) enum MapMode {
    /// Within the execution.
    Inline,
    /// Each as an execution of its own.
    Distributed(ResultWriter),
}

/// Where what came of the iterations is written.
#[derive(Debug, Clone)]
pub(crate) struct ResultWriter {
    /// Bucket and Prefix.
    pub arguments: Template,
}

#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub rules: Vec<ChoiceRule>,
    /// With the Output and Assign of the state itself.
    pub default: Option<Exit>,
}

#[derive(Debug, Clone)]
pub(crate) struct ChoiceRule {
    pub condition: Given<bool>,
    pub exit: Exit,
}

#[derive(Debug, Clone)]
pub(crate) struct Pass {
    pub exit: Exit,
}

#[derive(Debug, Clone)]
pub(crate) struct Wait {
    pub until: WaitUntil,
    pub exit: Exit,
}

#[derive(Debug, Clone)]
pub(crate) enum WaitUntil {
    Seconds(Given<u64>),
    Timestamp(Given<Timestamp>),
}

#[derive(Debug, Clone)]
pub(crate) struct Succeed {
    pub output: Option<Template>,
}

#[derive(Debug, Clone)]
pub(crate) struct Fail {
    pub error: Option<Given<String>>,
    pub cause: Option<Given<String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Catcher {
    pub errors: ErrorNames,
    pub exit: Exit,
}

/// How a state is left.
#[derive(Debug, Clone)]
pub(crate) struct Exit {
    pub output: Option<Template>,
    pub assign: Vec<(String, Template)>,
    pub next: Transition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Transition {
    Next(String),
    End,
}

/// A value that stands in the file, or an expression that gives it.
#[derive(Debug, Clone)]
pub(crate) enum Given<T> {
    Fixed(T),
    Computed(Box<Expression>),
}
