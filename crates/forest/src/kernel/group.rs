//! Trees that are computed together: their distinct comparisons, their nodes, their leaves.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Comparisons;
use super::layout::Question;
use super::ruler::Ruler;
use super::walk::Walk;
use crate::forest::{Node, Tree};

/// More lines than these would not stay in the processor's second cache (64 bytes each).
const MOST_LINES: usize = 16384;

/// The most levels of a tree that is made of selections.
const MOST_LEVELS: usize = 9;

/// Three levels of nodes, as the numbers of their lines: the root, its children, their children.
/// Line 0 holds on no row, so it stands for no node: rows go left there.
pub(super) type Chunk = [u32; 7];

/// Trees whose lines stay in the cache together.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub comparisons: Vec<Comparisons>,
    pub trees: Vec<Piece>,
    pub chunks: Vec<Chunk>,
    pub leaves: Vec<f32>,
    /// With the one that holds on no row.
    pub lines: usize,
}

/// A tree, by what computes it. Chunks and leaves lie in the group.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Up to three levels: 1 chunk, 8 leaves.
    Three {
        chunk: usize,
        leaf: usize,
    },
    /// Up to six levels: 1 + 8 chunks, 64 leaves.
    Six {
        chunk: usize,
        leaf: usize,
    },
    /// Up to nine levels: 1 + 8 + 64 chunks, 512 leaves.
    Nine {
        chunk: usize,
        leaf: usize,
    },
    Deep(Walk),
}

/// The number of trees, at least one, whose comparisons are not too many.
pub(super) fn trees_that_fit(questions: &[Vec<Question>]) -> usize {
    let mut asked = BTreeSet::new();
    for (count, questions) in questions.iter().enumerate() {
        asked.extend(questions.iter().copied());
        if asked.len() > MOST_LINES && count > 0 {
            return count;
        }
    }
    questions.len()
}

impl Group {
    pub fn new(rulers: &[Ruler], trees: &[Tree], questions: &[Vec<Question>]) -> Group {
        let lines = lines(trees, questions);
        let mut group = Group {
            comparisons: Comparisons::of(rulers, &lines),
            trees: Vec::new(),
            chunks: Vec::new(),
            leaves: Vec::new(),
            lines: lines.len() + 1,
        };
        for (tree, questions) in trees.iter().zip(questions) {
            group.add_tree(tree, questions, &lines);
        }
        group
    }

    pub fn walks(&self) -> bool {
        let is_deep = |piece: &Piece| matches!(piece, Piece::Deep(_));
        self.trees.iter().any(is_deep)
    }

    fn add_tree(&mut self, tree: &Tree, questions: &[Question], lines: &BTreeMap<Question, u32>) {
        let (chunk, leaf) = (self.chunks.len(), self.leaves.len());
        let (piece, levels) = match tree.depth {
            0..=3 => (Piece::Three { chunk, leaf }, 3),
            4..=6 => (Piece::Six { chunk, leaf }, 6),
            7..=MOST_LEVELS => (Piece::Nine { chunk, leaf }, 9),
            _ => (Piece::Deep(Walk::new(tree, questions)), 0),
        };
        self.trees.push(piece);
        if levels == 0 {
            return;
        }
        let chunks = [1, 9, 73][levels / 3 - 1];
        self.chunks.resize(chunk + chunks, [0; 7]);
        self.leaves.resize(leaf + (1 << levels), 0.0);
        // (node, levels passed, way taken so far: one bit for each level)
        let mut stack = vec![(0u32, 0usize, 0usize)];
        while let Some((node, level, way)) = stack.pop() {
            match tree.nodes[node as usize] {
                // Below a leaf there is no node: rows go left to the end.
                Node::Leaf { value } => self.leaves[leaf + (way << (levels - level))] = value,
                Node::Split { left, right, .. } => {
                    let line = lines.get(&questions[node as usize]).copied().unwrap_or(0);
                    let (inner, above) = (level % 3, level / 3);
                    let place = chunk + [0, 1, 9][above] + (way >> inner);
                    self.chunks[place][(1 << inner) - 1 + (way & ((1 << inner) - 1))] = line;
                    stack.push((left, level + 1, way << 1));
                    stack.push((right, level + 1, way << 1 | 1));
                }
            }
        }
    }
}

/// Gives every distinct comparison a line, from 1 on.
fn lines(trees: &[Tree], questions: &[Vec<Question>]) -> BTreeMap<Question, u32> {
    let mut lines = BTreeMap::new();
    for (tree, questions) in trees.iter().zip(questions) {
        if tree.depth > MOST_LEVELS {
            continue;
        }
        for (node, question) in tree.nodes.iter().zip(questions) {
            if matches!(node, Node::Split { .. }) {
                lines.insert(*question, 0);
            }
        }
    }
    for (index, line) in lines.values_mut().enumerate() {
        *line = index as u32 + 1;
    }
    lines
}
