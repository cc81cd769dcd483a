//! What the caller implements to do the work of Task states.

use crate::asl::Resource;
use crate::clock::{Clock, after, until};
use crate::failure::{HEARTBEAT_TIMEOUT, TIMEOUT};
use crate::stop::Stop;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// Does the work of Task states: a function in this process, a child process, a line in a log.
///
/// What it returns is the state's result, in the shape that AWS gives it: for `lambda:invoke` that is
/// `{"ExecutedVersion": .., "Payload": .., "StatusCode": 200}`.
pub trait Tasks: Sync {
    fn call(&self, task: &TaskCall, control: &TaskControl) -> Result<Value, TaskError>;

    /// Writes an object that a distributed Map leaves. Only machines that have one need it.
    fn write_result(&self, bucket: &str, key: &str, _bytes: Vec<u8>) -> Result<(), TaskError> {
        Err(TaskError::new(
            "S3.S3Exception",
            format!("nothing here writes {key} to the bucket {bucket}"),
        ))
    }
}

/// One attempt of one Task state.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskCall {
    /// The state's name.
    pub state: String,
    pub resource: Resource,
    pub arguments: Value,
    /// 1 for the first attempt, 2 for the first retry, and so on.
    pub attempt: u32,
    /// The execution's name.
    pub execution: String,
}

/// Why a task failed. The name is what `Retry` and `Catch` match.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{error}: {cause}")]
pub struct TaskError {
    pub error: String,
    pub cause: String,
}

impl TaskError {
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            cause: cause.into(),
        }
    }
}

/// How a task learns that it should end, and how it says that it is alive.
///
/// Stopping is cooperative: a task that runs long asks [`TaskControl::is_cancelled`] now and then (a
/// child process is killed by the task that started it). The engine waits for a task that does not ask,
/// and then, when it was late, throws its result away and raises the timeout all the same.
pub struct TaskControl<'run> {
    clock: &'run dyn Clock,
    deadline: Option<Timestamp>,
    heartbeat: Option<Duration>,
    stop: &'run Stop<'run>,
    report: &'run (dyn Fn(Option<f64>, &str) + Sync),
    pulse: Mutex<Pulse>,
}

struct Pulse {
    last_beat: Timestamp,
    missed: bool,
}

impl std::fmt::Debug for TaskControl<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TaskControl")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl<'run> TaskControl<'run> {
    pub(crate) fn new(
        clock: &'run dyn Clock,
        stop: &'run Stop<'run>,
        deadline: Option<Timestamp>,
        heartbeat: Option<Duration>,
        report: &'run (dyn Fn(Option<f64>, &str) + Sync),
    ) -> Self {
        let pulse = Pulse {
            last_beat: clock.now(),
            missed: false,
        };
        Self {
            clock,
            deadline,
            heartbeat,
            stop,
            report,
            pulse: Mutex::new(pulse),
        }
    }

    /// When the task, or the whole execution, must have ended.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    /// How much time is left; `None` when there is no limit.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| until(self.clock.now(), deadline))
    }

    /// Whether the task should end now, because it is late or because nobody wants its result any more.
    pub fn is_cancelled(&self) -> bool {
        self.stop.is_requested() || self.overdue().is_some()
    }

    /// Says that the task is alive: needed where the state has HeartbeatSeconds.
    pub fn heartbeat(&self) {
        let now = self.clock.now();
        let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        pulse.missed |= self.beat_was_missed(&pulse, now);
        pulse.last_beat = now;
    }

    /// Says how far the task has come, for the one who watches. It counts as a heartbeat.
    pub fn progress(&self, fraction: impl Into<Option<f64>>, text: &str) {
        self.heartbeat();
        (self.report)(fraction.into(), text);
    }

    /// The name of the timeout that has passed.
    pub(crate) fn overdue(&self) -> Option<&'static str> {
        let now = self.clock.now();
        if self.deadline.is_some_and(|deadline| now > deadline) {
            return Some(TIMEOUT);
        }
        let pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        (pulse.missed || self.beat_was_missed(&pulse, now)).then_some(HEARTBEAT_TIMEOUT)
    }

    fn beat_was_missed(&self, pulse: &Pulse, now: Timestamp) -> bool {
        self.heartbeat
            .is_some_and(|interval| now > after(pulse.last_beat, interval))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::SimulatedClock;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_missed_beat_is_not_forgiven() {
        let (clock, stop) = (SimulatedClock::default(), Stop::new());
        let control = TaskControl::new(&clock, &stop, None, Some(5 * SECOND), &|_, _| {});
        clock.advance(5 * SECOND);
        assert!(!control.is_cancelled());
        control.heartbeat();
        clock.advance(6 * SECOND);
        assert_eq!(control.overdue(), Some(HEARTBEAT_TIMEOUT));
        control.heartbeat();
        assert_eq!(control.overdue(), Some(HEARTBEAT_TIMEOUT));
    }

    #[test]
    fn the_deadline_counts_down() {
        let (clock, stop) = (SimulatedClock::default(), Stop::new());
        let deadline = after(clock.now(), 10 * SECOND);
        let control = TaskControl::new(&clock, &stop, Some(deadline), None, &|_, _| {});
        clock.advance(4 * SECOND);
        assert_eq!(control.remaining(), Some(6 * SECOND));
        clock.advance(7 * SECOND);
        assert_eq!(
            (control.remaining(), control.overdue()),
            (Some(Duration::ZERO), Some(TIMEOUT))
        );
    }

    #[test]
    fn a_stop_cancels_and_progress_is_reported() {
        let (clock, stop) = (SimulatedClock::default(), Stop::new());
        let seen = Mutex::new(Vec::new());
        let report = |fraction: Option<f64>, text: &str| {
            seen.lock().unwrap().push((fraction, text.to_owned()))
        };
        let control = TaskControl::new(&clock, &stop, None, None, &report);
        control.progress(0.5, "half");
        control.progress(None, "somewhere");
        stop.request();
        assert!(control.is_cancelled() && control.overdue().is_none());
        let expected = [
            (Some(0.5), "half".to_owned()),
            (None, "somewhere".to_owned()),
        ];
        assert_eq!(*seen.lock().unwrap(), expected);
    }
}
