//! What a column's values are like: the reference that later data is compared with.

use indexmap::IndexMap;
use millrace_contract::ColumnType;
use serde::{Deserialize, Serialize};

use super::pile::Pile;
use super::walk::Walk;
use crate::DatasetError;

/// The shares of the quantiles of a profile.
pub const QUANTILES: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
pub(super) const TOP_VALUES: usize = 10;
pub(super) const HISTOGRAM_BINS: usize = 64;

/// A data set's columns, each by its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub contract: String,
    pub contract_version: u32,
    pub rows: u64,
    pub columns: IndexMap<String, ColumnProfile>,
}

/// All rows are described as they were read, the bad ones too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnProfile {
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// All rows.
    pub count: u64,
    pub missing: u64,
    /// Values that could not be taken, such as text in a number; part of neither of the others.
    pub unreadable: u64,
    pub infinite: u64,
    /// The number of different values. It is exact, unless a category has more than 100 words that the
    /// contract does not list.
    pub distinct: u64,
    pub distinct_is_exact: bool,
    /// Of columns of numbers and booleans, without infinite values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberProfile>,
    /// The first and the last day of a date column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<[String; 2]>,
    /// The values that are there most often, at least twice; of equal counts the smaller comes first.
    /// Not given for ids, and not for texts with more than 10,000 different values.
    pub top_values: Vec<TopValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopValue {
    pub value: String,
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberProfile {
    pub minimum: f64,
    pub maximum: f64,
    pub mean: f64,
    /// The standard deviation of the values themselves (divided by their count, not by one less).
    pub deviation: f64,
    /// Exact, with linear interpolation between neighbours, as numpy and pandas do by default.
    pub quantiles: Vec<Quantile>,
    pub histogram: Histogram,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantile {
    pub share: f64,
    pub value: f64,
}

/// Up to 64 bins of about equal counts, so that outliers do not widen them; a column of few different
/// values has one bin for each. A bin holds what is above the edge before it, up to its own edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    pub upper_edges: Vec<f64>,
    pub counts: Vec<u64>,
}

/// What follows from the sorted values of a column of numbers.
pub(crate) struct Sorted {
    pub numbers: Option<NumberProfile>,
    pub distinct: u64,
    pub top: Vec<(f64, u64)>,
}

impl Sorted {
    /// The values hold no NaN and nothing infinite.
    pub(crate) fn of(mut values: Pile<f64>) -> Result<Sorted, DatasetError> {
        values.settle()?;
        let count = values.len();
        if count == 0 {
            return Ok(Sorted {
                numbers: None,
                distinct: 0,
                top: Vec::new(),
            });
        }
        // In the order of the rows, so that the last bit is always the same.
        let (mean, deviation) = moments(&values)?;
        let walked = Walk::through(values.last_counts()?, count)?;
        let numbers = NumberProfile {
            minimum: walked.at(0),
            maximum: walked.at(count - 1),
            mean,
            deviation,
            quantiles: QUANTILES
                .map(|share| walked.quantile(share, count))
                .to_vec(),
            histogram: walked.histogram(),
        };
        Ok(Sorted {
            numbers: Some(numbers),
            distinct: walked.distinct,
            top: walked.top.0,
        })
    }
}

/// Mean and population deviation, in two passes.
fn moments(values: &Pile<f64>) -> Result<(f64, f64), DatasetError> {
    let count = values.len() as f64;
    let mean = sum(values, |value| value)? / count;
    if !mean.is_finite() {
        // The sum of huge numbers overflows: scaled down first, it does not.
        let mean = sum(values, |value| value / count)?;
        let squares = sum(values, |value| ((value - mean) / count.sqrt()).powi(2))?;
        return Ok((mean, squares.sqrt().min(f64::MAX)));
    }
    let variance = sum(values, |value| (value - mean) * (value - mean))? / count;
    Ok((mean, variance.sqrt().min(f64::MAX)))
}

/// Sums in eight lanes, which is both quicker and more exact than one after the other.
fn sum(values: &Pile<f64>, of: impl Fn(f64) -> f64) -> Result<f64, DatasetError> {
    let mut blocks = Vec::with_capacity(values.len() as usize / 1024 + 1);
    values.for_each_in_order(|values| {
        for block in values.chunks(1024) {
            let mut lanes = [0.0; 8];
            let chunks = block.chunks_exact(8);
            let rest: f64 = chunks.remainder().iter().map(|value| of(*value)).sum();
            for chunk in chunks {
                for (lane, value) in lanes.iter_mut().zip(chunk) {
                    *lane += of(*value);
                }
            }
            blocks.push(lanes.iter().sum::<f64>() + rest);
        }
    })?;
    Ok(blocks.iter().sum())
}

impl Histogram {
    /// How many of these values each bin takes. What is above the last edge goes into the last bin;
    /// NaN into none.
    pub fn counts_of(&self, values: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; self.upper_edges.len()];
        for value in values.iter().filter(|value| !value.is_nan()) {
            let bin = self.upper_edges.partition_point(|edge| edge < value);
            let last = counts.len().saturating_sub(1);
            if let Some(count) = counts.get_mut(bin.min(last)) {
                *count += 1;
            }
        }
        counts
    }
}

