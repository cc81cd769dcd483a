//! The kernel in plain Rust, on words of 64 rows, so that compilers make of every loop the vector
//! instructions that there are (NEON, SSE2, and AVX2 where it is found).

use super::compare::MOST_RESTS;
use super::group::{Group, Piece};
use super::lanes::{Answers, Lanes};
use super::layout::Program;
use super::{BLOCK_ROWS, Line, Scratch};

impl<const WORDS: usize> Lanes for [u64; WORDS] {
    const WORDS: usize = WORDS;

    #[inline(always)]
    fn none() -> Self {
        [0; WORDS]
    }

    #[inline(always)]
    fn load(line: &Line, part: usize) -> Self {
        line.0.as_chunks().0[part]
    }

    #[inline(always)]
    fn store(self, line: &mut Line, part: usize) {
        line.0.as_chunks_mut().0[part] = self;
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        let mut result = [0; WORDS];
        for word in 0..WORDS {
            result[word] = self[word] & other[word];
        }
        result
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        let mut result = [0; WORDS];
        for word in 0..WORDS {
            result[word] = self[word] | other[word];
        }
        result
    }

    #[inline(always)]
    fn select(self, right: Self, left: Self) -> Self {
        let mut result = [0; WORDS];
        for word in 0..WORDS {
            result[word] = left[word] ^ (self[word] & (left[word] ^ right[word]));
        }
        result
    }
}

/// In registers of 128 bits, which every processor of 64 bits has.
pub(super) fn score(program: &Program, columns: &[&[f64]], start: usize, margins: &mut [f32]) {
    run::<[u64; 2]>(program, columns, start, margins);
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
        run::<[u64; 4]>(program, columns, start, margins);
    }
    if !std::arch::is_x86_feature_detected!("avx2") {
        return score(program, columns, start, margins);
    }
    // SAFETY: AVX2 was found in the line above.
    unsafe { compiled(program, columns, start, margins) }
}

/// `L` is as many words as one register holds.
#[inline(always)]
fn run<L: Lanes + AsRef<[u64]>>(
    program: &Program,
    columns: &[&[f64]],
    start: usize,
    margins: &mut [f32],
) {
    let mut scratch = Scratch::new(program);
    let mut rests = [L::none(); MOST_RESTS];
    for (block, margins) in margins.chunks_mut(BLOCK_ROWS).enumerate() {
        let first = start + block * BLOCK_ROWS;
        for (ruler, places) in program.rulers.iter().zip(&mut scratch.places) {
            let values = &columns[ruler.column][first..first + margins.len()];
            ruler.bits(values, places);
        }
        if program.walks {
            program.bin(columns, first, margins.len(), BLOCK_ROWS, &mut scratch.bins);
        }
        margins.fill(program.base_margin);
        for group in &program.groups {
            compare(group, &mut scratch, &mut rests, margins.len());
            for piece in &group.trees {
                add::<L>(group, piece, &scratch, margins);
            }
        }
    }
}

#[inline(always)]
fn compare<L: Lanes>(
    group: &Group,
    scratch: &mut Scratch,
    rests: &mut [L; MOST_RESTS],
    rows: usize,
) {
    for comparisons in &group.comparisons {
        let places = &scratch.places[comparisons.ruler];
        for part in 0..rows.div_ceil(64 * L::WORDS) {
            comparisons.answer(places, part, rests, &mut scratch.lines);
        }
    }
}

#[inline(always)]
fn add<L: Lanes + AsRef<[u64]>>(
    group: &Group,
    piece: &Piece,
    scratch: &Scratch,
    margins: &mut [f32],
) {
    if let Piece::Deep(walk) = piece {
        return walk.add(&scratch.bins, BLOCK_ROWS, margins);
    }
    for (part, margins) in margins.chunks_mut(64 * L::WORDS).enumerate() {
        let answers = Answers {
            lines: &scratch.lines,
            part,
        };
        match *piece {
            Piece::Three { chunk, leaf } => {
                let bits = answers.three_levels::<L>(&group.chunks[chunk]);
                look_up::<L, 3>(&bits, &group.leaves[leaf..leaf + 8], margins);
            }
            Piece::Six { chunk, leaf } => {
                let below = &group.chunks[chunk + 1..chunk + 9];
                let bits = answers.six_levels::<L>(&group.chunks[chunk], below);
                look_up::<L, 6>(&bits, &group.leaves[leaf..leaf + 64], margins);
            }
            Piece::Nine { chunk, leaf } => {
                let bits = answers.nine_levels::<L>(&group.chunks[chunk..chunk + 73]);
                look_up::<L, 9>(&bits, &group.leaves[leaf..leaf + 512], margins);
            }
            Piece::Deep(_) => {}
        }
    }
}

/// For each byte a word whose bytes are its bits.
const SPREAD: [u64; 256] = {
    let mut spread = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            spread[byte] |= (byte as u64 >> bit & 1) << (8 * bit);
            bit += 1;
        }
        byte += 1;
    }
    spread
};

/// Adds to each row's margin the leaf whose index its bits spell, the highest first.
#[inline(always)]
fn look_up<L: AsRef<[u64]>, const LEVELS: usize>(
    bits: &[L; LEVELS],
    leaves: &[f32],
    margins: &mut [f32],
) {
    let (highest, low) = bits.split_at(LEVELS.saturating_sub(8));
    for (group, margins) in margins.chunks_mut(8).enumerate() {
        let spread =
            |bits: &L| SPREAD[(bits.as_ref()[group / 8] >> (group % 8 * 8)) as usize % 256];
        let low = low.iter().fold(0, |index, bits| index << 1 | spread(bits));
        let high = highest
            .iter()
            .fold(0, |index, bits| index << 1 | spread(bits));
        let index = low.to_le_bytes().into_iter().zip(high.to_le_bytes());
        for (margin, (low, high)) in margins.iter_mut().zip(index) {
            let index = usize::from(high) << 8 | usize::from(low);
            *margin += leaves[index % (1 << LEVELS)];
        }
    }
}
