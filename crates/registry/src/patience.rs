//! How long the registry tries: waits with jitter, so that many writers do not march in step.

use std::time::Duration;

use millrace_store::StoreError;

use crate::error::RegistryError;

/// Repetitions of single calls that the store could not answer. Each is safe to repeat.
const CALL_ATTEMPTS: u32 = 5;

/// How often a change is tried, and how long is waited between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    pub attempts: u32,
    pub first_wait: Duration,
    pub longest_wait: Duration,
}

impl Default for Patience {
    /// Gives up after some 12 seconds: long enough for a crowd of writers on S3.
    fn default() -> Self {
        Patience {
            attempts: 60,
            first_wait: Duration::from_millis(5),
            longest_wait: Duration::from_millis(400),
        }
    }
}

impl Patience {
    /// For tests with injected faults, where nothing is gained by waiting.
    pub fn short() -> Self {
        Patience {
            attempts: 60,
            first_wait: Duration::from_micros(10),
            longest_wait: Duration::from_micros(200),
        }
    }

    /// Waits a random time: up to twice as long after each attempt, within the longest.
    pub(crate) fn pause(&self, attempt: u32) {
        let doubled = self.first_wait.saturating_mul(1 << attempt.min(16));
        let longest = doubled.min(self.longest_wait);
        std::thread::sleep(longest.mul_f64(rand::random::<f64>()));
    }

    /// Repeats a call that is safe to repeat while the store cannot be reached.
    pub(crate) fn call<T>(
        &self,
        act: impl Fn() -> Result<T, StoreError>,
    ) -> Result<T, RegistryError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match act() {
                Err(error) if error.is_transient() && attempt < CALL_ATTEMPTS => {
                    self.pause(attempt);
                }
                result => return Ok(result?),
            }
        }
    }
}
