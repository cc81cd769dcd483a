//! Retry and Catch.

use super::fields::{Fields, Place};
use super::load::Loader;
use super::machine::{Catcher, Exit, Transition};
use crate::error::LoadError;
use crate::expression::Reach;
use crate::failure::ErrorNames;
use crate::retry::Retrier;
use serde::Deserialize;
use serde_json::Value;

/// The bounds of AWS.
const LONGEST_DELAY_SECONDS: u64 = 31_622_400;
const MOST_ATTEMPTS: u64 = 99_999_999;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RetrierFields {
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    error_equals: Vec<String>,
    #[serde(default = "one")]
    interval_seconds: u64,
    #[serde(default = "two")]
    backoff_rate: f64,
    #[serde(default = "three")]
    max_attempts: u64,
    max_delay_seconds: Option<u64>,
    #[serde(default)]
    jitter_strategy: JitterStrategy,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum JitterStrategy {
    Full,
    #[default]
    None,
}

fn one() -> u64 {
    1
}

fn two() -> f64 {
    2.0
}

fn three() -> u64 {
    3
}

pub(super) fn retriers(fields: &mut Fields) -> Result<Vec<Retrier>, LoadError> {
    let entries: Vec<Value> = fields.take("Retry")?.unwrap_or_default();
    let count = entries.len();
    let parse = |(index, entry)| {
        let place = fields.place().inside(&format!("Retry[{index}]"));
        retrier(entry, &place, index + 1 == count)
    };
    entries.into_iter().enumerate().map(parse).collect()
}

fn retrier(entry: Value, place: &Place, last: bool) -> Result<Retrier, LoadError> {
    let fields: RetrierFields =
        serde_json::from_value(entry).map_err(|error| place.error("", error.to_string()))?;
    let errors = ErrorNames::parse(fields.error_equals, last)
        .map_err(|problem| place.error("ErrorEquals", problem))?;
    if fields.interval_seconds == 0 || fields.interval_seconds > MOST_ATTEMPTS {
        return Err(place.error(
            "IntervalSeconds",
            format!("must be between 1 and {MOST_ATTEMPTS}"),
        ));
    }
    if !fields.backoff_rate.is_finite() || fields.backoff_rate < 1.0 {
        return Err(place.error("BackoffRate", "must be at least 1.0"));
    }
    if fields.max_attempts > MOST_ATTEMPTS {
        return Err(place.error("MaxAttempts", format!("must be at most {MOST_ATTEMPTS}")));
    }
    let longest_is_wrong =
        |longest: u64| longest <= fields.interval_seconds || longest >= LONGEST_DELAY_SECONDS;
    if fields.max_delay_seconds.is_some_and(longest_is_wrong) {
        let problem =
            format!("must be more than IntervalSeconds and less than {LONGEST_DELAY_SECONDS}");
        return Err(place.error("MaxDelaySeconds", problem));
    }
    Ok(Retrier {
        errors,
        interval_seconds: fields.interval_seconds,
        maximum_attempts: fields.max_attempts,
        backoff_rate: fields.backoff_rate,
        maximum_delay_seconds: fields.max_delay_seconds,
        full_jitter: fields.jitter_strategy == JitterStrategy::Full,
    })
}

pub(super) fn catchers(
    fields: &mut Fields,
    loader: &mut Loader,
) -> Result<Vec<Catcher>, LoadError> {
    let entries: Vec<Value> = fields.take("Catch")?.unwrap_or_default();
    let count = entries.len();
    let mut catchers = Vec::with_capacity(count);
    for (index, entry) in entries.into_iter().enumerate() {
        let mut inner = Fields::new(entry, fields.place().inside(&format!("Catch[{index}]")))?;
        inner.take_comment()?;
        let names = inner.require("ErrorEquals")?;
        let errors = ErrorNames::parse(names, index + 1 == count)
            .map_err(|problem| inner.error("ErrorEquals", problem))?;
        let exit = Exit {
            output: inner.take_template("Output", Reach::ErrorOutput)?,
            assign: loader.assign(&mut inner, Reach::ErrorOutput)?,
            next: Transition::Next(inner.require("Next")?),
        };
        fields.reads.append(&mut inner.finish()?);
        catchers.push(Catcher { errors, exit });
    }
    Ok(catchers)
}
