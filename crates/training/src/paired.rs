//! Two candidates compared on the same rows.

use millrace_contract::spec::Task;
use millrace_measures::{explained, r2};

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

/// The score of some predictions, and their errors row by row, by the task's own loss.
pub(crate) fn judge(task: Task, truth: &[f64], predictions: &[f32]) -> (f64, RowErrors) {
    match task {
        Task::Regression => (r2(truth, predictions), row_errors(truth, predictions)),
        Task::Binary | Task::Multiclass => {
            let found = explained(task, truth, predictions);
            let errors = found.losses.into_iter().map(|loss| loss as f32);
            (found.score, errors.collect())
        }
    }
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
