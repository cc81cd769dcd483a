//! The name and the time of a run that begins now.

use jiff::Timestamp;
use millrace_contract::RunId;
use millrace_contract::stages::{OtherClock, Run};

use crate::arguments::RunOptions;
use crate::failure::Failure;

/// The run that was asked for. Without a name it gets one from its time and `kind`.
pub fn named(options: &RunOptions, kind: &str) -> Result<Run, Failure> {
    let started_at = options.at.unwrap_or_else(now);
    if !options.allow_other_clock {
        OtherClock::check(started_at, now())?;
    }
    let run_id = match &options.run_id {
        Some(run_id) => run_id.clone(),
        // Thousandths of now, so that two runs of one second are two runs.
        None => RunId::new(format!(
            "{}{:03}-{kind}",
            started_at.strftime("%Y%m%dT%H%M%S"),
            Timestamp::now().subsec_millisecond()
        ))?,
    };
    Ok(Run { run_id, started_at })
}

/// This second: finer times would say more than anyone asks.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
