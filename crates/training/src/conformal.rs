//! How far from a prediction the truth lies: split-conformal intervals.
//!
//! The distances come from rows that the predicting model had not learned from (the folds of the search).
//! If new rows are like them, then for any share the interval made of the right quantile holds the truth
//! of at least that share of rows, whatever the model and the noise are.

/// The shares that are measured for every model, besides what its spec asks for.
pub const USUAL_COVERAGES: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 0.99];

/// Half the width of the interval that covers a share of rows; `None` when there are too few distances
/// to promise that much.
pub fn half_width(sorted_distances: &[f64], coverage: f64) -> Option<f64> {
    // One more than the rows: the new row is one of them.
    let rank = ((sorted_distances.len() + 1) as f64 * coverage).ceil() as usize;
    sorted_distances.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_counts_the_new_row() {
        let distances: Vec<f64> = (1..=99).map(f64::from).collect();
        assert_eq!(half_width(&distances, 0.9), Some(90.0));
        assert_eq!(half_width(&distances, 0.5), Some(50.0));
        assert_eq!(half_width(&distances, 0.99), Some(99.0));
    }

    #[test]
    fn few_rows_promise_little() {
        assert_eq!(half_width(&[0.1, 0.2, 0.3], 0.9), None);
        assert_eq!(half_width(&[], 0.5), None);
    }
}
