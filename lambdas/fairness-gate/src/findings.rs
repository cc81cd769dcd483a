//! A value held against its limit.

use millrace_measures::{Direction, Measure};
use millrace_registry::{Finding, Outcome};

/// A measure's value, by the measure's own direction.
pub fn within(measure: &Measure, value: f64, limit: f64) -> Finding {
    match measure.direction {
        Direction::HigherIsBetter => at_least(measure.name, value, limit),
        Direction::LowerIsBetter => at_most(measure.name, value, limit),
    }
}

pub fn at_least(subject: &str, value: f64, limit: f64) -> Finding {
    finding(subject, value, limit, value >= limit, "at least")
}

pub fn at_most(subject: &str, value: f64, limit: f64) -> Finding {
    finding(subject, value, limit, value <= limit, "at most")
}

/// NaN fails every limit.
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
