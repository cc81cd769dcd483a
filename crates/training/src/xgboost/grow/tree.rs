//! One tree, grown from its root, and what it adds to every row's prediction.

use super::bins::{Bin, BinnedRows, JudgedRows};
use super::gain::Penalty;
use super::histogram::{Histogram, Seen, Sum};
use super::split::{Finder, Split};

/// What a tree is grown with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) max_depth: u32,
    pub(super) learning_rate: f32,
    pub(super) penalty: Penalty,
}

/// The rows that are in a node, as a range of each of the three lists of rows.
#[derive(Debug, Clone, Copy)]
struct Node {
    learned: Span,
    left_out: Span,
    judged: Span,
    sum: Sum,
    weight: f32,
    depth: u32,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn of<'a>(&self, rows: &'a [u32]) -> &'a [u32] {
        &rows[self.start..self.end]
    }
}

/// Room that trees share, one after the other.
pub(super) struct Room<const SLOTS: usize> {
    finder: Finder,
    /// Histograms that no node needs at the moment.
    free: Vec<Histogram<SLOTS>>,
    /// Rows that the tree learns from, those it does not, and those it is judged on; the rows of a node lie
    /// together.
    learned: Vec<u32>,
    left_out: Vec<u32>,
    judged: Vec<u32>,
    aside: Vec<u32>,
}

impl<const SLOTS: usize> Room<SLOTS> {
    pub(super) fn new(rows: usize, judged: usize) -> Self {
        Room {
            finder: Finder::new(SLOTS),
            free: Vec::new(),
            learned: Vec::with_capacity(rows),
            left_out: Vec::with_capacity(rows),
            judged: Vec::with_capacity(judged),
            aside: vec![0; rows.max(judged)],
        }
    }
}

/// A tree that is being grown.
pub(super) struct Growth<'a, B, const SLOTS: usize> {
    pub(super) rules: Rules,
    pub(super) seen: Seen,
    pub(super) binned: &'a BinnedRows<B, SLOTS>,
    pub(super) judged: &'a JudgedRows,
    pub(super) gradients: &'a [f32],
    /// What the trees before have added up to, and then this one too.
    pub(super) learned_margins: &'a mut [f32],
    pub(super) judged_margins: &'a mut [f32],
    pub(super) room: &'a mut Room<SLOTS>,
}

