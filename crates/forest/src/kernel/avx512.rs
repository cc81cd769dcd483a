//! The kernel with AVX-512: 512 rows at once, one bit for each.
//!
//! It is unsafe because the instructions must exist on the processor (`is_available` is asked before
//! anything here runs) and because loads and stores go by address; every address is taken from a
//! slice of the length that is read or written. Tests compare it with the portable kernel.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::lanes::{Lanes, nine_levels, six_levels, three_levels};
use super::layout::{Group, Piece, Program};
use super::ruler::Ruler;
use super::{Line, Scratch};

const BLOCK_ROWS: usize = 512;

pub(super) fn is_available() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
}

/// One bit per row.
#[derive(Clone, Copy)]
struct Bits(__m512i);

impl Lanes for Bits {
    #[inline(always)]
    fn none() -> Self {
        // SAFETY: only called below functions with this feature.
        Bits(unsafe { _mm512_setzero_si512() })
    }

    #[inline(always)]
    fn load(line: &Line) -> Self {
        // SAFETY: a line is 64 aligned bytes.
        Bits(unsafe { _mm512_load_si512(std::ptr::from_ref(line).cast()) })
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
    let mut scratch = Scratch::new(program, BLOCK_ROWS);
    let mut sums = [0f32; BLOCK_ROWS];
    for (block, margins) in margins.chunks_mut(BLOCK_ROWS).enumerate() {
        let first = start + block * BLOCK_ROWS;
        for ruler in &program.rulers {
            let values = &columns[ruler.column][first..first + margins.len()];
            bin(ruler, values, &mut scratch.bins);
        }
        sums.fill(program.base_margin);
        let words = margins.len().div_ceil(64);
        for group in &program.groups {
            compare(group, &mut scratch, words);
            for piece in &group.trees {
                add(group, piece, &scratch, &mut sums, words);
            }
        }
        margins.copy_from_slice(&sums[..margins.len()]);
    }
}

/// Answers all comparisons of the group, for the first `words` times 64 rows.
#[target_feature(enable = "avx512f,avx512bw")]
fn compare(group: &Group, scratch: &mut Scratch, words: usize) {
    for comparisons in &group.comparisons {
        let first = comparisons.plane * BLOCK_ROWS;
        let bins = &scratch.bins[first..first + BLOCK_ROWS];
        let (vectors, _) = bins.as_chunks::<64>();
        // SAFETY: each chunk is 64 bytes long.
        let vectors: [__m512i; 8] = std::array::from_fn(|word| unsafe {
            _mm512_loadu_si512(vectors[word].as_ptr().cast())
        });
        let lines = &mut scratch.lines[comparisons.first_line..];
        for (above, line) in comparisons.above.iter().zip(lines) {
            let above = _mm512_set1_epi8(*above as i8);
            if words == 8 {
                for (word, bins) in line.0.iter_mut().zip(vectors) {
                    *word = _mm512_cmpgt_epu8_mask(bins, above);
                }
                continue;
            }
            for (word, bins) in line.0[..words].iter_mut().zip(vectors) {
                *word = _mm512_cmpgt_epu8_mask(bins, above);
            }
        }
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
    let lines = &scratch.lines;
    match *piece {
        Piece::Three { chunk, leaf } => {
            let bits = three_levels::<Bits>(lines, &group.chunks[chunk..=chunk]);
            look_up_8(&bits, &group.leaves[leaf..leaf + 8], sums, words);
        }
        Piece::Six { chunk, leaf } => {
            let below = &group.chunks[chunk + 1..chunk + 9];
            let bits = six_levels::<Bits>(lines, &group.chunks[chunk], below);
            look_up_64(&bits, &group.leaves[leaf..leaf + 64], sums, words);
        }
        Piece::Nine { chunk, leaf } => {
            let bits = nine_levels::<Bits>(lines, &group.chunks[chunk..chunk + 73]);
            look_up_512(&bits, &group.leaves[leaf..leaf + 512], sums, words);
        }
        Piece::Deep(ref walk) => walk.add(&scratch.bins, BLOCK_ROWS, sums),
    }
}

/// The bits as words of 64 rows.
#[target_feature(enable = "avx512f,avx512bw")]
fn words_of<const LEVELS: usize>(bits: &[Bits; LEVELS]) -> [[u64; 8]; LEVELS] {
    bits.map(|bits| {
        let mut words = [0u64; 8];
        // SAFETY: eight words are 64 bytes.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), bits.0) };
        words
    })
}

/// For 64 rows the number that the bits spell, the highest first, as bytes.
#[target_feature(enable = "avx512f,avx512bw")]
fn index<const LEVELS: usize>(bits: &[[u64; 8]], word: usize) -> [__m128i; 4] {
    let mut index = _mm512_setzero_si512();
    for (level, words) in bits.iter().enumerate().take(LEVELS) {
        let value = _mm512_set1_epi8((1u8 << (LEVELS - 1 - level)) as i8);
        index = _mm512_mask_add_epi8(index, words[word], index, value);
    }
    [
        _mm512_extracti32x4_epi32::<0>(index),
        _mm512_extracti32x4_epi32::<1>(index),
        _mm512_extracti32x4_epi32::<2>(index),
        _mm512_extracti32x4_epi32::<3>(index),
    ]
}

#[target_feature(enable = "avx512f,avx512bw")]
fn add_to(sums: &mut [f32], values: __m512) {
    let sums = &mut sums[..16];
    // SAFETY: the slice is 16 numbers long.
    unsafe {
        let before = _mm512_loadu_ps(sums.as_ptr());
        _mm512_storeu_ps(sums.as_mut_ptr(), _mm512_add_ps(before, values));
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn load_16(values: &[f32]) -> __m512 {
    let values = &values[..16];
    // SAFETY: the slice is 16 numbers long.
    unsafe { _mm512_loadu_ps(values.as_ptr()) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn look_up_8(bits: &[Bits; 3], leaves: &[f32], sums: &mut [f32; BLOCK_ROWS], words: usize) {
    let mut table = [0f32; 16];
    table[..8].copy_from_slice(leaves);
    let table = load_16(&table);
    let bits = words_of(bits);
    for (word, sums) in sums.chunks_exact_mut(64).enumerate().take(words) {
        let index = index::<3>(&bits, word);
        for (part, index) in index.into_iter().enumerate() {
            let values = _mm512_permutexvar_ps(_mm512_cvtepu8_epi32(index), table);
            add_to(&mut sums[part * 16..], values);
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn look_up_64(bits: &[Bits; 6], leaves: &[f32], sums: &mut [f32; BLOCK_ROWS], words: usize) {
    let table: [__m512; 4] = std::array::from_fn(|part| load_16(&leaves[part * 16..]));
    let bits = words_of(bits);
    for (word, sums) in sums.chunks_exact_mut(64).enumerate().take(words) {
        let index = index::<5>(&bits[1..], word);
        for (part, index) in index.into_iter().enumerate() {
            let index = _mm512_cvtepu8_epi32(index);
            let left = _mm512_permutex2var_ps(table[0], index, table[1]);
            let right = _mm512_permutex2var_ps(table[2], index, table[3]);
            let root = (bits[0][word] >> (part * 16)) as u16;
            add_to(
                &mut sums[part * 16..],
                _mm512_mask_blend_ps(root, left, right),
            );
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn look_up_512(bits: &[Bits; 9], leaves: &[f32], sums: &mut [f32; BLOCK_ROWS], words: usize) {
    let leaves = &leaves[..512];
    let bits = words_of(bits);
    for (word, sums) in sums.chunks_exact_mut(64).enumerate().take(words) {
        let index = index::<8>(&bits[1..], word);
        for (part, index) in index.into_iter().enumerate() {
            let index = _mm512_cvtepu8_epi32(index);
            let root = (bits[0][word] >> (part * 16)) as u16;
            let index = _mm512_mask_add_epi32(index, root, index, _mm512_set1_epi32(256));
            // SAFETY: eight bits and a ninth: every index is below 512.
            let values = unsafe { _mm512_i32gather_ps::<4>(index, leaves.as_ptr()) };
            add_to(&mut sums[part * 16..], values);
        }
    }
}

/// The tables of a search, in registers.
struct Search {
    /// The first five levels, from place 1 on.
    top: [__m512; 2],
    level_5: [__m512; 2],
    level_6: [__m512; 4],
    level_7: [__m512; 8],
}

/// Places values on the ruler: a search of the rounded values in tables of rounded thresholds, and
/// an exact comparison of those that the rounding made equal to a threshold.
#[target_feature(enable = "avx512f,avx512bw")]
fn bin(ruler: &Ruler, values: &[f64], bins: &mut [u8]) {
    let at = |place: usize| load_16(&ruler.search[place..]);
    let search = Search {
        top: [at(0), at(16)],
        level_5: std::array::from_fn(|part| at(32 + part * 16)),
        level_6: std::array::from_fn(|part| at(64 + part * 16)),
        level_7: std::array::from_fn(|part| at(128 + part * 16)),
    };
    match ruler.levels {
        0 | 1 => bin_levels::<1>(ruler, &search, values, bins),
        2 => bin_levels::<2>(ruler, &search, values, bins),
        3 => bin_levels::<3>(ruler, &search, values, bins),
        4 => bin_levels::<4>(ruler, &search, values, bins),
        5 => bin_levels::<5>(ruler, &search, values, bins),
        6 => bin_levels::<6>(ruler, &search, values, bins),
        7 => bin_levels::<7>(ruler, &search, values, bins),
        _ => bin_levels::<8>(ruler, &search, values, bins),
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn bin_levels<const LEVELS: u32>(ruler: &Ruler, search: &Search, values: &[f64], bins: &mut [u8]) {
    for (group, values) in values.chunks(16).enumerate() {
        let (low, high) = load_values(values);
        let rounded = round_down(low, high);
        let (mut place, equal) = find::<LEVELS>(search, rounded);
        if ruler.inexact && equal != 0 {
            place = settle(ruler, place, equal, low, high);
        }
        if let Some(plane) = ruler.missing_left {
            store(&mut bins[plane * BLOCK_ROWS + group * 16..], place);
        }
        if let Some(plane) = ruler.missing_right {
            let missing = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(rounded, rounded);
            let place = _mm512_mask_mov_epi32(place, missing, _mm512_set1_epi32(255));
            store(&mut bins[plane * BLOCK_ROWS + group * 16..], place);
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn load_values(values: &[f64]) -> (__m512d, __m512d) {
    let present = (1u32 << values.len()) - 1;
    // SAFETY: only the numbers that are present are read; the address stays in or right behind them.
    unsafe {
        let low = _mm512_maskz_loadu_pd(present as u8, values.as_ptr());
        let high = values.as_ptr().wrapping_add(8);
        (low, _mm512_maskz_loadu_pd((present >> 8) as u8, high))
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn round_down(low: __m512d, high: __m512d) -> __m512 {
    const DOWN: i32 = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
    let low = _mm256_castps_pd(_mm512_cvt_roundpd_ps::<DOWN>(low));
    let high = _mm256_castps_pd(_mm512_cvt_roundpd_ps::<DOWN>(high));
    _mm512_castpd_ps(_mm512_insertf64x4::<1>(_mm512_castpd256_pd512(low), high))
}

/// How many rounded thresholds each rounded value reaches, and where it equals the last of them.
#[target_feature(enable = "avx512f,avx512bw")]
fn find<const LEVELS: u32>(search: &Search, values: __m512) -> (__m512i, __mmask16) {
    let one = _mm512_set1_epi32(1);
    let mut place = one;
    let mut last = _mm512_set1_ps(f32::NAN);
    let (mut first, mut second) = (0, 0);
    for level in 0..LEVELS {
        let pair = |tables: &[__m512]| _mm512_permutex2var_ps(tables[0], place, tables[1]);
        let threshold = match level {
            0..=4 => pair(&search.top),
            5 => pair(&search.level_5),
            6 => {
                let tables = &search.level_6;
                _mm512_mask_blend_ps(first, pair(&tables[..2]), pair(&tables[2..]))
            }
            _ => {
                let tables = &search.level_7;
                let left = _mm512_mask_blend_ps(second, pair(&tables[..2]), pair(&tables[2..4]));
                let right = _mm512_mask_blend_ps(second, pair(&tables[4..6]), pair(&tables[6..]));
                _mm512_mask_blend_ps(first, left, right)
            }
        };
        let reached = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(values, threshold);
        last = _mm512_mask_mov_ps(last, reached, threshold);
        place = _mm512_add_epi32(place, place);
        place = _mm512_mask_add_epi32(place, reached, place, one);
        match level {
            0 => first = reached,
            1 => second = reached,
            _ => {}
        }
    }
    let place = _mm512_sub_epi32(place, _mm512_set1_epi32(1 << LEVELS));
    (place, _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(values, last))
}

/// Compares the values that look equal to a threshold with the exact ones. Rare on most columns.
#[cold]
#[target_feature(enable = "avx512f,avx512bw")]
fn settle(ruler: &Ruler, place: __m512i, equal: __mmask16, low: __m512d, high: __m512d) -> __m512i {
    let mut places = [0u32; 16];
    let mut values = [0f64; 16];
    // SAFETY: both arrays have room for what is stored.
    unsafe {
        _mm512_storeu_si512(places.as_mut_ptr().cast(), place);
        _mm512_storeu_pd(values.as_mut_ptr(), low);
        _mm512_storeu_pd(values.as_mut_ptr().add(8), high);
    }
    for (lane, place) in places.iter_mut().enumerate() {
        while equal >> lane & 1 == 1
            && *place > 0
            && values[lane] < ruler.thresholds[*place as usize - 1]
        {
            *place -= 1;
        }
    }
    // SAFETY: the array is as long as what is loaded.
    unsafe { _mm512_loadu_si512(places.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn store(bins: &mut [u8], places: __m512i) {
    let bins = &mut bins[..16];
    // SAFETY: the slice is 16 bytes long.
    unsafe { _mm_storeu_si128(bins.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(places)) }
}
