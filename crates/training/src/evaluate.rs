//! How good predictions are on rows that were not learned from, and what is known of the target.

use millrace_contract::metadata::{Metrics, TargetSummary};
use millrace_measures::{Rows, Wanted, measured};

use crate::error::TrainingError;

pub use millrace_measures::r2;

/// Judges predictions on rows that were not learned from. A model that gives a score that is no finite
/// number is refused.
pub fn evaluate(
    truth: &[f64],
    predictions: &[f32],
    wanted: &Wanted<'_>,
) -> Result<Metrics, TrainingError> {
    let rows = Rows::new(truth, predictions)?;
    if let Some(row) = predictions.iter().position(|p| !p.is_finite()) {
        return Err(TrainingError::ScoreNotFinite { row });
    }
    Ok(measured(wanted, rows)?)
}

/// The mean, spread and ends of a target.
pub fn summarize_target(column: &str, target: &[f64]) -> TargetSummary {
    let count = target.len() as f64;
    let mean = target.iter().sum::<f64>() / count;
    let squares: f64 = target.iter().map(|y| (y - mean) * (y - mean)).sum();
    TargetSummary {
        column: column.to_owned(),
        mean,
        deviation: (squares / count).sqrt(),
        minimum: target.iter().copied().fold(f64::INFINITY, f64::min),
        maximum: target.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}
