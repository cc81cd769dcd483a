//! Measures of predicted numbers.

use crate::error::NoValue;
use crate::rows::Rows;

/// R2 of as many predictions as truths. Of a truth that never varies it is 1 when every prediction is
/// exact and else 0, as scikit-learn has it; of what is not finite it is NaN.
pub fn r2(truth: &[f64], predictions: &[f32]) -> f64 {
    let mean = truth.iter().sum::<f64>() / truth.len() as f64;
    let around_mean: f64 = truth.iter().map(|y| (y - mean) * (y - mean)).sum();
    let left: f64 = truth
        .iter()
        .zip(predictions)
        .map(|(y, p)| squared(*y, f64::from(*p)))
        .sum();
    explained(left, around_mean)
}

fn explained(left: f64, around_mean: f64) -> f64 {
    if around_mean == 0.0 && left.is_finite() {
        return if left == 0.0 { 1.0 } else { 0.0 };
    }
    let explained = 1.0 - left / around_mean;
    if explained.is_finite() {
        explained
    } else {
        f64::NAN
    }
}

pub(crate) fn r2_of(rows: Rows<'_>) -> f64 {
    let Some(weights) = rows.weights() else {
        return r2(rows.truth(), rows.predictions());
    };
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        let pairs = rows.pairs().zip(weights);
        pairs.map(|((y, p), weight)| weight * of(y, p)).sum()
    };
    let mean = sum(&|y, _| y) / weights.iter().sum::<f64>();
    explained(sum(&squared), sum(&|y, _| (y - mean) * (y - mean)))
}

pub(crate) fn squared(truth: f64, prediction: f64) -> f64 {
    (truth - prediction) * (truth - prediction)
}

pub(crate) fn absolute(truth: f64, prediction: f64) -> f64 {
    (truth - prediction).abs()
}

/// The squared difference of the logarithms of both, each plus 1.
pub(crate) fn squared_log(truth: f64, prediction: f64) -> f64 {
    squared(truth.ln_1p(), prediction.ln_1p())
}

/// The error as a share of the truth, which counts as no less than the smallest step of `f64` around 1.
pub(crate) fn relative(truth: f64, prediction: f64) -> f64 {
    absolute(truth, prediction) / truth.abs().max(f64::EPSILON)
}

/// The loss whose best constant is the quantile at `PERCENT`.
pub(crate) fn pinball<const PERCENT: u32>(truth: f64, prediction: f64) -> f64 {
    let level = f64::from(PERCENT) / 100.0;
    let short = truth - prediction;
    if short >= 0.0 {
        level * short
    } else {
        (level - 1.0) * short
    }
}

pub(crate) fn mean(rows: Rows<'_>, loss: fn(f64, f64) -> f64) -> f64 {
    let Some(weights) = rows.weights() else {
        let sum: f64 = rows.pairs().map(|(y, p)| loss(y, p)).sum();
        return sum / rows.count() as f64;
    };
    let pairs = rows.pairs().zip(weights);
    let sum: f64 = pairs.map(|((y, p), weight)| weight * loss(y, p)).sum();
    sum / weights.iter().sum::<f64>()
}

pub(crate) fn rmsle(rows: Rows<'_>) -> Result<f64, NoValue> {
    if rows.pairs().any(|(y, p)| y <= -1.0 || p <= -1.0) {
        return Err(NoValue::BelowMinusOne);
    }
    Ok(mean(rows, squared_log).sqrt())
}