/// The most frequent words, at least twice there; of equal counts the first in the alphabet.
pub(crate) fn top_words<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> Vec<TopValue> {
    let mut counts: Vec<_> = counts.filter(|(_, count)| *count > 1).collect();
    counts.sort_unstable_by(|(word, count), (other, more)| more.cmp(count).then(word.cmp(other)));
    counts.truncate(TOP_VALUES);
    let top = |(word, count): (&str, u64)| TopValue {
        value: crate::error::shown(word),
        count,
    };
    counts.into_iter().map(top).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn sorted(values: &[f64]) -> Sorted {
        let mut pile = Pile::new(1 << 20);
        values.iter().for_each(|value| pile.push(*value));
        Sorted::of(pile).unwrap()
    }

    #[test]
    fn a_small_column_is_described_exactly() {
        let sorted = sorted(&[3.0, 1.0, 2.0, 2.0]);
        let numbers = sorted.numbers.unwrap();
        assert_eq!(
            (numbers.minimum, numbers.maximum, numbers.mean),
            (1.0, 3.0, 2.0)
        );
        assert_eq!(numbers.deviation, 0.5f64.sqrt());
        assert_eq!(numbers.quantiles[4].value, 2.0);
        assert_eq!(numbers.quantiles[3].value, 1.75);
        assert_eq!(sorted.distinct, 3);
        assert_eq!(sorted.top, [(2.0, 2)]);
        assert_eq!(numbers.histogram.upper_edges, [1.0, 2.0, 3.0]);
        assert_eq!(numbers.histogram.counts, [1, 2, 1]);
    }

    #[test]
    fn huge_numbers_do_not_overflow() {
        let numbers = sorted(&[f64::MAX, f64::MAX, -f64::MAX, f64::MAX])
            .numbers
            .unwrap();
        assert!(numbers.mean.is_finite() && numbers.deviation.is_finite());
        assert!(
            numbers
                .quantiles
                .iter()
                .all(|quantile| quantile.value.is_finite())
        );
    }

    proptest! {
        #[test]
        fn histograms_count_every_value(values in proptest::collection::vec(-50..50i32, 1..400), divide: bool) {
            let divisor = if divide { 7.3 } else { 1.0 };
            let values: Vec<f64> = values.into_iter().enumerate()
                .map(|(row, value)| f64::from(value) / divisor + if divide { row as f64 * 1e-4 } else { 0.0 }).collect();
            let histogram = sorted(&values).numbers.unwrap().histogram;
            prop_assert!(histogram.counts.len() <= HISTOGRAM_BINS);
            prop_assert!(histogram.upper_edges.is_sorted());
            prop_assert_eq!(histogram.counts.iter().sum::<u64>(), values.len() as u64);
            prop_assert_eq!(histogram.counts_of(&values), histogram.counts);
        }
    }
}
