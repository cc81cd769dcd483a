//! Runs a machine. One file per type of state; `flow` goes from state to state, `visit` is what every
//! state needs, `attempts` is Retry and Catch, `branches` runs flows side by side.

mod attempts;
mod branches;
mod choice;
mod distributed;
mod fail;
mod flow;
mod map;
mod parallel;
mod pass;
mod recorder;
mod run;
mod succeed;
mod task;
mod visit;
mod wait;

use crate::asl::Machine;
use crate::clock::Clock;
use crate::failure::Halt;
use crate::history::{EventKind, History, Observer};
use crate::stop::Stop;
use crate::tasks::Tasks;
use run::{Run, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    Succeeded {
        output: Value,
    },
    /// Both are empty where a Fail state gives none.
    Failed {
        error: String,
        cause: String,
    },
    /// The machine's own TimeoutSeconds passed.
    TimedOut,
    /// The caller asked to stop.
    Stopped,
}

/// What is left of an execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    pub name: String,
    pub outcome: Outcome,
    pub history: History,
}

impl Machine {
    /// Runs to the end.
    pub fn run(
        &self,
        name: &str,
        input: Value,
        tasks: &dyn Tasks,
        observer: &dyn Observer,
        clock: &dyn Clock,
    ) -> Execution {
        self.run_until_stopped(name, input, tasks, observer, clock, &Stop::new())
    }

    /// Runs to the end, or until `stop` is requested: then tasks are told, waits end, and the outcome is
    /// [`Outcome::Stopped`].
    pub fn run_until_stopped(
        &self,
        name: &str,
        input: Value,
        tasks: &dyn Tasks,
        observer: &dyn Observer,
        clock: &dyn Clock,
        stop: &Stop<'_>,
    ) -> Execution {
        let run = Run::new(self, name, &input, tasks, observer, clock);
        let mut scope = Scope::outermost(stop);
        run.record(
            &scope,
            EventKind::ExecutionStarted {
                name: name.to_owned(),
                input: input.clone(),
            },
        );
        let result = run
            .check_size("the input of the execution", &input)
            .and_then(|()| run.flow(&self.flow, input, &mut scope));
        let (outcome, last) = ending(result);
        run.record(&scope, last);
        Execution {
            name: name.to_owned(),
            outcome,
            history: run.into_history(),
        }
    }
}

fn ending(result: Result<Value, Halt>) -> (Outcome, EventKind) {
    match result {
        Ok(output) => (
            Outcome::Succeeded {
                output: output.clone(),
            },
            EventKind::ExecutionSucceeded { output },
        ),
        Err(Halt::Failed(failure)) => (
            Outcome::Failed {
                error: failure.error.clone(),
                cause: failure.cause.clone(),
            },
            EventKind::ExecutionFailed {
                error: failure.error,
                cause: failure.cause,
            },
        ),
        Err(Halt::TimedOut) => (Outcome::TimedOut, EventKind::ExecutionTimedOut),
        Err(Halt::Stopped) => (Outcome::Stopped, EventKind::ExecutionStopped),
    }
}
