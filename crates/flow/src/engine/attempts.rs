//! Retry and Catch, for the states that have them: Task, Parallel and Map.

use super::visit::{Done, Visit};
use crate::asl::{Catcher, Exit};
use crate::failure::{Failure, Halt};
use crate::history::EventKind;
use crate::retry::{Jitter, Retrier, RetryPlan};
use serde_json::Value;
use std::time::Duration;

/// The parts of a state that say what happens after an attempt.
pub(super) struct Policy<'state> {
    pub retry: &'state [Retrier],
    pub catch: &'state [Catcher],
    pub exit: &'state Exit,
}

impl Visit<'_> {
    /// Attempts until one succeeds, or until a failure is final; `attempt` is told how many retries there
    /// were. Output and Assign belong to the attempt: an error in them can be retried and caught too.
    pub fn attempts(
        &self,
        policy: &Policy<'_>,
        attempt: impl Fn(u32) -> Result<Value, Halt>,
    ) -> Result<Done, Halt> {
        let mut plan = RetryPlan::new(policy.retry, self.jitter());
        let mut retries = 0;
        loop {
            let failure = match attempt(retries)
                .and_then(|result| self.leave_with(policy.exit, retries, result))
            {
                Ok(done) => return Ok(done),
                Err(Halt::Failed(failure)) => failure,
                Err(halt) => return Err(halt),
            };
            self.run.check(self.scope)?;
            let Some(delay) = plan.next_delay(&failure) else {
                return self.catch(policy.catch, retries, failure);
            };
            retries += 1;
            self.record_retry(retries, delay, failure);
            self.run.sleep(delay, self.scope)?;
        }
    }

    fn leave_with(&self, exit: &Exit, retries: u32, result: Value) -> Result<Done, Halt> {
        self.check_size("the result", &result)?;
        let states = self.states(retries).with_result(&result);
        self.leave(exit, &states, result)
    }

    fn catch(&self, catchers: &[Catcher], retries: u32, failure: Failure) -> Result<Done, Halt> {
        let Some(catcher) = catchers
            .iter()
            .find(|catcher| catcher.errors.matches(&failure))
        else {
            return Err(Halt::Failed(failure));
        };
        let states = self.states(retries).with_error(&failure);
        let done = self.leave(&catcher.exit, &states, failure.output())?;
        let crate::asl::Transition::Next(next) = &done.next else {
            return Ok(done);
        };
        self.run.record(
            self.scope,
            EventKind::ErrorCaught {
                state: self.state.name.clone(),
                error: failure.error,
                cause: failure.cause,
                next: next.clone(),
            },
        );
        Ok(done)
    }

    fn record_retry(&self, retry: u32, delay: Duration, failure: Failure) {
        self.run.record(
            self.scope,
            EventKind::RetryScheduled {
                state: self.state.name.clone(),
                retry,
                delay_seconds: delay.as_secs_f64(),
                error: failure.error,
                cause: failure.cause,
            },
        );
    }

    fn jitter(&self) -> Jitter {
        let seed = self
            .run
            .machine
            .settings
            .seed
            .map(|seed| seed.to_string())
            .unwrap_or_default();
        let place: Vec<String> = self.scope.steps.iter().map(ToString::to_string).collect();
        Jitter::new(&[
            &seed,
            self.run.name,
            &place.join("/"),
            &self.state.name,
            &self.entered.to_string(),
        ])
    }
}
