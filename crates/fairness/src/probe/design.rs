//! The inputs of the probe: standardised columns, and a last column of ones for the intercept.

use crate::proxy::Column;

/// Row after row. Numbers have mean 0 and deviation 1 over the sample, a missing number becomes the mean (0).
/// A category becomes one column per frequent value; rarer values and missing are 0 in all of them before scaling.
#[derive(Debug)]
pub(super) struct Design {
    pub columns: usize,
    values: Vec<f64>,
    /// Which feature each column comes from.
    sources: Vec<usize>,
    features: usize,
}

impl Design {
    pub fn new(columns: &[Column], rows: &[usize], values_per_category: usize) -> Self {
        let mut inputs: Vec<(usize, Vec<f64>)> = Vec::new();
        for (source, column) in columns.iter().enumerate() {
            match column {
                Column::Numbers(values) => {
                    inputs.push((source, rows.iter().map(|row| values[*row]).collect()))
                }
                Column::Codes(codes) => {
                    for value in frequent(codes, rows, values_per_category) {
                        let is_value =
                            |row: &usize| if codes[*row] == Some(value) { 1.0 } else { 0.0 };
                        inputs.push((source, rows.iter().map(is_value).collect()));
                    }
                }
            }
        }
        inputs.retain_mut(|(_, input)| standardise(input));
        let width = inputs.len() + 1;
        let mut values = vec![1.0; rows.len() * width];
        for (column, (_, input)) in inputs.iter().enumerate() {
            for (row, value) in input.iter().enumerate() {
                values[row * width + column] = *value;
            }
        }
        let sources = inputs.iter().map(|(source, _)| *source).collect();
        Self {
            columns: width,
            values,
            sources,
            features: columns.len(),
        }
    }

    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub fn score(&self, row: usize, model: &[f64]) -> f64 {
        dot(self.row(row), model)
    }

    /// The size of each feature's coefficients: the root of the sum of squares over its columns.
    pub fn weight_by_feature(&self, model: &[f64]) -> Vec<f64> {
        let mut squares = vec![0.0; self.features];
        for (source, coefficient) in self.sources.iter().zip(model) {
            squares[*source] += coefficient * coefficient;
        }
        squares.into_iter().map(f64::sqrt).collect()
    }
}

/// The most frequent values; of equally frequent ones the first.
fn frequent(codes: &[Option<usize>], rows: &[usize], most: usize) -> Vec<usize> {
    let mut counts: Vec<usize> = Vec::new();
    for code in rows.iter().filter_map(|row| codes[*row]) {
        if code >= counts.len() {
            counts.resize(code + 1, 0);
        }
        counts[code] += 1;
    }
    let mut values: Vec<usize> = (0..counts.len())
        .filter(|value| counts[*value] > 0)
        .collect();
    values.sort_by_key(|value| std::cmp::Reverse(counts[*value]));
    values.truncate(most);
    values
}

/// False for a column that is constant or entirely missing, or too large to be squared: it is left out.
fn standardise(input: &mut [f64]) -> bool {
    let known = || input.iter().filter(|value| !value.is_nan());
    let count = known().count() as f64;
    if count == 0.0 {
        return false;
    }
    let mean = known().sum::<f64>() / count;
    let variance = known().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    if !variance.is_finite() || variance <= (mean * 1e-14).powi(2) {
        return false;
    }
    let deviation = variance.sqrt();
    for value in input {
        *value = if value.is_nan() {
            0.0
        } else {
            (*value - mean) / deviation
        };
    }
    true
}

/// In eight lanes, which the compiler turns into vector instructions; the order of additions is fixed.
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (left_blocks, right_blocks) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest: f64 = left_blocks
        .remainder()
        .iter()
        .zip(right_blocks.remainder())
        .map(|(one, other)| one * other)
        .sum();
    for (one, other) in left_blocks.zip(right_blocks) {
        for lane in 0..8 {
            lanes[lane] += one[lane] * other[lane];
        }
    }
    lanes.iter().sum::<f64>() + rest
}
