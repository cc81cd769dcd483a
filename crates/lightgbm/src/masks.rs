//! Trees of few leaves without walking: for each column and each cell of its values one bit mask for each tree says which
//! leaves are still possible. All columns' masks together leave one leaf.

use crate::model::LightGbm;
use crate::tree::{Test, Tree};

/// Trees whose masks lie side by side.
const GROUP: usize = 32;
/// The most bytes of masks: more would not stay near the processor.
const MOST_BYTES: usize = 64 << 20;

/// A mask: one bit for each leaf.
pub(crate) trait Mask: Copy + Send + Sync + std::fmt::Debug {
    const ALL: Self;
    const BITS: usize;
    fn and(self, other: Self) -> Self;
    fn of(bits: u64) -> Self;
    /// The number of the lowest bit.
    fn lowest(self) -> usize;
}

macro_rules! mask {
    ($kind:ty) => {
        impl Mask for $kind {
            const ALL: Self = <$kind>::MAX;
            const BITS: usize = <$kind>::BITS as usize;
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }
            fn of(bits: u64) -> Self {
                bits as $kind
            }
            #[inline(always)]
            fn lowest(self) -> usize {
                self.trailing_zeros() as usize
            }
        }
    };
}
mask!(u32);
mask!(u64);

/// How a column's values fall into cells in which every test of the model has one answer.
#[derive(Debug, Clone)]
enum Cells {
    /// No tree looks at the column.
    Unused,
    /// Rising thresholds: a cell ends with its threshold. Behind them the largest values, 0, and NaN.
    Numbers(Vec<f64>),
    /// Words from 0 to below this, and behind them all others.
    Words(usize),
}

impl Cells {
    fn new(model: &LightGbm, column: usize) -> Option<Cells> {
        let (mut thresholds, mut words) = (Vec::new(), 0);
        for split in model.trees.iter().flat_map(|tree| &tree.splits) {
            if split.feature != column {
                continue;
            }
            match split.test {
                Test::AtMost(threshold) | Test::AtMostButZero(threshold) => {
                    thresholds.push(threshold)
                }
                Test::OneOf { words: count, .. } => words = words.max(count * 32),
            }
        }
        thresholds.sort_unstable_by(f64::total_cmp);
        thresholds.dedup();
        match (thresholds.is_empty(), words) {
            (true, 0) => Some(Cells::Unused),
            (false, 0) => Some(Cells::Numbers(thresholds)),
            (true, words) => Some(Cells::Words(words)),
            // Words and numbers in one column: LightGBM does not write such models.
            _ => None,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Unused => 0,
            Self::Numbers(thresholds) => thresholds.len() + 3,
            Self::Words(words) => words + 1,
        }
    }

    /// A value of each cell.
    fn values(&self) -> Vec<f64> {
        match self {
            Self::Unused => Vec::new(),
            Self::Numbers(thresholds) => {
                let mut values = thresholds.clone();
                values.extend([f64::INFINITY, 0.0, f64::NAN]);
                values
            }
            Self::Words(words) => (0..*words)
                .map(|word| word as f64)
                .chain([f64::NAN])
                .collect(),
        }
    }

    #[inline(always)]
    fn of(&self, value: f64) -> usize {
        match self {
            Self::Unused => 0,
            Self::Numbers(thresholds) if value.is_nan() => thresholds.len() + 2,
            Self::Numbers(thresholds) if value == 0.0 => thresholds.len() + 1,
            Self::Numbers(thresholds) => thresholds.partition_point(|threshold| *threshold < value),
            Self::Words(words) => {
                let word = value.trunc();
                let known = word >= 0.0 && word < *words as f64;
                if known { word as usize } else { *words }
            }
        }
    }
}

