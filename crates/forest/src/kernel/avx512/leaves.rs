//! From the bits of the leaves' indices to the leaves, added to the margins.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{BLOCK_ROWS, Bits, load_16};

/// The bits as words of 64 rows.
#[target_feature(enable = "avx512f,avx512bw")]
fn words_of<const LEVELS: usize>(bits: &[Bits; LEVELS]) -> [[u64; 8]; LEVELS] {
    let mut words = [[0u64; 8]; LEVELS];
    for (words, bits) in words.iter_mut().zip(bits) {
        // SAFETY: eight words are 64 bytes.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), bits.0) };
    }
    words
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
pub(super) fn add_8(bits: &[Bits; 3], leaves: &[f32], sums: &mut [f32; BLOCK_ROWS], words: usize) {
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
pub(super) fn add_64(bits: &[Bits; 6], leaves: &[f32], sums: &mut [f32; BLOCK_ROWS], words: usize) {
    let at = |part: usize| load_16(&leaves[part * 16..]);
    let table = [at(0), at(1), at(2), at(3)];
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
pub(super) fn add_512(
    bits: &[Bits; 9],
    leaves: &[f32],
    sums: &mut [f32; BLOCK_ROWS],
    words: usize,
) {
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
