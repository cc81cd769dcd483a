//! Scoring many rows: values are compared once with the thresholds of their column, then the trees
//! are walked on small whole numbers, a block of rows at a time.

use rayon::prelude::*;

use crate::ForestError;
use crate::fold::Scaling;
use crate::forest::{Forest, Node, Tree};

/// Rows that are scored together, so that what they need stays near the processor.
pub const BLOCK_ROWS: usize = 64;

/// A node: an inner one compares, a leaf leads to itself.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Which row of the block's bins: the column, and on which side its missing values lie.
    plane: u32,
    /// A bin up to this one goes left.
    last_left: u16,
    left: u32,
    right: u32,
}

/// A forest made ready for many rows of raw, unscaled columns.
#[derive(Debug, Clone)]
pub struct Scorer {
    /// For each column its folded thresholds, rising.
    thresholds: Vec<Vec<f64>>,
    trees: Vec<Walk>,
    base_margin: f32,
}

#[derive(Debug, Clone)]
struct Walk {
    steps: Vec<Step>,
    leaves: Vec<f32>,
    depth: usize,
}

impl Scorer {
    /// `scalings` says for each column how its raw values become what the model compares.
    pub fn new(forest: &Forest, scalings: &[Scaling]) -> Result<Scorer, ForestError> {
        if scalings.len() != forest.feature_count {
            return Err(ForestError::ColumnsDiffer {
                expected: forest.feature_count,
                found: scalings.len(),
            });
        }
        let mut thresholds: Vec<Vec<f64>> = vec![Vec::new(); forest.feature_count];
        for node in forest.trees.iter().flat_map(|tree| &tree.nodes) {
            if let Node::Split {
                feature, threshold, ..
            } = node
            {
                let feature = *feature as usize;
                thresholds[feature].push(scalings[feature].fold(*threshold));
            }
        }
        for column in &mut thresholds {
            // NaN, which nothing reaches, sorts last.
            column.sort_by(f64::total_cmp);
            column.dedup_by_key(|threshold| threshold.to_bits());
            if column.len() > usize::from(u16::MAX) - 1 {
                return Err(ForestError::Unsupported {
                    what: "a column with more than 65,534 thresholds".into(),
                });
            }
        }
        let trees = forest
            .trees
            .iter()
            .map(|tree| walk(tree, scalings, &thresholds))
            .collect();
        Ok(Scorer {
            thresholds,
            trees,
            base_margin: forest.base_margin,
        })
    }

    pub fn columns(&self) -> usize {
        self.thresholds.len()
    }

    /// The margins of rows given as raw columns (NaN is missing), on all cores.
    pub fn margins(&self, columns: &[&[f64]]) -> Result<Vec<f32>, ForestError> {
        let rows = self.check(columns)?;
        let mut margins = vec![0.0; rows];
        margins
            .par_chunks_mut(BLOCK_ROWS * 16)
            .enumerate()
            .for_each(|(part, margins)| {
                self.fill(columns, part * BLOCK_ROWS * 16, margins);
            });
        Ok(margins)
    }

    /// The same on this thread alone.
    pub fn margins_on_one_thread(&self, columns: &[&[f64]]) -> Result<Vec<f32>, ForestError> {
        let mut margins = vec![0.0; self.check(columns)?];
        self.fill(columns, 0, &mut margins);
        Ok(margins)
    }

    fn check(&self, columns: &[&[f64]]) -> Result<usize, ForestError> {
        let rows = columns.first().map_or(0, |column| column.len());
        if columns.len() != self.columns() || columns.iter().any(|column| column.len() != rows) {
            return Err(ForestError::ColumnsDiffer {
                expected: self.columns(),
                found: columns.len(),
            });
        }
        Ok(rows)
    }

    fn fill(&self, columns: &[&[f64]], start: usize, margins: &mut [f32]) {
        let mut bins = vec![0u16; self.columns() * 2 * BLOCK_ROWS];
        for (block, margins) in margins.chunks_mut(BLOCK_ROWS).enumerate() {
            let first = start + block * BLOCK_ROWS;
            for (feature, column) in columns.iter().enumerate() {
                let values = &column[first..first + margins.len()];
                let planes = &mut bins[feature * 2 * BLOCK_ROWS..(feature + 1) * 2 * BLOCK_ROWS];
                bin(values, &self.thresholds[feature], planes);
            }
            margins.fill(self.base_margin);
            for tree in &self.trees {
                tree.add(&bins, margins);
            }
        }
    }
}

/// Writes for each value how many thresholds it reaches, twice: a missing value lies below all
/// thresholds in the first plane and above all in the second.
fn bin(values: &[f64], thresholds: &[f64], planes: &mut [u16]) {
    let (left, right) = planes.split_at_mut(BLOCK_ROWS);
    for (value, (left, right)) in values.iter().zip(left.iter_mut().zip(right)) {
        let reached = thresholds.partition_point(|threshold| *threshold <= *value) as u16;
        let missing = value.is_nan();
        *left = if missing { 0 } else { reached };
        *right = if missing { u16::MAX } else { reached };
    }
}

fn walk(tree: &Tree, scalings: &[Scaling], thresholds: &[Vec<f64>]) -> Walk {
    let mut steps = Vec::with_capacity(tree.nodes.len());
    let mut leaves = Vec::with_capacity(tree.nodes.len());
    for (position, node) in tree.nodes.iter().enumerate() {
        let here = position as u32;
        match *node {
            Node::Leaf { value } => {
                steps.push(Step {
                    plane: 0,
                    last_left: 0,
                    left: here,
                    right: here,
                });
                leaves.push(value);
            }
            Node::Split {
                feature,
                threshold,
                missing_left,
                left,
                right,
            } => {
                let feature = feature as usize;
                let folded = scalings[feature].fold(threshold);
                let place =
                    thresholds[feature].partition_point(|other| other.total_cmp(&folded).is_lt());
                let plane = (feature * 2 + usize::from(!missing_left)) * BLOCK_ROWS;
                steps.push(Step {
                    plane: plane as u32,
                    last_left: place as u16,
                    left,
                    right,
                });
                leaves.push(0.0);
            }
        }
    }
    Walk {
        steps,
        leaves,
        depth: tree.depth,
    }
}

impl Walk {
    /// Adds this tree's leaf to the margin of every row of the block. Eight rows go side by side,
    /// so that the processor waits for none of them.
    fn add(&self, bins: &[u16], margins: &mut [f32]) {
        const LANES: usize = 8;
        for (group, margins) in margins.chunks_mut(LANES).enumerate() {
            let first = group * LANES;
            let mut at = [0u32; LANES];
            for _ in 0..self.depth {
                for (lane, at) in at.iter_mut().enumerate() {
                    let step = self.steps[*at as usize];
                    let reached = bins[step.plane as usize + first + lane];
                    *at = if reached <= step.last_left {
                        step.left
                    } else {
                        step.right
                    };
                }
            }
            for (margin, at) in margins.iter_mut().zip(at) {
                *margin += self.leaves[at as usize];
            }
        }
    }
}
