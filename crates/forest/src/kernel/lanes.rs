//! A tree as selections between lines, written once for every width of a line.

use super::Line;
use super::layout::Chunk;

/// The answers for a block of rows, one per lane.
pub(super) trait Lanes: Copy {
    fn none() -> Self;
    fn load(line: &Line) -> Self;
    /// Lane by lane, `right` where `self` holds, else `left`.
    fn select(self, right: Self, left: Self) -> Self;
}

/// The lines of a chunk's seven nodes.
#[inline(always)]
fn load<L: Lanes>(lines: &[Line], chunk: &Chunk) -> [L; 7] {
    chunk.map(|line| L::load(&lines[line as usize]))
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

/// The index of the leaf in a tree of up to three levels, the highest bit first.
#[inline(always)]
pub(super) fn three_levels<L: Lanes>(lines: &[Line], chunks: &[Chunk]) -> [L; 3] {
    // A chunk without a root is a leaf: every row lies at its first place.
    if chunks[0][0] == 0 {
        return [L::none(); 3];
    }
    way(&load(lines, &chunks[0]))
}

/// The same for up to six levels: one chunk above eight.
#[inline(always)]
pub(super) fn six_levels<L: Lanes>(lines: &[Line], top: &Chunk, below: &[Chunk]) -> [L; 6] {
    if top[0] == 0 {
        return [L::none(); 6];
    }
    let mut ways = [[L::none(); 8]; 3];
    for child in 0..8 {
        let [first, second, third] = three_levels(lines, &below[child..child + 1]);
        ways[0][child] = first;
        ways[1][child] = second;
        ways[2][child] = third;
    }
    let top = load(lines, top);
    let [a, b, c] = way(&top);
    let [d, e, f] = ways.map(|below| pick(&top, below));
    [a, b, c, d, e, f]
}

/// The same for up to nine levels: one chunk above eight above sixty-four.
#[inline(always)]
pub(super) fn nine_levels<L: Lanes>(lines: &[Line], chunks: &[Chunk]) -> [L; 9] {
    if chunks[0][0] == 0 {
        return [L::none(); 9];
    }
    let mut ways = [[L::none(); 8]; 6];
    for child in 0..8 {
        let lowest = 9 + child * 8;
        let six = six_levels(lines, &chunks[1 + child], &chunks[lowest..lowest + 8]);
        for (way, bit) in ways.iter_mut().zip(six) {
            way[child] = bit;
        }
    }
    let top = load(lines, &chunks[0]);
    let [a, b, c] = way(&top);
    let [d, e, f, g, h, i] = ways.map(|below| pick(&top, below));
    [a, b, c, d, e, f, g, h, i]
}
