//! The steps of one column.

use serde::{Deserialize, Serialize};

use crate::StepError;

/// What stands for a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// Missing stays missing.
    None,
    Median,
    /// The value that occurs most often; of several the least.
    Mode,
}

/// Where far values are moved to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    None,
    /// So many interquartile ranges below the first and above the third quartile.
    Iqr(f64),
}

/// What a spec asks for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    pub fill: Fill,
    pub cap: Cap,
}

/// What was fitted to a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSteps {
    /// The least and the largest value that is let through.
    pub range: Option<[f64; 2]>,
    /// What a missing value becomes.
    pub fill: Option<f64>,
}

impl ColumnSteps {
    /// Fits to the values that are there; NaN is missing. What fills is within the caps.
    pub fn fit(column: &str, values: &[f64], wanted: Wanted) -> Result<ColumnSteps, StepError> {
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            return Err(StepError::ValueInfinite {
                row,
                column: column.to_owned(),
                value: values[row],
            });
        }
        let mut known: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| !value.is_nan())
            .collect();
        known.sort_unstable_by(f64::total_cmp);
        let range = match wanted.cap {
            Cap::None => None,
            Cap::Iqr(reach) if !(reach.is_finite() && reach > 0.0) => {
                return Err(StepError::CapInvalid {
                    column: column.to_owned(),
                    reach,
                });
            }
            Cap::Iqr(reach) => range_of(&known, reach),
        };
        if let Some([low, high]) = range {
            known
                .iter_mut()
                .for_each(|value| *value = value.clamp(low, high));
        }
        let fill = match wanted.fill {
            Fill::None => None,
            Fill::Median => Some(quantile(&known, 0.5)),
            Fill::Mode => Some(mode(&known)),
        };
        match fill {
            Some(None) => Err(StepError::NothingKnown {
                column: column.to_owned(),
            }),
            fill => Ok(ColumnSteps {
                range,
                fill: fill.flatten(),
            }),
        }
    }

    /// What a learner sees of a value.
    #[inline]
    pub fn apply(&self, value: f64) -> f64 {
        if value.is_nan() {
            return self.fill.unwrap_or(value);
        }
        match self.range {
            Some([low, high]) => value.clamp(low, high),
            None => value,
        }
    }
}

/// A column whose middle half is one value has no range to measure by: nothing is capped.
fn range_of(known: &[f64], reach: f64) -> Option<[f64; 2]> {
    let (first, third) = (quantile(known, 0.25)?, quantile(known, 0.75)?);
    let far = reach * (third - first);
    (far > 0.0).then_some([first - far, third + far])
}

/// By a straight line between neighbours, as numpy does.
fn quantile(known: &[f64], level: f64) -> Option<f64> {
    let place = level * known.len().checked_sub(1)? as f64;
    let (below, above) = (known[place.floor() as usize], known[place.ceil() as usize]);
    let part = place - place.floor();
    // From the nearer side: so the end itself is exact.
    Some(match part < 0.5 {
        true => below + (above - below) * part,
        false => above - (above - below) * (1.0 - part),
    })
}

fn mode(known: &[f64]) -> Option<f64> {
    let mut best: Option<(usize, f64)> = None;
    for same in known.chunk_by(|one, other| one == other) {
        if best.is_none_or(|(count, _)| same.len() > count) {
            best = Some((same.len(), same[0]));
        }
    }
    best.map(|(_, value)| value)
}
