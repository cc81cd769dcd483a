//! Many rows: trees of few leaves by masks, others a tree at a time over a block of rows, several rows side by side.

use rayon::prelude::*;

use crate::LightGbmError;
use crate::masks::{Mask, Masks};
use crate::model::{LightGbm, snapped};
use crate::tree::{Test, Tree};

/// Rows that a thread takes at once.
const BLOCK: usize = 256;
/// Rows that walk side by side: while one waits for memory, the others go on.
const LANES: usize = 8;

/// A model made ready for many rows.
#[derive(Debug, Clone)]
pub struct Scorer {
    model: LightGbm,
    way: Way,
}

/// How leaves are found: the sums are the same.
#[derive(Debug, Clone)]
enum Way {
    Narrow(Masks<u32>),
    Wide(Masks<u64>),
    Walks(Vec<Walk>),
}

/// How the leaves of a tree are found.
#[derive(Debug, Clone)]
enum Walk {
    /// Numbers alone: no branch but the loop.
    Plain(Plain),
    /// With lists of words, or with zeros that count as missing: as the model says, by this number of its tree.
    AsWritten(usize),
}

#[derive(Debug, Clone)]
struct Plain {
    nodes: Vec<Node>,
    /// For each node that is a leaf its value.
    values: Vec<f64>,
    depth: usize,
}

/// A leaf leads to itself.
#[derive(Debug, Clone, Copy)]
struct Node {
    threshold: f64,
    /// The highest bit says that NaN goes left.
    feature: u32,
    /// The child on the right follows it.
    left: u32,
}

const NAN_LEFT: u32 = 1 << 31;

impl Scorer {
    pub fn new(model: &LightGbm) -> Scorer {
        let way = match (Masks::new(model), Masks::new(model)) {
            (Some(masks), _) => Way::Narrow(masks),
            (_, Some(masks)) => Way::Wide(masks),
            _ => Way::Walks(walks(model)),
        };
        Scorer {
            way,
            model: model.clone(),
        }
    }

    /// The same by walking through every tree, for comparison.
    #[doc(hidden)]
    pub fn walking(model: &LightGbm) -> Scorer {
        Scorer {
            way: Way::Walks(walks(model)),
            model: model.clone(),
        }
    }

    pub fn model(&self) -> &LightGbm {
        &self.model
    }

    /// The predictions of all rows given as columns (NaN is missing), a row's outputs side by side, on all cores.
    pub fn predict(&self, columns: &[&[f64]]) -> Result<Vec<f64>, LightGbmError> {
        let rows = self.check(columns)?;
        let outputs = self.model.outputs;
        let mut predictions = vec![0.0; rows * outputs];
        let blocks = predictions.par_chunks_mut(BLOCK * outputs).enumerate();
        blocks.for_each(|(block, part)| self.score(columns, block * BLOCK, part));
        Ok(predictions)
    }

    /// The same on this thread alone.
    pub fn predict_on_one_thread(&self, columns: &[&[f64]]) -> Result<Vec<f64>, LightGbmError> {
        let rows = self.check(columns)?;
        let outputs = self.model.outputs;
        let mut predictions = vec![0.0; rows * outputs];
        for (block, part) in predictions.chunks_mut(BLOCK * outputs).enumerate() {
            self.score(columns, block * BLOCK, part);
        }
        Ok(predictions)
    }

    fn check(&self, columns: &[&[f64]]) -> Result<usize, LightGbmError> {
        let expected = self.model.names.len();
        if columns.len() != expected {
            return Err(LightGbmError::ColumnsDiffer {
                expected,
                found: columns.len(),
            });
        }
        let rows = columns.first().map_or(0, |column| column.len());
        match columns.iter().position(|column| column.len() != rows) {
            None => Ok(rows),
            Some(column) => Err(LightGbmError::RowsDiffer {
                column,
                expected: rows,
                found: columns[column].len(),
            }),
        }
    }

    fn score(&self, columns: &[&[f64]], start: usize, part: &mut [f64]) {
        match &self.way {
            Way::Narrow(masks) => self.add_masked(masks, columns, start, part),
            Way::Wide(masks) => self.add_masked(masks, columns, start, part),
            Way::Walks(trees) => self.add_walked(trees, columns, start, part),
        }
        part.chunks_exact_mut(self.model.outputs)
            .for_each(|sums| self.model.finish(sums));
    }

