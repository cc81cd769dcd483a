//! Trees of more than nine levels: too many places to select between, so they are walked.

use super::layout::Question;
use crate::forest::{Node, Tree};

/// A node: an inner one compares, a leaf leads to itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Whose bins are compared.
    pub plane: u32,
    /// A bin up to this one goes left.
    pub last_left: u8,
    pub left: u32,
    pub right: u32,
}

/// A deep tree.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    pub steps: Vec<Step>,
    /// The value of each node that is a leaf.
    pub leaves: Vec<f32>,
    pub depth: usize,
}

impl Walk {
    pub fn new(tree: &Tree, questions: &[Question]) -> Walk {
        let mut walk = Walk {
            steps: Vec::with_capacity(tree.nodes.len()),
            leaves: Vec::with_capacity(tree.nodes.len()),
            depth: tree.depth,
        };
        for (here, (node, (plane, last_left))) in tree.nodes.iter().zip(questions).enumerate() {
            let here = here as u32;
            let (left, right, value) = match *node {
                Node::Leaf { value } => (here, here, value),
                Node::Split { left, right, .. } => (left, right, 0.0),
            };
            walk.steps.push(Step {
                plane: *plane as u32,
                last_left: *last_left,
                left,
                right,
            });
            walk.leaves.push(value);
        }
        walk
    }

    /// Adds this tree's leaf to the margin of every row of the block. Eight rows go side by side,
    /// so that the processor waits for none of them.
    pub fn add(&self, bins: &[u8], block_rows: usize, margins: &mut [f32]) {
        const LANES: usize = 8;
        for (group, margins) in margins.chunks_mut(LANES).enumerate() {
            let first = group * LANES;
            let mut at = [0u32; LANES];
            for _ in 0..self.depth {
                for (lane, at) in at.iter_mut().enumerate() {
                    let step = self.steps[*at as usize];
                    let reached = bins[step.plane as usize * block_rows + first + lane];
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
