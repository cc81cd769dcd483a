//! One dimension of the search: from a place in the sampler's range to a value, and back.

use ::tpe::density_estimation::DefaultEstimatorBuilder;
use ::tpe::{TpeOptimizer, categorical_range, histogram_estimator, parzen_estimator};
use millrace_contract::spec::{Dimension, Range};

use crate::error::TrainingError;

/// Values are told apart by so many digits: finer differences change nothing that could be measured.
const DIGITS: i32 = 3;

/// A dimension as the sampler knows it: places in a half-open range.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    scale: Scale,
    range: ::tpe::range::Range,
}

#[derive(Debug, Clone)]
enum Scale {
    /// The place is the number of the value in the list.
    Choice(Vec<f64>),
    /// The place is the value, or its logarithm.
    Real(Range),
    /// The same for whole numbers, each in the middle of its own stretch.
    Whole(Range),
}

impl Axis {
    pub(super) fn of(dimension: &Dimension, is_whole: bool) -> Result<Axis, TrainingError> {
        let range = match dimension {
            Dimension::Choice(values) => return Axis::choice(values.clone()),
            Dimension::Number(number) => return Axis::choice(vec![*number]),
            Dimension::Range(range) => *range,
        };
        let place = |value: f64| logarithm(value, range.log);
        match is_whole {
            true => Axis::between(
                Scale::Whole(range),
                place(range.from - 0.5),
                place(range.to + 0.5),
            ),
            // The end belongs to ours, and does not to the sampler's.
            false => Axis::between(
                Scale::Real(range),
                place(range.from),
                place(range.to).next_up(),
            ),
        }
    }

    fn choice(values: Vec<f64>) -> Result<Axis, TrainingError> {
        let range = categorical_range(values.len()).map_err(|_| TrainingError::NoCandidates)?;
        Ok(Axis {
            scale: Scale::Choice(values),
            range,
        })
    }

    fn between(scale: Scale, start: f64, end: f64) -> Result<Axis, TrainingError> {
        let range = ::tpe::range(start, end).map_err(|_| TrainingError::NoCandidates)?;
        Ok(Axis { scale, range })
    }

    /// A sampler that knows nothing yet.
    pub(super) fn sampler(&self) -> TpeOptimizer {
        let estimator: DefaultEstimatorBuilder = match self.scale {
            Scale::Choice(_) => histogram_estimator(),
            Scale::Real(_) | Scale::Whole(_) => parzen_estimator(),
        };
        TpeOptimizer::new(estimator, self.range)
    }

    /// The value at a place, rounded.
    pub(super) fn value(&self, place: f64) -> f64 {
        match &self.scale {
            Scale::Choice(values) => values[(place as usize).min(values.len() - 1)],
            Scale::Real(range) => rounded(power(place, range.log)).clamp(range.from, range.to),
            Scale::Whole(range) => power(place, range.log).round().clamp(range.from, range.to),
        }
    }

    /// The place of a value that [`Axis::value`] gave.
    pub(super) fn place(&self, value: f64) -> f64 {
        match &self.scale {
            Scale::Choice(values) => {
                let found = values.iter().position(|other| *other == value);
                found.unwrap_or(0) as f64
            }
            Scale::Real(range) | Scale::Whole(range) => logarithm(value, range.log),
        }
    }
}

fn logarithm(value: f64, log: bool) -> f64 {
    if log { value.ln() } else { value }
}

fn power(place: f64, log: bool) -> f64 {
    if log { place.exp() } else { place }
}

/// To a few digits, whatever the size: by way of the decimal form, so that 0.1 stays 0.1.
fn rounded(value: f64) -> f64 {
    let digits = (DIGITS - 1) as usize;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn range(from: f64, to: f64, log: bool) -> Dimension {
        Dimension::Range(Range { from, to, log })
    }

    #[test]
    fn a_value_comes_back_from_its_place() {
        let real = Axis::of(&range(0.02, 0.3, true), false).unwrap();
        for value in [0.02, 0.0213, 0.1, 0.299, 0.3] {
            assert_eq!(real.value(real.place(value)), value);
            assert!(real.range.contains(real.place(value)));
        }
        let whole = Axis::of(&range(3.0, 9.0, false), true).unwrap();
        for value in [3.0, 6.0, 9.0] {
            assert_eq!(whole.value(whole.place(value)), value);
            assert!(whole.range.contains(whole.place(value)));
        }
        assert_eq!((whole.value(2.6), whole.value(9.4)), (3.0, 9.0));
        let choice = Axis::of(&Dimension::Choice(vec![0.8, 1.0]), false).unwrap();
        assert_eq!((choice.value(1.0), choice.place(1.0)), (1.0, 1.0));
    }

    #[test]
    fn values_have_few_digits_and_stay_inside() {
        assert_eq!(rounded(0.123_456), 0.123);
        assert_eq!(rounded(0.099_96), 0.1);
        let fine = Axis::of(&range(0.123_45, 0.2, false), false).unwrap();
        assert_eq!(fine.value(0.123_46), 0.123_45);
    }

    #[test]
    fn what_is_empty_is_refused() {
        for dimension in [Dimension::Choice(Vec::new()), range(0.3, 0.1, false)] {
            let refused = Axis::of(&dimension, false).unwrap_err();
            assert_eq!(refused, TrainingError::NoCandidates);
        }
    }
}
