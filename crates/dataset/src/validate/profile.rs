//! What a column's values are like: the reference that later data is compared with.

use indexmap::IndexMap;
use millrace_contract::ColumnType;
use serde::{Deserialize, Serialize};

use super::sort::sort;

/// The shares of the quantiles of a profile.
pub const QUANTILES: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
const TOP_VALUES: usize = 10;
const HISTOGRAM_BINS: usize = 64;

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
    /// `values` hold no NaN and nothing infinite.
    pub(crate) fn of(mut values: Vec<f64>) -> Sorted {
        if values.is_empty() {
            return Sorted {
                numbers: None,
                distinct: 0,
                top: Vec::new(),
            };
        }
        // In the order of the rows, so that the last bit is always the same.
        let (mean, deviation) = moments(&values);
        sort(&mut values);
        let (distinct, top) = runs(&values);
        let quantile = |share| Quantile {
            share,
            value: quantile(&values, share),
        };
        let numbers = NumberProfile {
            minimum: values[0],
            maximum: values[values.len() - 1],
            mean,
            deviation,
            quantiles: QUANTILES.into_iter().map(quantile).collect(),
            histogram: Histogram::of(&values),
        };
        Sorted {
            numbers: Some(numbers),
            distinct,
            top,
        }
    }
}

/// Mean and population deviation, in two passes.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = sum(values, |value| value) / count;
    if !mean.is_finite() {
        // The sum of huge numbers overflows: scaled down first, it does not.
        let mean = sum(values, |value| value / count);
        let deviation = sum(values, |value| ((value - mean) / count.sqrt()).powi(2)).sqrt();
        return (mean, deviation.min(f64::MAX));
    }
    let variance = sum(values, |value| (value - mean) * (value - mean)) / count;
    (mean, variance.sqrt().min(f64::MAX))
}

/// Sums in eight lanes, which is both quicker and more exact than one after the other.
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut blocks = Vec::with_capacity(values.len() / 1024 + 1);
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
    blocks.iter().sum()
}

/// The number of different values and the most frequent of them.
fn runs(sorted: &[f64]) -> (u64, Vec<(f64, u64)>) {
    let mut distinct = 0;
    let mut top: Vec<(f64, u64)> = Vec::new();
    for run in sorted.chunk_by(|a, b| a == b) {
        distinct += 1;
        let count = run.len() as u64;
        let least = if top.len() < TOP_VALUES {
            1
        } else {
            top.last().map_or(1, |(_, c)| *c)
        };
        if count > least {
            let place = top.partition_point(|(_, other)| *other >= count);
            top.insert(place, (run[0] + 0.0, count));
            top.truncate(TOP_VALUES);
        }
    }
    (distinct, top)
}

/// Linear between neighbours, with numpy's own order of operations.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let low = position.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    let part = position - low as f64;
    let step = sorted[high] - sorted[low];
    if !step.is_finite() {
        return sorted[low] * (1.0 - part) + sorted[high] * part;
    }
    if part >= 0.5 {
        sorted[high] - step * (1.0 - part)
    } else {
        sorted[low] + step * part
    }
}

impl Histogram {
    fn of(sorted: &[f64]) -> Histogram {
        let count = sorted.len();
        let mut upper_edges: Vec<f64> = Vec::with_capacity(HISTOGRAM_BINS);
        let mut few: Vec<f64> = sorted
            .chunk_by(|a, b| a == b)
            .map(|run| run[0])
            .take(HISTOGRAM_BINS + 1)
            .collect();
        if few.len() <= HISTOGRAM_BINS {
            upper_edges.append(&mut few);
        } else {
            for bin in 1..=HISTOGRAM_BINS {
                let edge = sorted[(bin * count).div_ceil(HISTOGRAM_BINS) - 1];
                if upper_edges.last() != Some(&edge) {
                    upper_edges.push(edge);
                }
            }
        }
        let mut below = 0;
        let counts = upper_edges.iter().map(|edge| {
            let up_to = sorted.partition_point(|value| value <= edge);
            (up_to - std::mem::replace(&mut below, up_to)) as u64
        });
        let counts = counts.collect();
        Histogram {
            upper_edges,
            counts,
        }
    }

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

    #[test]
    fn a_small_column_is_described_exactly() {
        let sorted = Sorted::of(vec![3.0, 1.0, 2.0, 2.0]);
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
        let numbers = Sorted::of(vec![f64::MAX, f64::MAX, -f64::MAX, f64::MAX])
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
            let histogram = Sorted::of(values.clone()).numbers.unwrap().histogram;
            prop_assert!(histogram.counts.len() <= HISTOGRAM_BINS);
            prop_assert!(histogram.upper_edges.is_sorted());
            prop_assert_eq!(histogram.counts.iter().sum::<u64>(), values.len() as u64);
            prop_assert_eq!(histogram.counts_of(&values), histogram.counts);
        }
    }
}