impl<B: Bin, const SLOTS: usize> Growth<'_, B, SLOTS> {
    /// Grows the tree from the rows that `learns` says; from all where it is `None`.
    pub(super) fn grow(mut self, learns: Option<impl Iterator<Item = bool>>) {
        self.hand_out(learns);
        let mut histogram = self.take();
        let room = &*self.room;
        histogram.add(&self.seen, self.binned, self.gradients, &room.learned);
        let sum = self.sum(&room.learned);
        let all = |rows: &[u32]| Span {
            start: 0,
            end: rows.len(),
        };
        let root = Node {
            learned: all(&room.learned),
            left_out: all(&room.left_out),
            judged: all(&room.judged),
            sum,
            weight: self.rules.penalty.weight(sum),
            depth: 0,
        };
        self.expand(root, histogram);
    }

    /// The sum of these rows, added up as XGBoost does it: bin by bin of the first column, or row by row where
    /// any value is missing.
    fn sum(&self, rows: &[u32]) -> Sum {
        let mut bins = vec![[0.0; 2]; SLOTS];
        let first = self.binned.column(0);
        let place = |row: usize| match self.binned.any_missing() {
            true => 0,
            false => first[row].number(),
        };
        for row in rows {
            let sum: &mut Sum = &mut bins[place(*row as usize)];
            sum[0] += f64::from(self.gradients[*row as usize]);
            sum[1] += 1.0;
        }
        bins.iter()
            .fold([0.0; 2], |all, bin| [all[0] + bin[0], all[1] + bin[1]])
    }

    /// Puts every row into its list.
    fn hand_out(&mut self, learns: Option<impl Iterator<Item = bool>>) {
        let rows = 0..self.binned.rows as u32;
        let room = &mut *self.room;
        room.learned.clear();
        room.left_out.clear();
        match learns {
            None => room.learned.extend(rows),
            Some(learns) => {
                for (row, learns) in rows.zip(learns) {
                    match learns {
                        true => room.learned.push(row),
                        false => room.left_out.push(row),
                    }
                }
            }
        }
        room.judged.clear();
        room.judged.extend(0..self.judged.rows() as u32);
    }

    /// An empty histogram.
    fn take(&mut self) -> Histogram<SLOTS> {
        match self.room.free.pop() {
            Some(mut histogram) => {
                histogram.clear(&self.seen);
                histogram
            }
            None => Histogram::new(self.binned.columns.len()),
        }
    }

    /// Splits a node as long as it is worth it.
    fn expand(&mut self, node: Node, histogram: Histogram<SLOTS>) {
        let penalty = &self.rules.penalty;
        let finder = &mut self.room.finder;
        let Some(split) = finder.find(&histogram, &self.seen, node.sum, penalty) else {
            self.room.free.push(histogram);
            return self.end(node);
        };
        let [left, right] = self.children(node, &split);
        if left.depth == self.rules.max_depth {
            self.room.free.push(histogram);
            self.end(left);
            return self.end(right);
        }
        let (smaller, larger) = match split.right[1] < split.left[1] {
            true => (right, left),
            false => (left, right),
        };
        let mut of_larger = histogram;
        let mut of_smaller = self.take();
        let rows = smaller.learned.of(&self.room.learned);
        of_smaller.add(&self.seen, self.binned, self.gradients, rows);
        of_larger.subtract(&self.seen, &of_smaller);
        self.expand(smaller, of_smaller);
        self.expand(larger, of_larger);
    }

    /// Parts the rows of a node.
    fn children(&mut self, node: Node, split: &Split) -> [Node; 2] {
        let room = &mut *self.room;
        let bins = self.binned.column(split.column);
        let goes_left = |row: u32| {
            let bin = bins[row as usize].number();
            match bin == SLOTS - 1 && self.binned.columns[split.column].any_missing {
                true => split.missing_to_left,
                false => bin < split.bins_to_left,
            }
        };
        let learned = part(node.learned, &mut room.learned, &mut room.aside, goes_left);
        let left_out = part(
            node.left_out,
            &mut room.left_out,
            &mut room.aside,
            goes_left,
        );
        let bins = self.judged.column(split.column);
        let goes_left = |row: u32| {
            let bin = bins[row as usize];
            match JudgedRows::is_missing(bin) {
                true => split.missing_to_left,
                false => usize::from(bin) < split.bins_to_left,
            }
        };
        let judged = part(node.judged, &mut room.judged, &mut room.aside, goes_left);
        let child = |side: usize, sum: Sum| Node {
            learned: learned[side],
            left_out: left_out[side],
            judged: judged[side],
            sum,
            weight: self.rules.penalty.weight(sum),
            depth: node.depth + 1,
        };
        [child(0, split.left), child(1, split.right)]
    }

    /// A leaf: adds its value to its rows.
    fn end(&mut self, leaf: Node) {
        let value = self.rules.learning_rate * leaf.weight;
        let room = &*self.room;
        let (learned, left_out) = (
            leaf.learned.of(&room.learned),
            leaf.left_out.of(&room.left_out),
        );
        for row in learned.iter().chain(left_out) {
            self.learned_margins[*row as usize] += value;
        }
        for row in leaf.judged.of(&room.judged) {
            self.judged_margins[*row as usize] += value;
        }
    }
}

/// Moves the rows of a node that go to the left before those that go to the right; both keep their order.
#[inline(always)]
fn part(
    span: Span,
    rows: &mut [u32],
    aside: &mut [u32],
    goes_left: impl Fn(u32) -> bool,
) -> [Span; 2] {
    let rows = &mut rows[span.start..span.end];
    let aside = &mut aside[..rows.len()];
    let (mut left, mut right) = (0, 0);
    for place in 0..rows.len() {
        let row = rows[place];
        let is_left = goes_left(row);
        // Both are written, one of them counts: no branch to guess.
        rows[left] = row;
        aside[right] = row;
        left += usize::from(is_left);
        right += usize::from(!is_left);
    }
    rows[left..].copy_from_slice(&aside[..right]);
    let middle = span.start + left;
    [
        Span {
            start: span.start,
            end: middle,
        },
        Span {
            start: middle,
            end: span.end,
        },
    ]
}
