//! From a forest to the program that the kernel runs: rulers, comparisons, chunks of nodes, leaves.

use std::collections::BTreeMap;

use super::ruler::{MOST, Ruler};
use super::walk::{Step, Walk};
use crate::fold::Scaling;
use crate::forest::{Forest, Node, Tree};

/// More lines than these would not stay in the processor's second cache (64 bytes each).
const MOST_LINES: usize = 8192;

/// The most levels of a tree that is made of selections.
const MOST_LEVELS: usize = 9;

/// Three levels of nodes, as the numbers of their lines: the root, its children, their children.
/// Line 0 holds on no row, so it stands for no node: rows go left there.
pub(super) type Chunk = [u32; 7];

/// A forest, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub columns: usize,
    pub base_margin: f32,
    pub(super) rulers: Vec<Ruler>,
    /// How many planes of bins the rulers write.
    pub(super) planes: usize,
    pub(super) groups: Vec<Group>,
    /// The most lines that a group needs.
    pub(super) lines: usize,
}

/// Trees whose lines stay in the cache together.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub comparisons: Vec<Comparisons>,
    pub trees: Vec<Piece>,
    pub chunks: Vec<Chunk>,
    pub leaves: Vec<f32>,
}

/// The comparisons of one plane: line `first_line + i` holds where the bin is above `above[i]`.
#[derive(Debug, Clone)]
pub(super) struct Comparisons {
    pub plane: usize,
    pub first_line: usize,
    pub above: Vec<u8>,
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

/// A comparison: the plane of the bins and the bin that must be exceeded.
pub(crate) type Question = (usize, u8);

impl Program {
    /// The scalings have been checked.
    pub fn new(forest: &Forest, scalings: &[Scaling]) -> Program {
        let (mut program, questions) = Self::rulers(forest, scalings);
        let mut first = 0;
        while first < questions.len() {
            let last = first + trees_that_fit(&questions[first..]);
            program.add_group(&forest.trees[first..last], &questions[first..last]);
            first = last;
        }
        program
    }

    /// A program that only places values, and what each tree's nodes ask of the places.
    pub fn rulers(forest: &Forest, scalings: &[Scaling]) -> (Program, Vec<Vec<Question>>) {
        let mut program = Program {
            columns: forest.feature_count,
            base_margin: forest.base_margin,
            rulers: Vec::new(),
            planes: 0,
            groups: Vec::new(),
            lines: 1,
        };
        let columns: Vec<Column> = scalings
            .iter()
            .enumerate()
            .map(|(column, scaling)| program.add_column(forest, column, *scaling))
            .collect();
        let questions = forest
            .trees
            .iter()
            .map(|tree| program.questions(tree, &columns))
            .collect();
        (program, questions)
    }

    pub fn empty_bins(&self, block_rows: usize) -> Vec<u8> {
        vec![0; self.planes * block_rows]
    }

    /// Places the values of up to `block_rows` rows on all rulers.
    #[inline(always)]
    pub fn bin(
        &self,
        columns: &[&[f64]],
        first: usize,
        rows: usize,
        block_rows: usize,
        bins: &mut [u8],
    ) {
        for ruler in &self.rulers {
            let values = &columns[ruler.column][first..first + rows];
            ruler.bin(values, bins, block_rows);
        }
    }

    /// Only the rulers, to measure them.
    pub fn without_trees(&self) -> Program {
        Program {
            groups: Vec::new(),
            ..self.clone()
        }
    }

    fn add_column(&mut self, forest: &Forest, column: usize, scaling: Scaling) -> Column {
        let plain = forest.thresholds(column);
        let each: Vec<f64> = plain
            .iter()
            .map(|threshold| scaling.fold(*threshold))
            .collect();
        let mut folded = each.clone();
        // They rise already, and NaN is last: folding keeps the order.
        folded.dedup_by(|a, b| a == b || (a.is_nan() && b.is_nan()));
        let places = each
            .iter()
            .map(|one| {
                folded.partition_point(|other| other < one || (one.is_nan() && !other.is_nan()))
            })
            .collect();
        let first_ruler = self.rulers.len();
        for part in folded.chunks(MOST) {
            self.rulers.push(Ruler::new(column, part.to_vec()));
        }
        Column {
            plain,
            places,
            first_ruler,
        }
    }

    /// What each node of a tree asks; anything for a leaf.
    fn questions(&mut self, tree: &Tree, columns: &[Column]) -> Vec<Question> {
        let ask = |node: &Node| match *node {
            Node::Leaf { .. } => (0, 0),
            Node::Split {
                feature,
                threshold,
                missing_left,
                ..
            } => {
                let column = &columns[feature as usize];
                let index = column.plain.partition_point(|other| *other < threshold);
                let place = column.places[index];
                let plane = self.plane(column.first_ruler + place / MOST, missing_left);
                (plane, (place % MOST) as u8)
            }
        };
        tree.nodes.iter().map(ask).collect()
    }

    fn plane(&mut self, ruler: usize, missing_left: bool) -> usize {
        let ruler = &mut self.rulers[ruler];
        let plane = if missing_left {
            &mut ruler.missing_left
        } else {
            &mut ruler.missing_right
        };
        *plane.get_or_insert_with(|| {
            self.planes += 1;
            self.planes - 1
        })
    }

    fn add_group(&mut self, trees: &[Tree], questions: &[Vec<Question>]) {
        let mut group = Group::default();
        let lines = group.add_comparisons(trees, questions);
        for (tree, questions) in trees.iter().zip(questions) {
            group.add_tree(tree, questions, &lines);
        }
        self.lines = self.lines.max(lines.len() + 1);
        self.groups.push(group);
    }
}

/// How a column's thresholds became places on its rulers.
struct Column {
    /// The model's own thresholds, rising.
    plain: Vec<f32>,
    /// For each of them its place among the folded ones.
    places: Vec<usize>,
    first_ruler: usize,
}

/// The number of trees, at least one, whose comparisons are not too many.
fn trees_that_fit(questions: &[Vec<Question>]) -> usize {
    let mut asked = std::collections::BTreeSet::new();
    for (count, questions) in questions.iter().enumerate() {
        asked.extend(questions.iter().copied());
        if asked.len() > MOST_LINES && count > 0 {
            return count;
        }
    }
    questions.len()
}

impl Group {
    /// Gives every distinct comparison of the group a line.
    fn add_comparisons(
        &mut self,
        trees: &[Tree],
        questions: &[Vec<Question>],
    ) -> BTreeMap<Question, u32> {
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
        for (index, ((plane, above), line)) in lines.iter_mut().enumerate() {
            *line = index as u32 + 1;
            match self.comparisons.last_mut() {
                Some(last) if last.plane == *plane => last.above.push(*above),
                _ => self.comparisons.push(Comparisons {
                    plane: *plane,
                    first_line: index + 1,
                    above: vec![*above],
                }),
            }
        }
        lines
    }

    fn add_tree(&mut self, tree: &Tree, questions: &[Question], lines: &BTreeMap<Question, u32>) {
        let (chunk, leaf) = (self.chunks.len(), self.leaves.len());
        let (piece, levels) = match tree.depth {
            0..=3 => (Piece::Three { chunk, leaf }, 3),
            4..=6 => (Piece::Six { chunk, leaf }, 6),
            7..=MOST_LEVELS => (Piece::Nine { chunk, leaf }, 9),
            _ => (Piece::Deep(walk(tree, questions)), 0),
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

fn walk(tree: &Tree, questions: &[Question]) -> Walk {
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
