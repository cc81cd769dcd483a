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

    pub(crate) fn add_row(&mut self, weight: f64, weighted: &[f64]) {
        self.rows += 1;
        self.weight += weight;
        for (own, target) in self.targets.iter_mut().zip(weighted) {
            *own += target;
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

/// Sums by bin, and which bins have rows. They are kept between columns, so that nothing is allocated.
pub(crate) struct Histogram {
    rows: [u32; BINS],
    weights: [f64; BINS],
    /// For each bin one sum for each output.
    targets: Vec<f64>,
    filled: [u64; BINS / 64],
    left: Sums,
}

const BINS: usize = 256;

impl Histogram {
    pub(crate) fn new(outputs: usize) -> Histogram {
        Histogram {
            rows: [0; BINS],
            weights: [0.0; BINS],
            targets: vec![0.0; BINS * outputs],
            filled: [0; BINS / 64],
            left: Sums::zero(outputs),
        }
    }

    fn outputs(&self) -> usize {
        self.left.targets.len()
    }

    /// Whether the rows differ in this column. `targets` has for each of the rows its weighted targets, `weights` its
    /// weight.
    pub(crate) fn fill(
        &mut self,
        column: &Column,
        rows: &[u32],
        weights: &[f64],
        targets: &[f64],
    ) -> bool {
        let outputs = self.outputs();
        for ((row, weight), own) in rows.iter().zip(weights).zip(targets.chunks_exact(outputs)) {
            let bin = column.bins[*row as usize] as usize;
            self.filled[bin / 64] |= 1 << (bin % 64);
            self.rows[bin] += 1;
            self.weights[bin] += weight;
            let sums = &mut self.targets[bin * outputs..(bin + 1) * outputs];
            for (sum, target) in sums.iter_mut().zip(own) {
                *sum += target;
            }
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
        for missing_left in [false, true] {
            if missing_left && self.rows[MISSING as usize] == 0 {
                break;
            }
            self.left.clear();
            if missing_left {
                self.move_left(MISSING as usize);
            }
            for bin in bins(self.filled) {
                self.move_left(bin);
                let right = all.rows - self.left.rows;
                if right < leaf_rows {
                    break;
                }
                if self.left.rows < leaf_rows {
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

    fn move_left(&mut self, bin: usize) {
        let outputs = self.outputs();
        self.left.rows += self.rows[bin] as usize;
        self.left.weight += self.weights[bin];
        let own = &self.targets[bin * outputs..(bin + 1) * outputs];
        for (sum, target) in self.left.targets.iter_mut().zip(own) {
            *sum += target;
        }
    }

    pub(crate) fn empty(&mut self) {
        let outputs = self.outputs();
        for bin in bins(self.filled).chain([MISSING as usize]) {
            (self.rows[bin], self.weights[bin]) = (0, 0.0);
            self.targets[bin * outputs..(bin + 1) * outputs].fill(0.0);
        }
        self.filled = [0; BINS / 64];
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
