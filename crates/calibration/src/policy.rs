//! What a threshold is chosen for.

use serde::{Deserialize, Serialize};

use crate::error::CalibrationError;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Policy {
    /// The highest F1.
    F1,
    /// The best precision among thresholds that find at least this share of the positives.
    RecallAtLeast(f64),
    /// The best recall among thresholds where at least this share of the predicted positives are positive.
    PrecisionAtLeast(f64),
    /// The least sum of what mistakes cost.
    Cost {
        false_positive: f64,
        false_negative: f64,
    },
    /// So many rows, those with the highest probabilities.
    Best(usize),
}

impl Policy {
    pub(crate) fn check(&self, rows: usize) -> Result<(), CalibrationError> {
        let invalid = |detail: String| Err(CalibrationError::PolicyInvalid { detail });
        match *self {
            Self::RecallAtLeast(share) | Self::PrecisionAtLeast(share)
                if !(share > 0.0 && share <= 1.0) =>
            {
                invalid(format!(
                    "a share of {share} is asked for: it must be above 0 and at most 1"
                ))
            }
            Self::Cost {
                false_positive,
                false_negative,
            } if !(sound(false_positive) && sound(false_negative)) => invalid(format!(
                "mistakes cost {false_positive} and {false_negative}: both must be positive and finite"
            )),
            Self::Best(0) => {
                invalid("the best 0 rows are asked for: ask for one or more".to_owned())
            }
            Self::Best(wanted) if wanted > rows => Err(CalibrationError::PolicyCannotBeMet {
                detail: format!(
                    "the best {wanted} rows are asked for, there are {rows}: ask for fewer"
                ),
            }),
            _ => Ok(()),
        }
    }
}

fn sound(cost: f64) -> bool {
    cost.is_finite() && cost > 0.0
}
