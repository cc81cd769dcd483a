//! Placing values on a ruler: a search of the rounded values in tables of rounded thresholds, each
//! answer being one bit of the place, and an exact comparison of the values that the rounding made
//! equal to a threshold.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::load_16;
use crate::kernel::ruler::{Ruler, SEARCH};
use crate::kernel::{Line, Places};

/// The tables of a search, in registers.
struct Search {
    level_0: __m512,
    level_1: __m512,
    level_2: __m512,
    level_3: __m512,
    level_4: __m512,
    level_5: [__m512; 2],
    level_6: [__m512; 4],
    level_7: [__m512; 8],
}

#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn bits(ruler: &Ruler, values: &[f64], places: &mut Places) {
    let at = |level: usize, part: usize| load_16(&ruler.search[SEARCH[level] + part * 16..]);
    let search = Search {
        level_0: _mm512_set1_ps(ruler.search[0]),
        level_1: at(1, 0),
        level_2: at(2, 0),
        level_3: at(3, 0),
        level_4: at(4, 0),
        level_5: [at(5, 0), at(5, 1)],
        level_6: [at(6, 0), at(6, 1), at(6, 2), at(6, 3)],
        level_7: [
            at(7, 0),
            at(7, 1),
            at(7, 2),
            at(7, 3),
            at(7, 4),
            at(7, 5),
            at(7, 6),
            at(7, 7),
        ],
    };
    match ruler.levels {
        0 | 1 => bits_of::<1>(ruler, &search, values, places),
        2 => bits_of::<2>(ruler, &search, values, places),
        3 => bits_of::<3>(ruler, &search, values, places),
        4 => bits_of::<4>(ruler, &search, values, places),
        5 => bits_of::<5>(ruler, &search, values, places),
        6 => bits_of::<6>(ruler, &search, values, places),
        7 => bits_of::<7>(ruler, &search, values, places),
        _ => bits_of::<8>(ruler, &search, values, places),
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn bits_of<const LEVELS: usize>(
    ruler: &Ruler,
    search: &Search,
    values: &[f64],
    places: &mut Places,
) {
    for (group, values) in values.chunks(16).enumerate() {
        let (low, high) = load_values(values);
        let rounded = round_down(low, high);
        let mut found = find::<LEVELS>(search, rounded);
        if ruler.inexact && found.equal != 0 {
            settle(ruler, &mut found, low, high);
        }
        for (level, reached) in found.reached.into_iter().enumerate() {
            put(&mut places.bits[LEVELS - 1 - level], group, reached);
        }
        if ruler.asked[1] {
            let missing = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(rounded, rounded);
            put(&mut places.missing, group, missing);
        }
    }
}

/// Writes the bits of 16 rows.
#[target_feature(enable = "avx512f,avx512bw")]
fn put(line: &mut Line, group: usize, bits: __mmask16) {
    // SAFETY: both are 64 bytes, and words of 16 bits may lie where words of 64 may. This
    // architecture keeps the lowest bits first.
    let parts = unsafe { &mut *std::ptr::from_mut(&mut line.0).cast::<[u16; 32]>() };
    parts[group] = bits;
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

/// What a search found for 16 values.
struct Found<const LEVELS: usize> {
    /// For each level, the first halving first, which values reached the threshold there.
    reached: [__mmask16; LEVELS],
    /// Which values equal the last threshold that they reached.
    equal: __mmask16,
}

/// Halves the thresholds for each rounded value.
#[target_feature(enable = "avx512f,avx512bw")]
fn find<const LEVELS: usize>(search: &Search, values: __m512) -> Found<LEVELS> {
    let mut answers = _mm512_setzero_si512();
    let mut last = _mm512_set1_ps(f32::NAN);
    let mut reached = [0; LEVELS];
    for level in 0..LEVELS {
        let one = |table| _mm512_permutexvar_ps(answers, table);
        let two = |tables: &[__m512]| _mm512_permutex2var_ps(tables[0], answers, tables[1]);
        let pick = |level: usize, left, right| _mm512_mask_blend_ps(reached[level], left, right);
        let threshold = match level {
            0 => search.level_0,
            1 => one(search.level_1),
            2 => one(search.level_2),
            3 => one(search.level_3),
            4 => one(search.level_4),
            5 => two(&search.level_5),
            6 => pick(5, two(&search.level_6[..2]), two(&search.level_6[2..])),
            _ => {
                let pairs = &search.level_7;
                let left = pick(5, two(&pairs[..2]), two(&pairs[2..4]));
                let right = pick(5, two(&pairs[4..6]), two(&pairs[6..]));
                pick(6, left, right)
            }
        };
        let holds = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(values, threshold);
        last = _mm512_mask_mov_ps(last, holds, threshold);
        let bit = _mm512_set1_epi32(1 << level);
        answers = _mm512_mask_or_epi32(answers, holds, answers, bit);
        reached[level] = holds;
    }
    Found {
        reached,
        equal: _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(values, last),
    }
}

/// Compares the values that look equal to a threshold with the exact ones, and takes back what was
/// not reached.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw")]
fn settle<const LEVELS: usize>(
    ruler: &Ruler,
    found: &mut Found<LEVELS>,
    low: __m512d,
    high: __m512d,
) {
    let mut place = _mm512_setzero_si512();
    for (level, reached) in found.reached.iter().enumerate() {
        let bit = _mm512_set1_epi32(1 << (LEVELS - 1 - level));
        place = _mm512_mask_or_epi32(place, *reached, place, bit);
    }
    let one = _mm512_set1_epi32(1);
    let mut open = found.equal;
    while open != 0 {
        open &= _mm512_test_epi32_mask(place, place);
        let index = _mm512_sub_epi32(place, one);
        let below_low = is_below(ruler, low, _mm512_castsi512_si256(index), open as u8);
        let index = _mm512_extracti64x4_epi64::<1>(index);
        let below_high = is_below(ruler, high, index, (open >> 8) as u8);
        open = u16::from(below_low) | u16::from(below_high) << 8;
        place = _mm512_mask_sub_epi32(place, open, place, one);
    }
    for (level, reached) in found.reached.iter_mut().enumerate() {
        let bit = _mm512_set1_epi32(1 << (LEVELS - 1 - level));
        *reached = _mm512_test_epi32_mask(place, bit);
    }
}

/// Which of the values that are asked for are below the threshold with that index.
#[target_feature(enable = "avx512f,avx512bw")]
fn is_below(ruler: &Ruler, values: __m512d, index: __m256i, asked: u8) -> u8 {
    let nothing = _mm512_setzero_pd();
    let table = ruler.thresholds.as_ptr();
    // SAFETY: what is asked for has an index below 256, for places are below that and not 0.
    let thresholds = unsafe { _mm512_mask_i32gather_pd::<8>(nothing, asked, index, table) };
    _mm512_mask_cmp_pd_mask::<_CMP_LT_OQ>(asked, values, thresholds)
}
