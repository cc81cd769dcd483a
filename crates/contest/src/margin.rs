//! By how much one is better than another on the same rows, and how sure that is.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The level of the interval, on each side.
const SIDE: f64 = 0.975;

/// How much better the first is: positive is better, whatever the measure's direction. The interval covers 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Margin {
    /// By what each row cost both: what makes a row hard for both cancels out. None for fewer than two rows.
    pub fn of_losses(first: &[f64], second: &[f64]) -> Option<Margin> {
        let gained: Vec<f64> = second
            .iter()
            .zip(first)
            .map(|(second, first)| second - first)
            .collect();
        let count = gained.len() as f64;
        around(&gained, 1.0 / count, count - 1.0)
    }

    /// By the values of both on each fold, the better being higher. Folds share most of their training rows, so they vary
    /// less than new tables would: the variance is widened as Nadeau and Bengio do.
    pub fn of_folds(first: &[f64], second: &[f64]) -> Option<Margin> {
        let gained: Vec<f64> = first
            .iter()
            .zip(second)
            .map(|(first, second)| first - second)
            .collect();
        let folds = gained.len() as f64;
        around(&gained, 1.0 / folds + 1.0 / (folds - 1.0), folds - 1.0)
    }

    /// Whether the whole interval is on the better side.
    pub fn is_beyond_chance(&self) -> bool {
        self.low > 0.0
    }
}

/// Student's interval around the mean, whose variance is so many times that of the values.
fn around(values: &[f64], widened: f64, freedom: f64) -> Option<Margin> {
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    let quantile = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(SIDE);
    let reach = quantile * (squares / freedom * widened).sqrt();
    let margin = Margin {
        value: mean,
        low: mean - reach,
        high: mean + reach,
    };
    (margin.low.is_finite() && margin.high.is_finite()).then_some(margin)
}
