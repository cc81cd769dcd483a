//! How good predictions are: scikit-learn's R2, RMSE and MAE, over all rows and per tier.

use millrace_contract::PostProcess;
use millrace_contract::metadata::{Metrics, TargetSummary, TierMetrics};
use millrace_contract::spec::{Scores, Tiers};

use crate::error::TrainingError;

/// Judges predictions on rows that were not learned from. The errors are those of the raw
/// predictions; tiers are those that would be written.
pub fn evaluate(
    truth: &[f64],
    predictions: &[f32],
    scores: &Scores,
    target: &TargetSummary,
) -> Result<Metrics, TrainingError> {
    if truth.len() != predictions.len() {
        return Err(TrainingError::LengthMismatch {
            rows: truth.len(),
            targets: predictions.len(),
        });
    }
    if let Some(row) = predictions.iter().position(|p| !p.is_finite()) {
        return Err(TrainingError::ScoreNotFinite { row });
    }
    let errors = Errors::of(truth.iter().zip(predictions));
    Ok(Metrics {
        r2: r2(truth, predictions),
        rmse: errors.rmse().unwrap_or(f64::NAN),
        mae: errors.mae().unwrap_or(f64::NAN),
        tiers: match &scores.tiers {
            None => Vec::new(),
            Some(tiers) => per_tier(truth, predictions, scores, tiers, target)?,
        },
    })
}

/// The share of the variance that is explained: 1 is perfect, 0 is no better than the mean.
pub fn r2(truth: &[f64], predictions: &[f32]) -> f64 {
    let mean = truth.iter().sum::<f64>() / truth.len() as f64;
    let around_mean: f64 = truth.iter().map(|y| (y - mean) * (y - mean)).sum();
    let left: f64 = truth
        .iter()
        .zip(predictions)
        .map(|(y, p)| (y - f64::from(*p)) * (y - f64::from(*p)))
        .sum();
    match (around_mean == 0.0, left == 0.0) {
        (true, true) => 1.0,
        (true, false) => 0.0,
        _ => 1.0 - left / around_mean,
    }
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

#[derive(Debug, Clone, Copy, Default)]
struct Errors {
    rows: u64,
    squared: f64,
    absolute: f64,
}

impl Errors {
    fn of<'a>(pairs: impl Iterator<Item = (&'a f64, &'a f32)>) -> Errors {
        let mut errors = Errors::default();
        for (truth, prediction) in pairs {
            errors.add(*truth, *prediction);
        }
        errors
    }

    fn add(&mut self, truth: f64, prediction: f32) {
        let error = truth - f64::from(prediction);
        self.rows += 1;
        self.squared += error * error;
        self.absolute += error.abs();
    }

    fn rmse(&self) -> Option<f64> {
        (self.rows > 0).then(|| (self.squared / self.rows as f64).sqrt())
    }

    fn mae(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.absolute / self.rows as f64)
    }
}

fn per_tier(
    truth: &[f64],
    predictions: &[f32],
    scores: &Scores,
    tiers: &Tiers,
    target: &TargetSummary,
) -> Result<Vec<TierMetrics>, TrainingError> {
    let post = PostProcess::new(scores, target.mean, target.deviation);
    let count = tiers.labels.len();
    let mut errors = vec![Errors::default(); count];
    let mut predicted = vec![0u64; count];
    let mut hits = vec![0u64; count];
    for (row, (truth, prediction)) in truth.iter().zip(predictions).enumerate() {
        let inside = scores
            .range
            .map_or(*truth, |[low, high]| truth.clamp(low, high));
        let processed = post
            .process(*prediction)
            .map_err(|_| TrainingError::ScoreNotFinite { row })?;
        let of_truth = tiers.index(inside).min(count.saturating_sub(1));
        let of_prediction = processed
            .tier
            .unwrap_or(of_truth)
            .min(count.saturating_sub(1));
        errors[of_truth].add(*truth, *prediction);
        predicted[of_prediction] += 1;
        hits[of_truth] += u64::from(of_truth == of_prediction);
    }
    let tier = |(index, label): (usize, &String)| TierMetrics {
        label: label.clone(),
        rows: errors[index].rows,
        predicted: predicted[index],
        recall: (errors[index].rows > 0).then(|| hits[index] as f64 / errors[index].rows as f64),
        rmse: errors[index].rmse(),
        mae: errors[index].mae(),
    };
    Ok(tiers.labels.iter().enumerate().map(tier).collect())
}
