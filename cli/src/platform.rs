//! What the state machines need of this machine: programs for containers, embedded SQL for Athena, a
//! line on the terminal for a notification.

use millrace_contract::stages::{Listener, Progress};
use millrace_flow::{TaskControl, TaskError};
use millrace_orchestra::{Container, Platform};
use millrace_store::Store;
use serde_json::json;

use crate::arguments::Shared;
use crate::child::{self, Program};
use crate::failure::Failure;
use crate::progress::{self, Display};
use crate::sql;

/// The exit code that a container has which was killed.
const KILLED: u8 = 137;

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
        control: &TaskControl<'_>,
    ) -> Result<(), TaskError> {
        let program = match container {
            Container::Training => Program::Training,
            // One program knows both stages.
            Container::Validation | Container::Inference => Program::Inference,
        };
        let display = Display::new(self.shared);
        let watched = Watched {
            display: &display,
            control,
        };
        let ended = child::execute(program, input_uri, &watched, &|| control.is_cancelled());
        display.clear();
        match ended {
            // As ECS says it of a container.
            Ok(ended) if ended.was_killed => Err(TaskError::new(
                "States.TaskFailed",
                json!({ "Containers": [{ "ExitCode": KILLED }] }).to_string(),
            )),
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

/// Shows progress as bars where there is a terminal, and as lines of the flow where there is none.
struct Watched<'a> {
    display: &'a Display,
    control: &'a TaskControl<'a>,
}

impl Listener for Watched<'_> {
    fn hear(&self, progress: Progress) {
        match (self.display, progress::brief(&progress)) {
            (Display::Silent, Some((share, text))) => self.control.progress(share, &text),
            _ => self.control.heartbeat(),
        }
        self.display.hear(progress);
    }
}
