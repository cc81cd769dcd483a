//! Task: something outside does the work.

use super::attempts::Policy;
use super::run::Run;
use super::visit::{Done, States, Visit};
use crate::asl::{Given, Task};
use crate::clock::after;
use crate::failure::{Failure, HEARTBEAT_TIMEOUT, Halt, TASK_FAILED};
use crate::history::{EventKind, Progress};
use crate::tasks::{TaskCall, TaskControl, TaskError};
use jiff::Timestamp;
use serde_json::Value;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

impl Visit<'_> {
    pub fn task(&self, task: &Task) -> Result<Done, Halt> {
        let policy = Policy {
            retry: &task.retry,
            catch: &task.catch,
            exit: &task.exit,
        };
        self.attempts(&policy, |retries| self.task_attempt(task, retries))
    }

    fn task_attempt(&self, task: &Task, retries: u32) -> Result<Value, Halt> {
        let states = self.states(retries);
        let arguments = match &task.arguments {
            Some(template) => self.evaluate("Arguments", template, &states)?,
            None => self.input.clone(),
        };
        self.check_size("the arguments", &arguments)?;
        let call = TaskCall {
            state: self.state.name.clone(),
            resource: task.resource.clone(),
            arguments,
            attempt: retries + 1,
            execution: self.run.name.to_owned(),
        };
        let timeout = self.seconds("TimeoutSeconds", task.timeout.as_ref(), &states)?;
        let heartbeat = self.seconds("HeartbeatSeconds", task.heartbeat.as_ref(), &states)?;
        self.record_started(&call);
        let result = self.call(&call, timeout, heartbeat);
        self.run.check(self.scope).or_else(ignore_event_limit)?;
        match result {
            Ok(result) => {
                self.record_succeeded(&call, &result);
                Ok(result)
            }
            Err(failure) => {
                self.record_failed(&call, &failure);
                Err(Halt::Failed(failure))
            }
        }
    }

    fn call(
        &self,
        call: &TaskCall,
        timeout: Option<Duration>,
        heartbeat: Option<Duration>,
    ) -> Result<Value, Failure> {
        let run = self.run;
        let deadline = timeout.map(|timeout| after(run.clock.now(), timeout));
        let report = |fraction: Option<f64>, text: &str| self.report(call, fraction, text);
        let control = TaskControl::new(
            run.clock,
            &self.scope.stop,
            earlier(deadline, run.deadline),
            heartbeat,
            &report,
        );
        let result = call_guarded(run, call, &control);
        // Late is late, whatever the task says: on AWS nobody waits for it.
        if let Some(name) = control.overdue() {
            return Err(Failure::new(name, timeout_cause(name, timeout, heartbeat)));
        }
        result.map_err(|error| Failure::new(error.error, error.cause))
    }

    fn seconds(
        &self,
        field: &str,
        given: Option<&Given<u64>>,
        states: &States,
    ) -> Result<Option<Duration>, Halt> {
        let positive = |value: &Value| value.as_u64().filter(|seconds| *seconds > 0);
        let seconds = given
            .map(|given| self.resolve(field, given, states, positive, "a positive whole number"));
        Ok(seconds.transpose()?.map(Duration::from_secs))
    }

    fn report(&self, call: &TaskCall, fraction: Option<f64>, text: &str) {
        self.run.report(&Progress {
            time: self.run.clock.now(),
            scope: self.scope.steps.clone(),
            state: call.state.clone(),
            attempt: call.attempt,
            fraction,
            text: text.to_owned(),
        });
    }

    fn record_started(&self, call: &TaskCall) {
        let event = EventKind::TaskAttemptStarted {
            state: call.state.clone(),
            attempt: call.attempt,
            resource: call.resource.to_string(),
            arguments: call.arguments.clone(),
        };
        self.run.record(self.scope, event);
    }

    fn record_succeeded(&self, call: &TaskCall, result: &Value) {
        let event = EventKind::TaskAttemptSucceeded {
            state: call.state.clone(),
            attempt: call.attempt,
            result: result.clone(),
        };
        self.run.record(self.scope, event);
    }

    fn record_failed(&self, call: &TaskCall, failure: &Failure) {
        let event = EventKind::TaskAttemptFailed {
            state: call.state.clone(),
            attempt: call.attempt,
            error: failure.error.clone(),
            cause: failure.cause.clone(),
        };
        self.run.record(self.scope, event);
    }
}

/// The result of an attempt is recorded first; the limit is raised before the next step.
fn ignore_event_limit(halt: Halt) -> Result<(), Halt> {
    match halt {
        Halt::Failed(_) => Ok(()),
        halt => Err(halt),
    }
}

/// A panic of a task is a failure of that task, not of the engine.
fn call_guarded(
    run: &Run<'_>,
    call: &TaskCall,
    control: &TaskControl<'_>,
) -> Result<Value, TaskError> {
    catch_unwind(AssertUnwindSafe(|| run.tasks.call(call, control))).unwrap_or_else(|panic| {
        Err(TaskError::new(
            TASK_FAILED,
            format!("the task panicked: {}", panic_text(&*panic)),
        ))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

fn earlier(first: Option<Timestamp>, second: Option<Timestamp>) -> Option<Timestamp> {
    match (first, second) {
        (Some(first), Some(second)) => Some(first.min(second)),
        (first, second) => first.or(second),
    }
}

fn timeout_cause(name: &str, timeout: Option<Duration>, heartbeat: Option<Duration>) -> String {
    let seconds = |limit: Option<Duration>| limit.unwrap_or_default().as_secs();
    if name == HEARTBEAT_TIMEOUT {
        return format!(
            "the task gave no sign of life for more than {} seconds",
            seconds(heartbeat)
        );
    }
    format!("the task took longer than {} seconds", seconds(timeout))
}
