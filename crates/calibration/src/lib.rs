//! From what a classifier says to probabilities that come true, and from these to a yes or a no.
//!
//! Both are fitted on out-of-fold predictions, of rows that the model has not learned from, and never on the rows that are
//! held out. [`calibrated`] chooses between isotonic regression, Platt's logistic curve and nothing by the
//! Brier score over folds; [`threshold`] finds where a yes begins, by the policy of the spec.

mod choice;
mod isotonic;
mod platt;
mod threshold;

pub use choice::{Calibrated, calibrated};
pub use threshold::threshold;

/// Why there is no calibration or no threshold.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    #[error("LengthMismatch: {rows} rows have {targets} classes")]
    LengthMismatch { rows: usize, targets: usize },
    #[error(
        "OneClass: all {rows} out-of-fold rows are of one class: nothing can be told apart; give data with both"
    )]
    OneClass { rows: usize },
    #[error(
        "ThresholdUnreachable: no threshold does what `scores.label.threshold` asks for: {detail}"
    )]
    ThresholdUnreachable { detail: String },
}

impl CalibrationError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LengthMismatch { .. } => "LengthMismatch",
            Self::OneClass { .. } => "OneClass",
            Self::ThresholdUnreachable { .. } => "ThresholdUnreachable",
        }
    }
}

/// Refuses rows by which nothing can be fitted.
fn check(truth: &[bool], predictions: &[f64]) -> Result<(), CalibrationError> {
    let (rows, targets) = (predictions.len(), truth.len());
    if rows != targets {
        return Err(CalibrationError::LengthMismatch { rows, targets });
    }
    match truth.iter().any(|yes| *yes) && truth.iter().any(|yes| !*yes) {
        true => Ok(()),
        false => Err(CalibrationError::OneClass { rows }),
    }
}
