//! From a forest to the program that the kernel runs: rulers, and trees in groups.

use super::group::{Group, trees_that_fit};
use super::ruler::{MOST, Ruler};
use crate::fold::Scaling;
use crate::forest::{Forest, Node, Tree};

/// A forest, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub columns: usize,
    pub base_margin: f32,
    pub(super) rulers: Vec<Ruler>,
    pub(super) groups: Vec<Group>,
    /// The most lines that a group needs.
    pub(super) lines: usize,
    /// Whether there are trees that are walked, which need the bins as bytes.
    pub(super) walks: bool,
}

/// A comparison: the plane of the bins and the bin that must be exceeded. Every ruler has two
/// planes: with missing values left of everything (even), and right of everything (odd).
pub(crate) type Question = (usize, u8);

impl Program {
    /// The scalings have been checked.
    pub fn new(forest: &Forest, scalings: &[Scaling]) -> Program {
        let (mut program, questions) = Self::rulers(forest, scalings);
        let mut first = 0;
        while first < questions.len() {
            let last = first + trees_that_fit(&questions[first..]);
            let group = Group::new(
                &program.rulers,
                &forest.trees[first..last],
                &questions[first..last],
            );
            program.lines = program.lines.max(group.lines);
            program.walks |= group.walks();
            program.groups.push(group);
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
            groups: Vec::new(),
            lines: 1,
            walks: false,
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

    /// Room for the bins of all planes.
    pub fn empty_bins(&self, block_rows: usize) -> Vec<u8> {
        vec![0; 2 * self.rulers.len() * block_rows]
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
        let planes = bins.chunks_exact_mut(2 * block_rows);
        for (ruler, planes) in self.rulers.iter().zip(planes) {
            let values = &columns[ruler.column][first..first + rows];
            let (left, right) = planes.split_at_mut(block_rows);
            ruler.bin(values, left, right);
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
            self.rulers.push(Ruler::new(column, part));
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
                let ruler = column.first_ruler + place / MOST;
                let right = usize::from(!missing_left);
                self.rulers[ruler].asked[right] = true;
                (2 * ruler + right, (place % MOST) as u8)
            }
        };
        tree.nodes.iter().map(ask).collect()
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
