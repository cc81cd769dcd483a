//! What the machines need of the world outside of this process.

use millrace_flow::{TaskControl, TaskError};

/// A stage that runs in a container on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// A validation that a function has no memory for.
    Validation,
    Training,
    Inference,
}

/// Implemented by whoever runs a machine: the command, or a test.
pub trait Platform: Sync {
    /// Runs a container's program to its end. A program that failed is `States.TaskFailed`, as on AWS;
    /// what it did is read from its documents in any case. It should end early when `control` says so.
    fn run_container(
        &self,
        container: Container,
        input_uri: &str,
        control: &TaskControl<'_>,
    ) -> Result<(), TaskError>;

    /// Answers one SELECT with the values of its first row, as text.
    fn query(&self, sql: &str) -> Result<Vec<String>, TaskError>;

    /// What would be sent to those who watch over the runs.
    fn notify(&self, subject: &str, message: &str) {
        tracing::info!(subject, "{message}");
    }
}