    fn add_masked<M: Mask>(
        &self,
        masks: &Masks<M>,
        columns: &[&[f64]],
        start: usize,
        part: &mut [f64],
    ) {
        let outputs = self.model.outputs;
        let rows = part.len() / outputs;
        let mut cells = vec![0; rows * columns.len()];
        for (place, (column, cells)) in columns.iter().zip(cells.chunks_exact_mut(rows)).enumerate()
        {
            let values = column[start..start + rows]
                .iter()
                .map(|value| snapped(*value));
            masks.place(place, values, cells);
        }
        masks.add(&cells, rows, outputs, part);
    }

    fn add_walked(&self, trees: &[Walk], columns: &[&[f64]], start: usize, part: &mut [f64]) {
        let outputs = self.model.outputs;
        let (rows, width) = (part.len() / outputs, columns.len());
        // Row after row, up to whole lanes.
        let mut values = vec![0.0; rows.next_multiple_of(LANES) * width];
        for (place, column) in columns.iter().enumerate() {
            let own = &column[start..start + rows];
            for (row, value) in values.chunks_exact_mut(width).zip(own) {
                row[place] = snapped(*value);
            }
        }
        for (index, tree) in trees.iter().enumerate() {
            let sums = part.iter_mut().skip(index % outputs).step_by(outputs);
            match tree {
                Walk::Plain(plain) => plain.add(&values, width, sums),
                Walk::AsWritten(number) => {
                    let tree = &self.model.trees[*number];
                    let pairs = values.chunks_exact(width).zip(sums);
                    pairs.for_each(|(row, sum)| *sum += tree.leaf(row));
                }
            }
        }
    }
}

fn walks(model: &LightGbm) -> Vec<Walk> {
    let walk = |(index, tree): (usize, &Tree)| match Plain::new(tree) {
        Some(plain) => Walk::Plain(plain),
        None => Walk::AsWritten(index),
    };
    model.trees.iter().enumerate().map(walk).collect()
}

impl Plain {
    /// None for a tree that compares more than numbers.
    fn new(tree: &Tree) -> Option<Plain> {
        let leaf = |place: u32| Node {
            threshold: f64::INFINITY,
            feature: NAN_LEFT,
            left: place,
        };
        let mut nodes = vec![leaf(0)];
        let mut values = vec![0.0];
        // Places of nodes, and what is to stand there.
        let mut open = vec![(0_usize, if tree.splits.is_empty() { -1 } else { 0 })];
        while let Some((place, child)) = open.pop() {
            let Ok(index) = usize::try_from(child) else {
                values[place] = tree.leaves[!child as usize];
                continue;
            };
            let split = &tree.splits[index];
            let Test::AtMost(threshold) = split.test else {
                return None;
            };
            let left = u32::try_from(nodes.len()).ok()?;
            let feature = u32::try_from(split.feature)
                .ok()
                .filter(|feature| feature & NAN_LEFT == 0)?;
            nodes[place] = Node {
                threshold,
                feature: if split.nan_left {
                    feature | NAN_LEFT
                } else {
                    feature
                },
                left,
            };
            nodes.extend([leaf(left), leaf(left + 1)]);
            values.extend([0.0, 0.0]);
            open.extend([
                (left as usize, split.left),
                (left as usize + 1, split.right),
            ]);
        }
        Some(Plain {
            nodes,
            values,
            depth: tree.depth,
        })
    }

    /// Adds each row's leaf to its sum.
    fn add<'a>(&self, values: &[f64], width: usize, mut sums: impl Iterator<Item = &'a mut f64>) {
        for rows in values.chunks_exact(LANES * width) {
            let mut places = [0_usize; LANES];
            for _ in 0..self.depth {
                for (lane, place) in places.iter_mut().enumerate() {
                    let node = self.nodes[*place];
                    let value = rows[lane * width + (node.feature & !NAN_LEFT) as usize];
                    let nan_left = node.feature & NAN_LEFT != 0;
                    let goes_left = (value <= node.threshold) | (value.is_nan() & nan_left);
                    *place = node.left as usize + usize::from(!goes_left);
                }
            }
            for (place, sum) in places.iter().zip(&mut sums) {
                *sum += self.values[*place];
            }
        }
    }
}
