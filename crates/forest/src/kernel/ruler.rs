//! The place of a value among its column's thresholds, in one byte.

use std::hint::select_unpredictable;

use super::Places;

/// The most thresholds whose count still fits into a byte.
pub(super) const MOST: usize = 255;

/// Where the table of each level of the search begins: up to 16 thresholds fill one register,
/// later levels have twice as many each.
pub(super) const SEARCH: [usize; 9] = [0, 16, 32, 48, 64, 80, 112, 176, 304];

/// Up to 255 thresholds of a column. A column with more of them has several rulers.
#[derive(Debug, Clone)]
pub(super) struct Ruler {
    pub column: usize,
    /// Rising; NaN, which no value reaches, comes last and fills the rest.
    pub thresholds: Box<[f64; 256]>,
    /// How many halvings find a place among them.
    pub levels: u32,
    /// For each level the thresholds rounded down to `f32`, by the answers so far, the first answer
    /// in the lowest bit.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // Read by AVX-512 alone.
    pub search: Box<[f32; SEARCH[8]]>,
    /// Whether a rounded value equal to a rounded threshold tells nothing yet.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // Read by AVX-512 alone.
    pub inexact: bool,
    /// Whether anything is asked with missing values left of everything, and right of everything.
    pub asked: [bool; 2],
}

impl Ruler {
    pub fn new(column: usize, thresholds: &[f64]) -> Ruler {
        let mut padded = Box::new([f64::NAN; 256]);
        padded[..thresholds.len()].copy_from_slice(thresholds);
        let levels = (thresholds.len() + 1).next_power_of_two().trailing_zeros();
        Ruler {
            column,
            search: search(&padded, levels),
            inexact: thresholds
                .iter()
                .any(|threshold| f64::from(round_down(*threshold)) < *threshold),
            thresholds: padded,
            levels,
            asked: [false; 2],
        }
    }

    /// Writes how many thresholds each value reaches, for what is asked with missing values left of
    /// everything and right of everything. Not inlined, so that it is compiled for every processor:
    /// for AVX2, gathers are made of the search, which take longer.
    #[inline(never)]
    pub fn bin(&self, values: &[f64], left: &mut [u8], right: &mut [u8]) {
        for (group, values) in values.chunks(LANES).enumerate() {
            let values = padded(values);
            let places = self.places(&values);
            let here = group * LANES..(group + 1) * LANES;
            if self.asked[0] {
                left[here.clone()].copy_from_slice(&places);
            }
            if self.asked[1] {
                for ((bin, place), value) in right[here].iter_mut().zip(places).zip(values) {
                    *bin = if value.is_nan() { u8::MAX } else { place };
                }
            }
        }
    }

    /// The places of up to 512 values, one bit each. Not inlined for the same reason.
    #[inline(never)]
    pub fn bits(&self, values: &[f64], out: &mut Places) {
        for (word, values) in values.chunks(64).enumerate() {
            let mut squares = [0u64; 8];
            let mut missing = [0u8; 8];
            for (group, values) in values.chunks(LANES).enumerate() {
                let values = padded(values);
                squares[group] = transposed(u64::from_le_bytes(self.places(&values)));
                if self.asked[1] {
                    let gone = values.map(|value| u8::from(value.is_nan()));
                    missing[group] = transposed(u64::from_le_bytes(gone)) as u8;
                }
            }
            let squares = squares.map(u64::to_le_bytes);
            for (bit, line) in out.bits.iter_mut().enumerate().take(self.levels as usize) {
                line.0[word] = u64::from_le_bytes(squares.map(|square| square[bit]));
            }
            out.missing.0[word] = u64::from_le_bytes(missing);
        }
    }

    /// Halves what is left for all lanes together, so that none waits for another.
    #[inline(always)]
    fn places(&self, values: &[f64; LANES]) -> [u8; LANES] {
        let mut reached = [0usize; LANES];
        let mut step = 1usize << self.levels;
        while step > 1 {
            step /= 2;
            for (place, value) in reached.iter_mut().zip(values) {
                let threshold = self.thresholds[(*place + step - 1) % 256];
                *place = select_unpredictable(*value >= threshold, *place + step, *place);
            }
        }
        reached.map(|place| place as u8)
    }
}

/// Values placed side by side.
const LANES: usize = 8;

#[inline(always)]
fn padded(values: &[f64]) -> [f64; LANES] {
    let mut lanes = [f64::NAN; LANES];
    lanes[..values.len()].copy_from_slice(values);
    lanes
}

/// Eight bytes of eight bits, turned: bit `i` of byte `j` becomes bit `j` of byte `i`.
#[inline(always)]
pub(super) fn transposed(square: u64) -> u64 {
    let swap = |square: u64, distance: u32, which: u64| {
        let moved = (square ^ (square >> distance)) & which;
        square ^ moved ^ (moved << distance)
    };
    let square = swap(square, 7, 0x00AA_00AA_00AA_00AA);
    let square = swap(square, 14, 0x0000_CCCC_0000_CCCC);
    swap(square, 28, 0x0000_0000_F0F0_F0F0)
}

fn search(thresholds: &[f64; 256], levels: u32) -> Box<[f32; SEARCH[8]]> {
    let mut tables = Box::new([f32::NAN; SEARCH[8]]);
    for level in 0..levels as usize {
        let step = 1usize << (levels as usize - level);
        for answers in 0..1usize << level {
            let place: usize = (0..level)
                .map(|asked| (answers >> asked & 1) << (levels as usize - 1 - asked))
                .sum();
            tables[SEARCH[level] + answers] = round_down(thresholds[place + step / 2 - 1]);
        }
    }
    tables
}

/// The greatest `f32` that is not above the value.
fn round_down(value: f64) -> f32 {
    let nearest = value as f32;
    if f64::from(nearest) > value {
        nearest.next_down()
    } else {
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_is_the_count_of_thresholds_reached(
            mut thresholds in proptest::collection::vec(any::<f64>(), 0..=MOST),
            value in any::<f64>(),
        ) {
            thresholds.sort_by(|a, b| a.is_nan().cmp(&b.is_nan()).then(a.total_cmp(b)));
            let ruler = Ruler::new(0, &thresholds);
            for value in thresholds.iter().copied().chain([value]) {
                let expected = thresholds.iter().filter(|t| **t <= value).count();
                prop_assert_eq!(usize::from(ruler.places(&[value; LANES])[3]), expected);
            }
        }

        #[test]
        fn a_square_is_turned(square in any::<u64>()) {
            let turned = transposed(square);
            for (row, column) in (0..8).flat_map(|row| (0..8).map(move |column| (row, column))) {
                prop_assert_eq!(turned >> (8 * row + column) & 1, square >> (8 * column + row) & 1);
            }
        }
    }
}
