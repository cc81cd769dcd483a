//! A tree as selections between lines, written once for every width of a register.
//!
//! Loops instead of `map`, and a macro instead of a closure: what is not inlined for certain is
//! compiled without the instructions of the caller, and every register would go through memory.

use super::Line;
use super::group::Chunk;

/// Of the eight subtrees below three levels, for every row the way in the one that it falls into.
/// Two are joined as soon as both are known, so that few registers wait.
macro_rules! eight {
    ($nodes:expr, $child:ident => $below:expr) => {{
        let [root, left, right, a, b, c, d] = $nodes;
        let left_left = join(a, eight!($child = 0, $below), eight!($child = 1, $below));
        let left_right = join(b, eight!($child = 2, $below), eight!($child = 3, $below));
        let left_half = join(left, left_left, left_right);
        let right_left = join(c, eight!($child = 4, $below), eight!($child = 5, $below));
        let right_right = join(d, eight!($child = 6, $below), eight!($child = 7, $below));
        join(root, left_half, join(right, right_left, right_right))
    }};
    ($child:ident = $number:literal, $below:expr) => {{
        let $child = $number;
        $below
    }};
}

/// One bit per row, for the rows of a part of a line.
pub(super) trait Lanes: Copy {
    /// Words of 64 rows.
    const WORDS: usize;

    fn none() -> Self;
    fn load(line: &Line, part: usize) -> Self;
    fn store(self, line: &mut Line, part: usize);
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    /// Row by row, `right` where `self` holds, else `left`.
    fn select(self, right: Self, left: Self) -> Self;
}

/// What is selected between: one part of all lines.
#[derive(Clone, Copy)]
pub(super) struct Answers<'a> {
    pub lines: &'a [Line],
    pub part: usize,
}

impl Answers<'_> {
    /// The lines of a chunk's seven nodes.
    #[inline(always)]
    fn load<L: Lanes>(self, chunk: &Chunk) -> [L; 7] {
        let mut nodes = [L::none(); 7];
        for (node, line) in nodes.iter_mut().zip(chunk) {
            *node = L::load(&self.lines[*line as usize], self.part);
        }
        nodes
    }

    /// The index of the leaf in a tree of up to three levels, the highest bit first.
    #[inline(always)]
    pub fn three_levels<L: Lanes>(self, chunk: &Chunk) -> [L; 3] {
        // A chunk without a root is a leaf: every row lies at its first place.
        if chunk[0] == 0 {
            return [L::none(); 3];
        }
        way(&self.load(chunk))
    }

    /// The same for up to six levels: one chunk above eight.
    #[inline(always)]
    pub fn six_levels<L: Lanes>(self, top: &Chunk, below: &[Chunk]) -> [L; 6] {
        if top[0] == 0 {
            return [L::none(); 6];
        }
        let top = self.load(top);
        let lower = eight!(top, child => self.three_levels::<L>(&below[child]));
        let [a, b, c] = way(&top);
        let [d, e, f] = lower;
        [a, b, c, d, e, f]
    }

    /// The same for up to nine levels: one chunk above eight above sixty-four.
    #[inline(always)]
    pub fn nine_levels<L: Lanes>(self, chunks: &[Chunk]) -> [L; 9] {
        if chunks[0][0] == 0 {
            return [L::none(); 9];
        }
        let top = self.load(&chunks[0]);
        let lower = eight!(top, child => {
            let lowest = 9 + child * 8;
            self.six_levels::<L>(&chunks[1 + child], &chunks[lowest..lowest + 8])
        });
        let [a, b, c] = way(&top);
        let [d, e, f, g, h, i] = lower;
        [a, b, c, d, e, f, g, h, i]
    }
}

/// For every row the way through three levels of nodes: three bits, the first decision first.
#[inline(always)]
fn way<L: Lanes>(nodes: &[L; 7]) -> [L; 3] {
    let [root, left, right, a, b, c, d] = *nodes;
    [
        root,
        root.select(right, left),
        root.select(right.select(d, c), left.select(b, a)),
    ]
}

#[inline(always)]
fn join<L: Lanes, const LEVELS: usize>(
    node: L,
    left: [L; LEVELS],
    right: [L; LEVELS],
) -> [L; LEVELS] {
    let mut joined = left;
    for (joined, right) in joined.iter_mut().zip(right) {
        *joined = node.select(right, *joined);
    }
    joined
}
