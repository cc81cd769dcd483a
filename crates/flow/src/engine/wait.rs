//! Wait: for so long, or until then.

use super::visit::{Done, Visit};
use crate::asl::{Wait, WaitUntil};
use crate::clock::until;
use crate::failure::Halt;
use serde_json::Value;
use std::time::Duration;

impl Visit<'_> {
    pub fn wait(&self, wait: &Wait) -> Result<Done, Halt> {
        let states = self.states(0);
        let duration = match &wait.until {
            WaitUntil::Seconds(given) => {
                let seconds = self.resolve(
                    "Seconds",
                    given,
                    &states,
                    allowed_seconds,
                    "a whole number between 0 and 99999999",
                )?;
                Duration::from_secs(seconds)
            }
            WaitUntil::Timestamp(given) => {
                let time = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
                let then = self.resolve(
                    "Timestamp",
                    given,
                    &states,
                    time,
                    "a time such as 2026-03-01T12:00:00Z",
                )?;
                until(self.run.clock.now(), then)
            }
        };
        if !duration.is_zero() {
            self.run.sleep(duration, self.scope)?;
        }
        self.leave(&wait.exit, &states, self.input.clone())
    }
}

fn allowed_seconds(value: &Value) -> Option<u64> {
    value.as_u64().filter(|seconds| *seconds <= 99_999_999)
}
