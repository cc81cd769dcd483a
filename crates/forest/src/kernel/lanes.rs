//! A tree as selections between lines, written once for every width of a register.
//!
//! Loops instead of `map`: what the standard library does not inline is compiled without the
//! instructions of the caller, and every register would go through memory.

use super::Line;
use super::group::Chunk;

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
        let mut ways = [[L::none(); 8]; 3];
        for (child, chunk) in below[..8].iter().enumerate() {
            let three = self.three_levels(chunk);
            for (way, bit) in ways.iter_mut().zip(three) {
                way[child] = bit;
            }
        }
        let top = self.load(top);
        let [a, b, c] = way(&top);
        let [d, e, f] = ways;
        [a, b, c, pick(&top, d), pick(&top, e), pick(&top, f)]
    }

    /// The same for up to nine levels: one chunk above eight above sixty-four.
    #[inline(always)]
    pub fn nine_levels<L: Lanes>(self, chunks: &[Chunk]) -> [L; 9] {
        if chunks[0][0] == 0 {
            return [L::none(); 9];
        }
        let mut ways = [[L::none(); 8]; 6];
        for child in 0..8 {
            let lowest = 9 + child * 8;
            let six = self.six_levels(&chunks[1 + child], &chunks[lowest..lowest + 8]);
            for (way, bit) in ways.iter_mut().zip(six) {
                way[child] = bit;
            }
        }
        let top = self.load(&chunks[0]);
        let [a, b, c] = way(&top);
        let [d, e, f, g, h, i] = ways;
        let (d, e, f) = (pick(&top, d), pick(&top, e), pick(&top, f));
        let (g, h, i) = (pick(&top, g), pick(&top, h), pick(&top, i));
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

/// Of the eight subtrees below three levels, for every row the one that it falls into.
#[inline(always)]
fn pick<L: Lanes>(nodes: &[L; 7], below: [L; 8]) -> L {
    let [root, left, right, a, b, c, d] = *nodes;
    let right_half = right.select(d.select(below[7], below[6]), c.select(below[5], below[4]));
    let left_half = left.select(b.select(below[3], below[2]), a.select(below[1], below[0]));
    root.select(right_half, left_half)
}
