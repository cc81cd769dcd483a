//! How far from a prediction the truth lies: split-conformal intervals.
//!
//! The distances come from rows that nothing of the model has seen: neither its recipe, nor the search, nor
//! the final fit. A new row that is like them is as likely to be the nearest as the farthest, so the interval
//! made of the right quantile holds its truth with at least the probability that was asked for, whatever the
//! model and the noise are (Vovk et al. 2005; Lei et al. 2018). That is a share of all rows, on average over
//! the calibration rows that chance gave: not of the rows of every kind, where noise differs.

use rand_mt::Mt;

/// The shares that are measured for every model, besides what its spec asks for.
pub const USUAL_COVERAGES: [f64; 5] = [0.5, 0.8, 0.9, 0.95, 0.99];

/// Keeps these draws apart from others that are made with the spec's seed.
const CALIBRATION: u32 = 0x63_6f_6e_66;

/// Half the width of the interval that covers a share of rows; `None` when there are too few distances
/// to promise that much.
pub fn half_width(sorted_distances: &[f64], coverage: f64) -> Option<f64> {
    // One more than the rows: the new row is one of them.
    let rank = ((sorted_distances.len() + 1) as f64 * coverage).ceil() as usize;
    sorted_distances.get(rank.checked_sub(1)?).copied()
}

/// Held-out rows in two halves drawn at random, both rising: what intervals are measured on, and what they
/// are judged by. Rows cannot do both: by the rows that it was measured on, any interval looks right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halves {
    /// The larger half.
    pub calibration: Vec<usize>,
    pub judged: Vec<usize>,
}

impl Halves {
    pub fn of(rows: usize, seed: u32) -> Halves {
        let mut random = Mt::new_with_key([seed, CALIBRATION]);
        let mut drawn: Vec<(u64, usize)> = (0..rows).map(|row| (random.next_u64(), row)).collect();
        drawn.sort_unstable();
        let mut calibration: Vec<usize> = drawn.into_iter().map(|(_, row)| row).collect();
        let mut judged = calibration.split_off(rows.div_ceil(2));
        calibration.sort_unstable();
        judged.sort_unstable();
        Halves {
            calibration,
            judged,
        }
    }
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

    #[test]
    fn a_row_calibrates_or_judges_and_chance_decides_which() {
        for rows in [0, 1, 2, 3, 40, 1001] {
            let halves = Halves::of(rows, 42);
            assert_eq!(halves.calibration.len(), rows.div_ceil(2));
            let mut all = [halves.calibration.clone(), halves.judged.clone()].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..rows));
            assert_eq!(halves, Halves::of(rows, 42), "the same every time");
        }
        let mut calibrates = [0; 20];
        for seed in 0..2_000 {
            for row in Halves::of(20, seed).calibration {
                calibrates[row] += 1;
            }
        }
        // Half of 2,000, with a deviation of 22.
        assert!(
            calibrates.iter().all(|count| (900..1100).contains(count)),
            "{calibrates:?}"
        );
    }
}
