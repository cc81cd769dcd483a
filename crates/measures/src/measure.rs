//! What a measure is, and the three that exist.

use crate::rows::Rows;

/// Which of two values is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
}

/// One number for all rows, and where it is a mean of something, that something for each row.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// As metadata, gates and tables call it.
    pub name: &'static str,
    /// As people read it.
    pub label: &'static str,
    pub direction: Direction,
    value: fn(Rows<'_>) -> f64,
    loss: Option<fn(f64, f64) -> f64>,
}

impl Measure {
    pub fn of(&self, rows: Rows<'_>) -> f64 {
        (self.value)(rows)
    }

    /// What a row with this truth and prediction contributes; none for a measure that is no mean over rows.
    pub fn loss(&self, truth: f64, prediction: f64) -> Option<f64> {
        self.loss.map(|loss| loss(truth, prediction))
    }

    /// Whether the value is at least as good as the limit. NaN is never good enough.
    pub fn keeps(&self, value: f64, limit: f64) -> bool {
        match self.direction {
            Direction::HigherIsBetter => value >= limit,
            Direction::LowerIsBetter => value <= limit,
        }
    }
}

/// The share of the variance that is explained: 1 is perfect, 0 is no better than the mean.
pub const R2: Measure = Measure {
    name: "r2",
    label: "R2",
    direction: Direction::HigherIsBetter,
    value: |rows| r2(rows.truth(), rows.predictions()),
    loss: Some(squared),
};

/// The root of the mean squared error.
pub const RMSE: Measure = Measure {
    name: "rmse",
    label: "RMSE",
    direction: Direction::LowerIsBetter,
    value: |rows| mean(rows, squared).sqrt(),
    loss: Some(squared),
};

/// The mean absolute error.
pub const MAE: Measure = Measure {
    name: "mae",
    label: "MAE",
    direction: Direction::LowerIsBetter,
    value: |rows| mean(rows, absolute),
    loss: Some(absolute),
};

/// Every measure, in the order in which it is shown.
pub const MEASURES: [Measure; 3] = [R2, RMSE, MAE];

/// The measure of that name.
pub fn named(name: &str) -> Option<Measure> {
    MEASURES.into_iter().find(|measure| measure.name == name)
}

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

fn squared(truth: f64, prediction: f64) -> f64 {
    (truth - prediction) * (truth - prediction)
}

fn absolute(truth: f64, prediction: f64) -> f64 {
    (truth - prediction).abs()
}

fn mean(rows: Rows<'_>, loss: fn(f64, f64) -> f64) -> f64 {
    let sum: f64 = rows.pairs().map(|(y, p)| loss(y, p)).sum();
    sum / rows.count() as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_measure_is_found_by_its_name_and_knows_what_is_better() {
        for measure in MEASURES {
            assert_eq!(named(measure.name).unwrap().label, measure.label);
            let higher = measure.direction == Direction::HigherIsBetter;
            assert_eq!(measure.keeps(0.9, 0.5), higher);
            assert_eq!(measure.keeps(0.1, 0.5), !higher);
            assert!(measure.keeps(0.5, 0.5) && !measure.keeps(f64::NAN, 0.5));
        }
        assert!(named("accuracy").is_none());
        assert_eq!(MAE.loss(1.0, 3.0), Some(2.0));
        assert_eq!(R2.loss(1.0, 3.0), Some(4.0));
    }

    #[test]
    fn what_is_not_finite_has_no_value() {
        for (truth, prediction) in [
            ([1.0, 2.0], [1.0, f32::NAN]),
            ([1.0, 1.0], [1.0, f32::NAN]),
            ([1.0, 2.0], [1.0, f32::INFINITY]),
            ([f64::NAN, 2.0], [1.0, 2.0]),
        ] {
            let rows = Rows::new(&truth, &prediction).unwrap();
            assert!(R2.of(rows).is_nan(), "{truth:?} {prediction:?}");
            assert!(!R2.keeps(R2.of(rows), f64::NEG_INFINITY));
            assert!(!RMSE.of(rows).is_finite() && !MAE.of(rows).is_finite());
        }
    }

    #[test]
    fn rows_without_a_partner_or_without_any_row_are_refused() {
        assert_eq!(Rows::new(&[1.0], &[]).unwrap_err().name(), "LengthMismatch");
        assert_eq!(Rows::new(&[], &[]).unwrap_err().name(), "NoRows");
    }
}
