//! How much of what knowing nothing would lose is gone: R2 for numbers, and the same of the log loss for classes.

use millrace_contract::spec::Task;

use crate::numbers::r2;

/// What a search compares: a score, and each row's part of it, so that the score is 1 less their mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    pub score: f64,
    pub losses: Vec<f64>,
    /// What each row would lose if only the mean truth were known, in the same unit.
    pub blind: Vec<f64>,
}

/// Scikit-learn's `r2_score` or `d2_log_loss_score`; true classes are 0 and 1, predictions are probabilities.
pub fn explained(task: Task, truth: &[f64], predictions: &[f32]) -> Explained {
    let count = truth.len() as f64;
    let mean = truth.iter().sum::<f64>() / count;
    let loss = |y: f64, p: f64| match task {
        Task::Regression => (y - p) * (y - p),
        Task::Binary | Task::Multiclass => log_loss(y, p),
    };
    let blind: Vec<f64> = truth.iter().map(|y| loss(*y, mean)).collect();
    let unit = blind.iter().sum::<f64>() / count;
    let unit = if unit > 0.0 { unit } else { 1.0 };
    let pairs = truth.iter().zip(predictions);
    let losses: Vec<f64> = pairs.map(|(y, p)| loss(*y, f64::from(*p)) / unit).collect();
    let score = match task {
        Task::Regression => r2(truth, predictions),
        Task::Binary | Task::Multiclass => 1.0 - losses.iter().sum::<f64>() / count,
    };
    Explained {
        score,
        losses,
        blind: blind.into_iter().map(|loss| loss / unit).collect(),
    }
}

/// Certainty that is wrong costs much, and not everything.
fn log_loss(truth: f64, probability: f64) -> f64 {
    let likely = if truth > 0.5 {
        probability
    } else {
        1.0 - probability
    };
    -likely.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_scored_as_scikit_learn_scores_them() {
        // d2_log_loss_score([0, 0, 1, 1], [.1, .4, .35, .8]) of scikit-learn 1.9.1: 0.3189351...
        let found = explained(Task::Binary, &[0.0, 0.0, 1.0, 1.0], &[0.1, 0.4, 0.35, 0.8]);
        let by_hand = 1.0
            - (0.1_f64.mul_add(-1.0, 1.0).ln() + 0.6_f64.ln() + 0.35_f64.ln() + 0.8_f64.ln())
                / (4.0 * 0.5_f64.ln());
        assert!(
            (found.score - by_hand).abs() < 1e-7,
            "{} {by_hand}",
            found.score
        );
        let mean = found.losses.iter().sum::<f64>() / 4.0;
        assert!((1.0 - mean - found.score).abs() < 1e-12);
        let blind = explained(Task::Binary, &[0.0, 1.0], &[0.5, 0.5]);
        assert!(blind.score.abs() < 1e-12);
    }

    #[test]
    fn numbers_are_scored_by_r2() {
        let (truth, predictions) = ([1.0, 2.0, 4.0], [1.5, 2.0, 3.0]);
        let found = explained(Task::Regression, &truth, &predictions);
        assert_eq!(found.score, r2(&truth, &predictions));
        let mean = found.losses.iter().sum::<f64>() / 3.0;
        assert!((1.0 - mean - found.score).abs() < 1e-12);
    }
}
