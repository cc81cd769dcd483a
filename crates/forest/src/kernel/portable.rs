//! The kernel in plain Rust: 64 rows at once, one byte for each, so that compilers make of every
//! loop the vector instructions that there are (NEON, SSE2, and AVX2 where it is found).

use super::lanes::{Lanes, nine_levels, six_levels, three_levels};
use super::layout::{Group, Piece, Program};
use super::{Line, Scratch};

const BLOCK_ROWS: usize = 64;

/// One byte per row: all bits or none. Handled as eight words, which is as good for selections.
type Bytes = [u64; 8];

impl Lanes for Bytes {
    #[inline(always)]
    fn none() -> Self {
        [0; 8]
    }

    #[inline(always)]
    fn load(line: &Line) -> Self {
        line.0
    }

    #[inline(always)]
    fn select(self, right: Self, left: Self) -> Self {
        std::array::from_fn(|word| left[word] ^ (self[word] & (left[word] ^ right[word])))
    }
}

pub(super) fn score(program: &Program, columns: &[&[f64]], start: usize, margins: &mut [f32]) {
    run(program, columns, start, margins);
}

/// The same code, compiled for AVX2, which the caller has found.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // A function for AVX2 may only be called where it is known to be there.
pub(super) fn score_with_avx2(
    program: &Program,
    columns: &[&[f64]],
    start: usize,
    margins: &mut [f32],
) {
    #[target_feature(enable = "avx2")]
    fn compiled(program: &Program, columns: &[&[f64]], start: usize, margins: &mut [f32]) {
        run(program, columns, start, margins);
    }
    if !std::arch::is_x86_feature_detected!("avx2") {
        return score(program, columns, start, margins);
    }
    // SAFETY: AVX2 was found in the line above.
    unsafe { compiled(program, columns, start, margins) }
}

#[inline(always)]
fn run(program: &Program, columns: &[&[f64]], start: usize, margins: &mut [f32]) {
    let mut scratch = Scratch::new(program, BLOCK_ROWS);
    for (block, margins) in margins.chunks_mut(BLOCK_ROWS).enumerate() {
        let first = start + block * BLOCK_ROWS;
        program.bin(columns, first, margins.len(), BLOCK_ROWS, &mut scratch.bins);
        margins.fill(program.base_margin);
        for group in &program.groups {
            compare(group, &mut scratch);
            for piece in &group.trees {
                add(group, piece, &scratch, margins);
            }
        }
    }
}

/// Answers all comparisons of the group.
#[inline(always)]
fn compare(group: &Group, scratch: &mut Scratch) {
    for comparisons in &group.comparisons {
        let first = comparisons.plane * BLOCK_ROWS;
        let (words, _) = scratch.bins[first..first + BLOCK_ROWS].as_chunks::<8>();
        let lines = scratch.lines[comparisons.first_line..].iter_mut();
        for (above, line) in comparisons.above.iter().zip(lines) {
            for (word, bins) in line.0.iter_mut().zip(words) {
                let holds = bins.map(|bin| if bin > *above { u8::MAX } else { 0 });
                *word = u64::from_ne_bytes(holds);
            }
        }
    }
}

#[inline(always)]
fn add(group: &Group, piece: &Piece, scratch: &Scratch, margins: &mut [f32]) {
    let lines = &scratch.lines;
    match *piece {
        Piece::Three { chunk, leaf } => {
            let bits = three_levels::<Bytes>(lines, &group.chunks[chunk..=chunk]);
            look_up(&bits, &group.leaves[leaf..leaf + 8], margins);
        }
        Piece::Six { chunk, leaf } => {
            let below = &group.chunks[chunk + 1..chunk + 9];
            let bits = six_levels::<Bytes>(lines, &group.chunks[chunk], below);
            look_up(&bits, &group.leaves[leaf..leaf + 64], margins);
        }
        Piece::Nine { chunk, leaf } => {
            let bits = nine_levels::<Bytes>(lines, &group.chunks[chunk..chunk + 73]);
            look_up(&bits, &group.leaves[leaf..leaf + 512], margins);
        }
        Piece::Deep(ref walk) => walk.add(&scratch.bins, BLOCK_ROWS, margins),
    }
}

/// Adds to each row's margin the leaf whose index its bits spell, the highest first.
#[inline(always)]
fn look_up<const LEVELS: usize>(bits: &[Bytes; LEVELS], leaves: &[f32], margins: &mut [f32]) {
    let (highest, low) = bits.split_at(LEVELS.saturating_sub(8));
    let mut index = [0u64; 8];
    for (bit, bytes) in low.iter().rev().enumerate() {
        let one = 0x0101_0101_0101_0101u64 << bit;
        for (index, byte) in index.iter_mut().zip(bytes) {
            *index |= byte & one;
        }
    }
    let index = index.map(u64::to_ne_bytes);
    let index = index.as_flattened();
    match highest {
        [] => {
            for (margin, index) in margins.iter_mut().zip(index) {
                *margin += leaves[usize::from(*index)];
            }
        }
        [ninth, ..] => {
            let ninth = ninth.map(u64::to_ne_bytes);
            for ((margin, index), high) in margins.iter_mut().zip(index).zip(ninth.as_flattened()) {
                *margin += leaves[usize::from(*index) | usize::from(high & 1) << 8];
            }
        }
    }
}
