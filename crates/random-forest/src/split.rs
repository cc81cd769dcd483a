//! The best split of a node's rows by one column.

use crate::bins::{Column, MISSING};

/// What is known of some rows: their number, their weight, and for each output the weighted sum of its target.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    pub(crate) rows: usize,
    pub(crate) weight: f64,
    pub(crate) targets: Vec<f64>,
}

impl Sums {
    pub(crate) fn zero(outputs: usize) -> Sums {
        Sums {
            rows: 0,
            weight: 0.0,
            targets: vec![0.0; outputs],
        }
    }

    fn clear(&mut self) {
        (self.rows, self.weight) = (0, 0.0);
        self.targets.fill(0.0);
    }

    fn add(&mut self, other: &Sums) {
        self.rows += other.rows;
        self.weight += other.weight;
        for (own, other) in self.targets.iter_mut().zip(&other.targets) {
            *own += other;
        }
    }

    pub(crate) fn add_row(&mut self, weight: f64, targets: &[f64]) {
        self.rows += 1;
        self.weight += weight;
        for (own, target) in self.targets.iter_mut().zip(targets) {
            *own += weight * target;
        }
    }

    /// How much of the squares the means explain. Of classes, as zeros and ones, its rise is the fall of Gini's impurity.
    pub(crate) fn explained(&self) -> f64 {
        self.targets.iter().map(|sum| sum * sum).sum::<f64>() / self.weight
    }

    /// The same of what is left when the other rows go.
    fn explained_without(&self, other: &Sums) -> f64 {
        let left = self.targets.iter().zip(&other.targets);
        left.map(|(all, gone)| (all - gone) * (all - gone))
            .sum::<f64>()
            / (self.weight - other.weight)
    }
}

/// Rows whose value is below the bound go left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Split {
    pub(crate) column: usize,
    pub(crate) bound: usize,
    pub(crate) missing_left: bool,
    pub(crate) explained: f64,
}

/// Sums by bin, and which bins have rows. They are kept between columns, so that little is allocated.
pub(crate) struct Histogram {
    sums: Vec<Sums>,
    filled: [u64; 4],
    left: Sums,
}

impl Histogram {
    pub(crate) fn new(outputs: usize) -> Histogram {
        Histogram {
            sums: vec![Sums::zero(outputs); 256],
            filled: [0; 4],
            left: Sums::zero(outputs),
        }
    }

    /// Whether the rows differ in this column.
    pub(crate) fn fill(
        &mut self,
        column: &Column,
        rows: &[u32],
        weights: &[f64],
        targets: &[f64],
    ) -> bool {
        let outputs = self.left.targets.len();
        for row in rows {
            let row = *row as usize;
            let bin = column.bins[row] as usize;
            self.filled[bin / 64] |= 1 << (bin % 64);
            self.sums[bin].add_row(weights[row], &targets[row * outputs..(row + 1) * outputs]);
        }
        self.filled
            .iter()
            .map(|word| word.count_ones())
            .sum::<u32>()
            > 1
    }

    /// Finds the best split, and empties the histogram.
    pub(crate) fn best(&mut self, column: usize, all: &Sums, leaf_rows: usize) -> Option<Split> {
        let mut best: Option<Split> = None;
        let missing = self.sums[MISSING as usize].clone();
        for missing_left in [false, true] {
            if missing_left && missing.rows == 0 {
                break;
            }
            self.left.clear();
            if missing_left {
                self.left.add(&missing);
            }
            for bin in bins(self.filled) {
                // What is right of the last values are the missing ones, if they are not left.
                self.left.add(&self.sums[bin]);
                let right = all.rows - self.left.rows;
                if self.left.rows < leaf_rows || right < leaf_rows {
                    continue;
                }
                let explained = self.left.explained() + all.explained_without(&self.left);
                if best.is_none_or(|best| explained > best.explained) {
                    best = Some(Split {
                        column,
                        bound: bin,
                        missing_left,
                        explained,
                    });
                }
            }
        }
        self.empty();
        best
    }

    pub(crate) fn empty(&mut self) {
        for bin in bins(self.filled) {
            self.sums[bin].clear();
        }
        self.sums[MISSING as usize].clear();
        self.filled = [0; 4];
    }
}

/// The bins of values that are filled, rising.
fn bins(filled: [u64; 4]) -> impl Iterator<Item = usize> {
    let of_word = |(word, bits): (usize, u64)| {
        let mut left = bits;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(word * 64 + bit)
        })
    };
    filled
        .into_iter()
        .enumerate()
        .flat_map(of_word)
        .filter(|bin| *bin != MISSING as usize)
}
