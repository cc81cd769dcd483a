//! What stands for a missing value, for learners that see none.

use std::collections::BTreeMap;

use millrace_contract::spec::MissingNumber;

use crate::column::Kind;

/// The value to fill in, by the rows that are learned from; none when missing stays missing, or where a kind has
/// no missing values. A column without any value is filled with 0: it is constant, and tells nothing.
pub(crate) fn fill(rule: MissingNumber, kind: Kind, values: &[f64], mean: f64) -> Option<f64> {
    let found = match (rule, kind) {
        (MissingNumber::Keep, _) | (_, Kind::OneHot(_) | Kind::OneHotMissing) => return None,
        (MissingNumber::Mean, _) => mean,
        (MissingNumber::Median, Kind::Number) => median(values),
        (MissingNumber::Median, Kind::Boolean | Kind::Rank) => most_frequent(values),
    };
    Some(if found.is_finite() { found } else { 0.0 })
}

/// numpy's `nanmedian`: of an even number the mean of the two in the middle.
fn median(values: &[f64]) -> f64 {
    let mut present: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    present.sort_unstable_by(f64::total_cmp);
    let middle = present.len() / 2;
    match (present.get(middle), present.len() % 2) {
        (None, _) => f64::NAN,
        (Some(value), 1) => *value,
        (Some(upper), _) => present[middle - 1].midpoint(*upper),
    }
}

/// Of equally frequent values the least, as scikit-learn's `SimpleImputer` has it.
fn most_frequent(values: &[f64]) -> f64 {
    let mut counts: BTreeMap<u64, (usize, f64)> = BTreeMap::new();
    for value in values.iter().copied().filter(|x| !x.is_nan()) {
        counts.entry(value.to_bits()).or_insert((0, value)).0 += 1;
    }
    let better = |best: (usize, f64), next: &(usize, f64)| {
        let wins = next.0 > best.0 || (next.0 == best.0 && next.1 < best.1);
        if wins { *next } else { best }
    };
    counts.values().fold((0, f64::NAN), better).1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = f64::NAN;

    #[test]
    fn what_is_missing_is_filled_by_its_kind() {
        let values = [4.0, GAP, 1.0, 2.0, 1.0];
        let of = |rule, kind| fill(rule, kind, &values, 2.0);
        assert_eq!(of(MissingNumber::Keep, Kind::Number), None);
        assert_eq!(of(MissingNumber::Mean, Kind::Number), Some(2.0));
        assert_eq!(of(MissingNumber::Median, Kind::Number), Some(1.5));
        assert_eq!(of(MissingNumber::Median, Kind::Rank), Some(1.0));
        assert_eq!(of(MissingNumber::Median, Kind::OneHot(0)), None);
        assert_eq!(median(&[3.0, 1.0, GAP, 2.0]), 2.0);
        // Of equals the least, and never a missing one.
        assert_eq!(most_frequent(&[1.0, 0.0, GAP, GAP, GAP]), 0.0);
    }

    #[test]
    fn a_column_without_values_is_filled_with_nothing() {
        for rule in [MissingNumber::Mean, MissingNumber::Median] {
            for kind in [Kind::Number, Kind::Boolean] {
                assert_eq!(fill(rule, kind, &[GAP, GAP], GAP), Some(0.0));
            }
        }
    }
}
