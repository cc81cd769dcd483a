//! Two candidates compared on the same rows.

use millrace_contract::spec::{Scoring, Task};
use millrace_measures::{Classes, explained, named, r2};

use crate::error::TrainingError;

/// The squared error of every validation row as a share of the target's variance there, so that
/// R2 is 1 less their mean; of classes the log loss as a share of that of the classes' shares.
pub(crate) type RowErrors = Vec<f32>;

/// By how much one candidate's R2 is below another's on the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Behind {
    pub(crate) difference: f64,
    /// The standard error of the difference, from its spread over the rows.
    pub(crate) standard_error: f64,
}

/// A difference counts only beyond so many standard errors.
const STANDARD_ERRORS: f64 = 3.0;
/// An advantage in R2 below this is not worth a run.
const NOT_WORTH_A_RUN: f64 = 0.0005;

impl Behind {
    pub(crate) fn of(candidate: &[f32], other: &[f32]) -> Behind {
        let count = candidate.len().min(other.len()) as f64;
        let differences = || {
            let pairs = candidate.iter().zip(other);
            pairs.map(|(a, b)| f64::from(*a) - f64::from(*b))
        };
        let difference = differences().sum::<f64>() / count;
        let squares: f64 = differences().map(|d| (d - difference).powi(2)).sum();
        Behind {
            difference,
            standard_error: (squares / count).sqrt() / count.sqrt(),
        }
    }

    /// Whether the candidate, at the very best, is not ahead by anything worth a run.
    pub(crate) fn is_sure(&self, patience: f64) -> bool {
        self.difference + NOT_WORTH_A_RUN > self.margin(patience) && self.difference > 0.0
    }

    /// Whether the difference is larger than its own standard error: the other is ahead, most likely.
    pub(crate) fn is_more_than_chance(&self) -> bool {
        self.difference > self.standard_error
    }

    /// How much of the difference may be chance.
    pub(crate) fn margin(&self, patience: f64) -> f64 {
        STANDARD_ERRORS * patience * self.standard_error
    }
}

/// The score of some predictions, and their errors row by row. A score that is no mean over rows stands beside the log
/// loss of the rows.
pub(crate) fn judge(
    scoring: Scoring,
    truth: &[f64],
    predictions: &[f32],
) -> Result<(f64, RowErrors), TrainingError> {
    if scoring == Scoring::R2 {
        return Ok((r2(truth, predictions), row_errors(truth, predictions)));
    }
    let found = explained(Task::Binary, truth, predictions);
    let errors = found.losses.into_iter().map(|loss| loss as f32).collect();
    let score = match scoring {
        Scoring::R2 | Scoring::LogLoss => found.score,
        Scoring::AucRoc | Scoring::AucPr => of_order(scoring, truth, predictions)?,
    };
    Ok((score, errors))
}

/// A measure that looks at the order of rows; NaN where it has no value.
fn of_order(scoring: Scoring, truth: &[f64], predictions: &[f32]) -> Result<f64, TrainingError> {
    let truth: Vec<u32> = truth.iter().map(|y| u32::from(*y > 0.5)).collect();
    let predictions: Vec<f64> = predictions.iter().map(|p| f64::from(*p)).collect();
    let classes = Classes::binary(&truth, &predictions, 0.5)?;
    let measure = named(scoring.name());
    let value = measure.and_then(|measure| measure.value(classes).ok());
    Ok(value.unwrap_or(f64::NAN))
}

/// The errors of some predictions, row by row.
pub(crate) fn row_errors(truth: &[f64], predictions: &[f32]) -> RowErrors {
    let unit = unit(truth);
    truth
        .iter()
        .zip(predictions)
        .map(|(y, p)| ((y - f64::from(*p)).powi(2) / unit) as f32)
        .collect()
}

fn unit(truth: &[f64]) -> f64 {
    let count = truth.len() as f64;
    let mean = truth.iter().sum::<f64>() / count;
    let variance = truth.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / count;
    if variance > 0.0 { variance } else { 1.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_steady_lag_is_sure_and_a_shaky_one_is_not() {
        let leader = vec![0.2f32; 1000];
        let steady: Vec<f32> = (0..1000).map(|i| 0.21 + (i % 3) as f32 * 0.001).collect();
        let shaky: Vec<f32> = (0..1000)
            .map(|i| if i % 2 == 0 { 0.0 } else { 0.41 })
            .collect();
        assert!(Behind::of(&steady, &leader).is_sure(1.0));
        assert!(!Behind::of(&shaky, &leader).is_sure(1.0));
        assert!(!Behind::of(&leader, &steady).is_sure(1.0));
        assert!(!Behind::of(&leader, &leader).is_sure(1.0));
    }

    #[test]
    fn errors_add_up_to_what_is_unexplained() {
        let truth = [0.1, 0.5, 0.9, 0.3];
        let predictions = [0.2f32, 0.4, 0.7, 0.35];
        let errors = row_errors(&truth, &predictions);
        let mean = errors.iter().map(|e| f64::from(*e)).sum::<f64>() / 4.0;
        assert!((1.0 - mean - crate::evaluate::r2(&truth, &predictions)).abs() < 1e-6);
    }
}
