//! How strongly two columns go together, as a number from 0 (not at all) to 1.

use std::collections::HashMap;

/// |Pearson's r| over the pairs. `None` with fewer than two; 0 when either is constant, for it tells nothing.
pub fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < 2 {
        return None;
    }
    let count = pairs.len() as f64;
    let mean_left = pairs.iter().map(|pair| pair.0).sum::<f64>() / count;
    let mean_right = pairs.iter().map(|pair| pair.1).sum::<f64>() / count;
    let (mut left, mut right, mut product) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (from_left, from_right) = (pair.0 - mean_left, pair.1 - mean_right);
        left += from_left * from_left;
        right += from_right * from_right;
        product += from_left * from_right;
    }
    if constant(left, mean_left, count) || constant(right, mean_right, count) {
        return Some(0.0);
    }
    bounded((product / (left.sqrt() * right.sqrt())).abs())
}

/// The correlation ratio eta: the square root of the share of the number's variance that lies between the categories.
/// `None` with fewer than two rows or fewer than two categories; 0 when the number is constant.
pub fn correlation_ratio(categories: &[usize], numbers: &[f64]) -> Option<f64> {
    let groups = categories.iter().copied().max()? + 1;
    let mut counts = vec![0.0; groups];
    let mut sums = vec![0.0; groups];
    for (&category, &number) in categories.iter().zip(numbers) {
        counts[category] += 1.0;
        sums[category] += number;
    }
    let present = counts.iter().filter(|count| **count > 0.0).count();
    if present < 2 {
        return None;
    }
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let total: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    if constant(total, mean, count) {
        return Some(0.0);
    }
    let groups = counts.iter().zip(&sums).filter(|(count, _)| **count > 0.0);
    let between: f64 = groups
        .map(|(count, sum)| count * (sum / count - mean).powi(2))
        .sum();
    bounded((between / total).sqrt())
}

/// Cramer's V as in the textbook, without correction for bias: sqrt(chi-square / n / (min(rows, columns) - 1)).
/// `None` when the second has fewer than two categories; 0 when the first is constant.
pub fn cramers_v(feature: &[usize], attribute: &[usize]) -> Option<f64> {
    let feature_counts = counts(feature);
    let attribute_counts = counts(attribute);
    if attribute_counts.len() < 2 {
        return None;
    }
    if feature_counts.len() < 2 {
        return Some(0.0);
    }
    let mut joint: HashMap<(usize, usize), f64> = HashMap::new();
    for pair in feature.iter().copied().zip(attribute.iter().copied()) {
        *joint.entry(pair).or_default() += 1.0;
    }
    // In order, so that the sum has the same bits every time.
    let mut cells: Vec<((usize, usize), f64)> = joint.into_iter().collect();
    cells.sort_unstable_by_key(|cell| cell.0);
    let share = |((row, column), count): &((usize, usize), f64)| {
        let expected =
            feature_counts.get(row).unwrap_or(&1.0) * attribute_counts.get(column).unwrap_or(&1.0);
        count * count / expected
    };
    // Chi-square over n equals the sum of observed^2 / (row x column) less 1: empty cells need not be visited.
    let chi_square_over_count = (cells.iter().map(share).sum::<f64>() - 1.0).max(0.0);
    let freedom = feature_counts.len().min(attribute_counts.len()) as f64 - 1.0;
    bounded((chi_square_over_count / freedom).sqrt())
}

fn counts(codes: &[usize]) -> HashMap<usize, f64> {
    let mut counts = HashMap::new();
    for code in codes {
        *counts.entry(*code).or_default() += 1.0;
    }
    counts
}

/// Whether a sum of squares is zero but for rounding.
fn constant(sum_of_squares: f64, mean: f64, count: f64) -> bool {
    sum_of_squares <= count * (mean * 1e-14).powi(2)
}

/// Rounding may not lead outside [0, 1]; numbers so large that their squares overflow have no answer.
fn bounded(value: f64) -> Option<f64> {
    value.is_finite().then(|| value.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn what_cannot_be_told_is_none_and_a_constant_tells_nothing() {
        assert_eq!(pearson(&[]), None);
        assert_eq!(pearson(&[(1.0, 2.0)]), None);
        assert_eq!(pearson(&[(0.1, 2.0), (0.1, 3.0), (0.1, 7.0)]), Some(0.0));
        assert_eq!(correlation_ratio(&[], &[]), None);
        assert_eq!(correlation_ratio(&[1, 1], &[1.0, 2.0]), None);
        assert_eq!(correlation_ratio(&[0, 1, 0], &[0.3, 0.3, 0.3]), Some(0.0));
        assert_eq!(cramers_v(&[0, 1], &[0, 0]), None);
        assert_eq!(cramers_v(&[3, 3], &[0, 1]), Some(0.0));
    }

    #[test]
    fn a_copy_is_associated_entirely() {
        assert_eq!(pearson(&[(1.0, -2.0), (2.0, -4.0), (4.0, -8.0)]), Some(1.0));
        assert_eq!(
            correlation_ratio(&[0, 1, 0, 1], &[5.0, 7.0, 5.0, 7.0]),
            Some(1.0)
        );
        assert!((cramers_v(&[0, 1, 2, 0], &[2, 0, 1, 2]).unwrap() - 1.0).abs() < 1e-12);
    }
}
