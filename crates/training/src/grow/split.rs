//! The best split of a node.

use super::gain::{Parent, Penalty, Sides};
use super::histogram::{Histogram, Seen, Sum};

/// How a node is split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    pub(super) gain: f32,
    /// The column's place among all columns.
    pub(super) column: usize,
    /// How many bins of the column go to the left.
    pub(super) bins_to_left: usize,
    pub(super) missing_to_left: bool,
    pub(super) left: Sum,
    pub(super) right: Sum,
}

/// Looks for splits; keeps the room that this takes.
pub(super) struct Finder {
    sides: Sides,
    /// The bin that each of the sides ends with.
    bins: Vec<usize>,
}

/// Less than this brings nothing.
const LEAST_GAIN: f32 = 1e-6;

impl Finder {
    pub(super) fn new(slots: usize) -> Finder {
        Finder {
            sides: Sides::new(slots),
            bins: vec![0; slots],
        }
    }

    /// The split that brings most; of equals the one in the first column, there with missing values to the
    /// right, and there in the lowest bin. `None` when none is worth it.
    pub(super) fn find<const SLOTS: usize>(
        &mut self,
        histogram: &Histogram<SLOTS>,
        seen: &Seen,
        sum: Sum,
        penalty: &Penalty,
    ) -> Option<Split> {
        let parent = Parent {
            sum,
            gain: penalty.gain(sum),
        };
        let mut best: Option<Split> = None;
        for (place, sums) in histogram.0[..seen.places.len()].iter().enumerate() {
            let sums = &sums[..seen.columns[place].bins];
            let least = |best: &Option<Split>| best.map_or(0.0, |split| split.gain);
            let column = seen.places[place];
            let (count, present) = self.from_below(sums);
            if let Some((at, gain)) = self.sides.best(count, parent, penalty, least(&best)) {
                let left = [self.sides.gradients[at], self.sides.rows[at]];
                best = Some(Split {
                    gain,
                    column,
                    bins_to_left: self.bins[at] + 1,
                    missing_to_left: false,
                    left,
                    right: minus(sum, left),
                });
            }
            if present == sum {
                continue;
            }
            let count = self.from_above(sums);
            if let Some((at, gain)) = self.sides.best(count, parent, penalty, least(&best)) {
                let right = [self.sides.gradients[at], self.sides.rows[at]];
                best = Some(Split {
                    gain,
                    column,
                    bins_to_left: self.bins[at],
                    missing_to_left: true,
                    left: minus(sum, right),
                    right,
                });
            }
        }
        best.filter(|split| split.gain > LEAST_GAIN && split.gain >= penalty.gamma)
    }

    /// The sides that begin with the lowest bin, and the sum of all bins. A bin with nothing in it makes no other
    /// side than the one before it, and of equals the first counts: it is left out. Where the rows of a bin were
    /// taken away again, a rounding may be left in it.
    fn from_below(&mut self, sums: &[Sum]) -> (usize, Sum) {
        self.add_up(sums.iter().enumerate())
    }

    /// The sides that begin with the highest bin.
    fn from_above(&mut self, sums: &[Sum]) -> usize {
        self.add_up(sums.iter().enumerate().rev()).0
    }

    #[inline(always)]
    fn add_up<'a>(&mut self, sums: impl Iterator<Item = (usize, &'a Sum)>) -> (usize, Sum) {
        let mut side = [0.0, 0.0];
        let mut count = 0;
        for (bin, [gradient, rows]) in sums {
            side[0] += gradient;
            side[1] += rows;
            self.sides.gradients[count] = side[0];
            self.sides.rows[count] = side[1];
            self.bins[count] = bin;
            count += usize::from((*rows != 0.0) | (*gradient != 0.0));
        }
        (count, side)
    }
}

fn minus(whole: Sum, part: Sum) -> Sum {
    [whole[0] - part[0], whole[1] - part[1]]
}