/// Trees that are scored together.
#[derive(Debug, Clone)]
struct Group<M> {
    /// For each tree the output that it adds to.
    outputs: Vec<u32>,
    /// Columns that its trees look at, each with the place of its masks.
    columns: Vec<(usize, usize)>,
    /// For each cell of each column the masks of all its trees.
    masks: Vec<[M; GROUP]>,
    /// For each tree its leaves, filled up to as many as a mask has bits.
    leaves: Vec<f64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Masks<M> {
    cells: Vec<Cells>,
    groups: Vec<Group<M>>,
}

impl<M: Mask> Masks<M> {
    /// None for trees of more leaves than a mask has bits, and for models whose masks would be too large.
    pub(crate) fn new(model: &LightGbm) -> Option<Masks<M>> {
        if model.trees.iter().any(|tree| tree.leaves.len() > M::BITS) {
            return None;
        }
        let cells: Vec<Cells> = (0..model.names.len())
            .map(|column| Cells::new(model, column))
            .collect::<Option<_>>()?;
        let all: usize = cells.iter().map(Cells::count).sum();
        let groups = model.trees.len().div_ceil(GROUP);
        if all * groups * size_of::<[M; GROUP]>() > MOST_BYTES {
            return None;
        }
        let trees = model.trees.chunks(GROUP).enumerate();
        let groups = trees
            .map(|(index, trees)| Group::new(index * GROUP, model.outputs, trees, &cells))
            .collect();
        Some(Masks { cells, groups })
    }

    /// The cells of a column's values.
    pub(crate) fn place(
        &self,
        column: usize,
        values: impl Iterator<Item = f64>,
        cells: &mut [u32],
    ) {
        let own = &self.cells[column];
        if !matches!(own, Cells::Unused) {
            cells
                .iter_mut()
                .zip(values)
                .for_each(|(cell, value)| *cell = own.of(value) as u32);
        }
    }

    /// Adds the leaves of all trees to the sums of rows, whose cells are given column after column.
    pub(crate) fn add(&self, cells: &[u32], rows: usize, outputs: usize, sums: &mut [f64]) {
        for group in &self.groups {
            for (row, sums) in sums.chunks_exact_mut(outputs).enumerate() {
                let mut left = [M::ALL; GROUP];
                for (column, place) in &group.columns {
                    let masks = &group.masks[place + cells[column * rows + row] as usize];
                    for (left, mask) in left.iter_mut().zip(masks) {
                        *left = left.and(*mask);
                    }
                }
                let leaves = group.leaves.chunks_exact(M::BITS).zip(left);
                for ((leaves, left), output) in leaves.zip(&group.outputs) {
                    sums[*output as usize] += leaves[left.lowest()];
                }
            }
        }
    }
}

impl<M: Mask> Group<M> {
    fn new(first: usize, outputs: usize, trees: &[Tree], cells: &[Cells]) -> Group<M> {
        let below: Vec<Vec<(u64, u64)>> = trees.iter().map(leaves_below).collect();
        let (mut columns, mut masks) = (Vec::new(), Vec::new());
        for (column, cells) in cells.iter().enumerate() {
            if !trees
                .iter()
                .any(|tree| tree.splits.iter().any(|split| split.feature == column))
            {
                continue;
            }
            columns.push((column, masks.len()));
            for value in cells.values() {
                let mut own = [M::ALL; GROUP];
                for (mask, (tree, below)) in own.iter_mut().zip(trees.iter().zip(&below)) {
                    *mask = M::of(possible(tree, below, column, value));
                }
                masks.push(own);
            }
        }
        Group {
            outputs: (first..first + trees.len())
                .map(|tree| (tree % outputs) as u32)
                .collect(),
            columns,
            masks,
            leaves: trees
                .iter()
                .flat_map(|tree| filled(&tree.leaves, M::BITS))
                .collect(),
        }
    }
}

fn filled(leaves: &[f64], bits: usize) -> impl Iterator<Item = f64> {
    let zeros = bits.saturating_sub(leaves.len());
    leaves
        .iter()
        .copied()
        .chain(std::iter::repeat_n(0.0, zeros))
}

/// The leaves that a value of one column leaves possible.
fn possible(tree: &Tree, below: &[(u64, u64)], column: usize, value: f64) -> u64 {
    let splits = tree
        .splits
        .iter()
        .zip(below)
        .filter(|(split, _)| split.feature == column);
    splits.fold(u64::MAX, |left, (split, (on_left, on_right))| {
        match tree.goes_left(split, value) {
            true => left & !on_right,
            false => left & !on_left,
        }
    })
}

/// For each split the leaves on its left and on its right. A child comes after its parent, so that it is known first
/// from the end on.
fn leaves_below(tree: &Tree) -> Vec<(u64, u64)> {
    let mut below = vec![(0, 0); tree.splits.len()];
    for (index, split) in tree.splits.iter().enumerate().rev() {
        let of = |child: i32| match usize::try_from(child) {
            Ok(child) => {
                let (left, right): (u64, u64) = below[child];
                left | right
            }
            Err(_) => 1 << !child,
        };
        below[index] = (of(split.left), of(split.right));
    }
    below
}
