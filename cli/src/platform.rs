//! What the state machines need of this machine: programs for containers, embedded SQL for Athena, a
//! line on the terminal for a notification.

use millrace_flow::{Execution, Outcome, TaskControl, TaskError};
use millrace_orchestra::{Container, Platform};
use millrace_store::Store;

use crate::arguments::Shared;
use crate::child::{self, Program};
use crate::failure::Failure;
use crate::progress::Display;
use crate::sql;

/// This machine, as a state machine sees it.
#[derive(Debug)]
pub struct Local<'a> {
    pub store: &'a Store,
    pub shared: &'a Shared,
}

impl Platform for Local<'_> {
    fn run_container(
        &self,
        container: Container,
        input_uri: &str,
        _: &TaskControl<'_>,
    ) -> Result<(), TaskError> {
        let program = match container {
            Container::Training => Program::Training,
            Container::Inference => Program::Inference,
        };
        let display = Display::new(self.shared);
        let ended = child::execute(program, input_uri, &display);
        display.clear();
        match ended {
            Ok(_) => Ok(()),
            Err(failure) => Err(TaskError::new("States.TaskFailed", failure.to_string())),
        }
    }

    fn query(&self, sql: &str) -> Result<Vec<String>, TaskError> {
        let failed = |failure: Failure| TaskError::new(failure.name, failure.message);
        let answer = sql::query(self.store, sql).map_err(failed)?;
        sql::first_row(&answer).map_err(failed)
    }

    fn notify(&self, subject: &str, message: &str) {
        tracing::info!(subject, "{message}");
    }
}

/// The failure of an execution, under the name that the machine gave it.
pub fn succeeded(execution: &Execution) -> Result<(), Failure> {
    match &execution.outcome {
        Outcome::Succeeded { .. } => Ok(()),
        Outcome::Failed { error, cause } => Err(Failure::new(error, cause)),
        Outcome::TimedOut => Err(Failure::new(
            "States.Timeout",
            "the run took longer than its machine allows",
        )),
        Outcome::Stopped => Err(Failure::new(
            "Stopped",
            "the run was stopped: `millrace runs resume` takes it up",
        )),
    }
}
