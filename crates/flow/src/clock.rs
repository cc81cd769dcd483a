//! Time and waiting, so that a test of a machine that waits for a day takes a moment.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where an execution gets its time from, and how it waits.
pub trait Clock: Sync {
    fn now(&self) -> Timestamp;

    /// Waits, and returns early once `interrupted` says so.
    fn sleep(&self, duration: Duration, interrupted: &dyn Fn() -> bool);
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration, interrupted: &dyn Fn() -> bool) {
        const SLICE: Duration = Duration::from_millis(50);
        let started = Instant::now();
        while !interrupted() {
            let Some(remaining) = duration
                .checked_sub(started.elapsed())
                .filter(|left| !left.is_zero())
            else {
                return;
            };
            std::thread::sleep(remaining.min(SLICE));
        }
    }
}

/// A clock that stands still until somebody sleeps: then it jumps ahead, and remembers by how much.
#[derive(Debug)]
pub struct SimulatedClock {
    inner: Mutex<Simulated>,
}

#[derive(Debug)]
struct Simulated {
    now: Timestamp,
    slept: Vec<Duration>,
}

impl SimulatedClock {
    pub fn starting_at(now: Timestamp) -> Self {
        Self {
            inner: Mutex::new(Simulated {
                now,
                slept: Vec::new(),
            }),
        }
    }

    /// Moves the clock without counting it as a sleep: what a task does that takes time.
    pub fn advance(&self, duration: Duration) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.now = after(inner.now, duration);
    }

    /// Every sleep so far, in order.
    pub fn slept(&self) -> Vec<Duration> {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .slept
            .clone()
    }
}

impl Default for SimulatedClock {
    fn default() -> Self {
        Self::starting_at(Timestamp::UNIX_EPOCH)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .now
    }

    fn sleep(&self, duration: Duration, _interrupted: &dyn Fn() -> bool) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.now = after(inner.now, duration);
        inner.slept.push(duration);
    }
}

/// `now` plus a duration, held at the end of time.
pub(crate) fn after(now: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| now.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

/// How long it is until `then`; zero when it has passed.
pub(crate) fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_sleep_takes_no_time() {
        let clock = SimulatedClock::default();
        clock.sleep(Duration::from_secs(86_400), &|| false);
        clock.advance(Duration::from_secs(1));
        assert_eq!(
            until(Timestamp::UNIX_EPOCH, clock.now()),
            Duration::from_secs(86_401)
        );
        assert_eq!(clock.slept(), [Duration::from_secs(86_400)]);
    }

    #[test]
    fn a_system_sleep_can_be_interrupted() {
        let started = Instant::now();
        SystemClock.sleep(Duration::from_secs(60), &|| true);
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn time_never_overflows() {
        assert_eq!(after(Timestamp::MAX, Duration::MAX), Timestamp::MAX);
        assert_eq!(until(Timestamp::MAX, Timestamp::MIN), Duration::ZERO);
    }
}
