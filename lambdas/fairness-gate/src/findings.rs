//! A value held against its limit.

use millrace_registry::{Finding, Outcome};

pub fn at_least(subject: &str, value: f64, limit: f64) -> Finding {
    finding(subject, value, limit, value >= limit, "at least")
}

pub fn at_most(subject: &str, value: f64, limit: f64) -> Finding {
    finding(subject, value, limit, value <= limit, "at most")
}

/// A value that is no number keeps no limit.
fn finding(subject: &str, value: f64, limit: f64, holds: bool, words: &str) -> Finding {
    let digits = if limit.abs() >= 100.0 { 0 } else { 4 };
    Finding {
        subject: subject.to_owned(),
        outcome: outcome(holds),
        value: Some(value),
        limit: Some(limit),
        detail: format!("{value:.digits$}, {words} {limit:.digits$} is wanted"),
    }
}

pub fn outcome(holds: bool) -> Outcome {
    if holds { Outcome::Pass } else { Outcome::Fail }
}
