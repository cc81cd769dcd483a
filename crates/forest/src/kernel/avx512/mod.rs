//! The kernel with AVX-512: 512 rows at once, one bit for each.
//!
//! It is unsafe because the instructions must exist on the processor (`is_available` is asked before
//! anything here runs) and because loads and stores go by address; every address is taken from a
//! slice of the length that is read or written. Tests compare it with the portable kernel.
#![allow(unsafe_code)]

mod bin;
mod leaves;

use std::arch::x86_64::*;

use super::compare::MOST_RESTS;
use super::group::{Group, Piece};
use super::lanes::{Answers, Lanes};
use super::layout::Program;
use super::{BLOCK_ROWS, Line, Scratch};

pub(super) fn is_available() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
}

/// One bit per row, for a whole line.
#[derive(Clone, Copy)]
struct Bits(__m512i);

impl Lanes for Bits {
    const WORDS: usize = 8;

    #[inline(always)]
    fn none() -> Self {
        // SAFETY: only called below functions with this feature.
        Bits(unsafe { _mm512_setzero_si512() })
    }

    #[inline(always)]
    fn load(line: &Line, _: usize) -> Self {
        // SAFETY: only called below functions with this feature; a line is 64 aligned bytes.
        Bits(unsafe { _mm512_load_si512(std::ptr::from_ref(line).cast()) })
    }

    #[inline(always)]
    fn store(self, line: &mut Line, _: usize) {
        // SAFETY: only called below functions with this feature; a line is 64 aligned bytes.
        unsafe { _mm512_store_si512(std::ptr::from_mut(line).cast(), self.0) }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: only called below functions with this feature.
        Bits(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: only called below functions with this feature.
        Bits(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn select(self, right: Self, left: Self) -> Self {
        // SAFETY: only called below functions with this feature. 0xCA: the first chooses.
        Bits(unsafe { _mm512_ternarylogic_epi64::<0xCA>(self.0, right.0, left.0) })
    }
}

pub(super) fn score(program: &Program, columns: &[&[f64]], start: usize, margins: &mut [f32]) {
    // SAFETY: the caller has asked `is_available`.
    unsafe { run(program, columns, start, margins) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn run(program: &Program, columns: &[&[f64]], start: usize, margins: &mut [f32]) {
    let mut scratch = Scratch::new(program);
    let mut rests = [Bits::none(); MOST_RESTS];
    let mut sums = [0f32; BLOCK_ROWS];
    for (block, margins) in margins.chunks_mut(BLOCK_ROWS).enumerate() {
        let first = start + block * BLOCK_ROWS;
        for (ruler, places) in program.rulers.iter().zip(&mut scratch.places) {
            let values = &columns[ruler.column][first..first + margins.len()];
            bin::bits(ruler, values, places);
        }
        if program.walks {
            program.bin(columns, first, margins.len(), BLOCK_ROWS, &mut scratch.bins);
        }
        sums.fill(program.base_margin);
        let words = margins.len().div_ceil(64);
        for group in &program.groups {
            for comparisons in &group.comparisons {
                let places = &scratch.places[comparisons.ruler];
                comparisons.answer(places, 0, &mut rests, &mut scratch.lines);
            }
            for piece in &group.trees {
                add(group, piece, &scratch, &mut sums, words);
            }
        }
        margins.copy_from_slice(&sums[..margins.len()]);
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn add(
    group: &Group,
    piece: &Piece,
    scratch: &Scratch,
    sums: &mut [f32; BLOCK_ROWS],
    words: usize,
) {
    let answers = Answers {
        lines: &scratch.lines,
        part: 0,
    };
    match *piece {
        Piece::Three { chunk, leaf } => {
            let bits = answers.three_levels::<Bits>(&group.chunks[chunk]);
            leaves::add_8(&bits, &group.leaves[leaf..leaf + 8], sums, words);
        }
        Piece::Six { chunk, leaf } => {
            let below = &group.chunks[chunk + 1..chunk + 9];
            let bits = answers.six_levels::<Bits>(&group.chunks[chunk], below);
            leaves::add_64(&bits, &group.leaves[leaf..leaf + 64], sums, words);
        }
        Piece::Nine { chunk, leaf } => {
            let bits = answers.nine_levels::<Bits>(&group.chunks[chunk..chunk + 73]);
            leaves::add_512(&bits, &group.leaves[leaf..leaf + 512], sums, words);
        }
        Piece::Deep(ref walk) => walk.add(&scratch.bins, BLOCK_ROWS, sums),
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn load_16(values: &[f32]) -> __m512 {
    let values = &values[..16];
    // SAFETY: the slice is 16 numbers long.
    unsafe { _mm512_loadu_ps(values.as_ptr()) }
}
