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
    /// For two columns at a time: one addition waits for the one before it, but not for the other column's.
    sides: [Sides; 2],
}

/// Less than this brings nothing.
const LEAST_GAIN: f32 = 1e-6;

impl Finder {
    pub(super) fn new(slots: usize) -> Finder {
        Finder {
            sides: [Sides::new(slots), Sides::new(slots)],
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
        let columns = seen.places.iter().zip(&seen.columns).zip(&histogram.0);
        let bins: Vec<(usize, &[Sum])> = columns
            .map(|((place, column), sums)| (*place, &sums[..column.bins]))
            .collect();
        for pair in bins.chunks(2) {
            self.walk(pair);
            for ((column, bins), sides) in pair.iter().zip(&mut self.sides) {
                consider(&mut best, *column, bins, sides, parent, penalty);
            }
        }
        best.filter(|split| split.gain > LEAST_GAIN && split.gain >= penalty.gamma)
    }

    /// Makes the sides of two columns, beginning with the lowest bin.
    fn walk(&mut self, pair: &[(usize, &[Sum])]) {
        let [one, two] = &mut self.sides;
        let bins = |place: usize| pair.get(place).map_or(&[][..], |(_, bins)| *bins);
        let (first, second) = (bins(0), bins(1));
        let (mut walk, mut other) = (one.walk(), two.walk());
        for (bin, (first, second)) in first.iter().zip(second).enumerate() {
            walk.step(bin, *first);
            other.step(bin, *second);
        }
        let both = first.len().min(second.len());
        for (bin, sum) in first.iter().enumerate().skip(both) {
            walk.step(bin, *sum);
        }
        for (bin, sum) in second.iter().enumerate().skip(both) {
            other.step(bin, *sum);
        }
        walk.end();
        other.end();
    }
}

/// Takes the best split of a column if it is better than the best so far.
fn consider(
    best: &mut Option<Split>,
    column: usize,
    bins: &[Sum],
    sides: &mut Sides,
    parent: Parent,
    penalty: &Penalty,
) {
    let least = |best: &Option<Split>| best.map_or(0.0, |split| split.gain);
    if let Some(side) = sides.best(parent, penalty, least(best)) {
        *best = Some(Split {
            gain: side.gain,
            column,
            bins_to_left: side.bin + 1,
            missing_to_left: false,
            left: side.sum,
            right: minus(parent.sum, side.sum),
        });
    }
    if sides.all() == parent.sum {
        return;
    }
    // Values are missing here: the same again with the missing ones to the left, beginning with the highest bin.
    let mut walk = sides.walk();
    for (bin, sum) in bins.iter().enumerate().rev() {
        walk.step(bin, *sum);
    }
    walk.end();
    if let Some(side) = sides.best(parent, penalty, least(best)) {
        *best = Some(Split {
            gain: side.gain,
            column,
            bins_to_left: side.bin,
            missing_to_left: true,
            left: minus(parent.sum, side.sum),
            right: side.sum,
        });
    }
}

fn minus(whole: Sum, part: Sum) -> Sum {
    [whole[0] - part[0], whole[1] - part[1]]
}
