//! The time of a run, against the clock of the machine that it begins on.

use jiff::{SignedDuration, Timestamp};

use crate::NamedError;

/// Scores of a run that is dated far ahead would stay the latest until then, and age is measured at the run's time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the run would be dated {started_at}, and the clock says {now}: leave the time (--at) out, or say that another clock is meant (--allow-other-clock; in a machine's input `allow_other_clock`)"
)]
pub struct OtherClock {
    pub started_at: Timestamp,
    pub now: Timestamp,
}

impl NamedError for OtherClock {
    fn name(&self) -> &str {
        "OtherClock"
    }
}

impl OtherClock {
    /// A run's time lies within a day of the clock, on either side.
    pub fn check(started_at: Timestamp, now: Timestamp) -> Result<(), OtherClock> {
        if started_at.duration_since(now).abs() <= SignedDuration::from_hours(24) {
            return Ok(());
        }
        Err(OtherClock { started_at, now })
    }
}
