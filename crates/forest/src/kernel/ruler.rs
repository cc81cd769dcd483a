//! The place of a value among its column's thresholds, in one byte.

/// The most thresholds whose count still fits into a byte.
pub(super) const MOST: usize = 255;

/// Up to 255 thresholds of a column. A column with more of them has several rulers.
#[derive(Debug, Clone)]
pub(super) struct Ruler {
    pub column: usize,
    /// Rising; NaN, which no value reaches, comes last.
    pub thresholds: Vec<f64>,
    /// How many halvings find a place among them.
    pub levels: u32,
    /// The thresholds rounded down to `f32`, in the order of the search: the root at 1, the children
    /// of `i` at `2i` and `2i + 1`, NaN where there is none.
    pub search: Box<[f32; 256]>,
    /// Whether a rounded value equal to a rounded threshold tells nothing yet.
    pub inexact: bool,
    /// Where the bins go with which missing values lie left of everything ...
    pub missing_left: Option<usize>,
    /// ... and those with which they lie right of everything.
    pub missing_right: Option<usize>,
}

impl Ruler {
    pub fn new(column: usize, thresholds: Vec<f64>) -> Ruler {
        debug_assert!(thresholds.len() <= MOST);
        let levels = (thresholds.len() + 1).next_power_of_two().trailing_zeros();
        let mut search = Box::new([f32::NAN; 256]);
        for level in 0..levels {
            let step = 1usize << (levels - level);
            for place in 0..1usize << level {
                let index = place * step + step / 2 - 1;
                if let Some(threshold) = thresholds.get(index) {
                    search[(1 << level) + place] = round_down(*threshold);
                }
            }
        }
        let inexact = thresholds
            .iter()
            .any(|threshold| f64::from(round_down(*threshold)) < *threshold);
        Ruler {
            column,
            thresholds,
            levels,
            search,
            inexact,
            missing_left: None,
            missing_right: None,
        }
    }

    /// Writes how many thresholds each value reaches into the planes that are wanted.
    #[inline(always)]
    pub fn bin(&self, values: &[f64], bins: &mut [u8], block_rows: usize) {
        const LANES: usize = 8;
        for (group, values) in values.chunks(LANES).enumerate() {
            let mut lanes = [f64::NAN; LANES];
            lanes[..values.len()].copy_from_slice(values);
            let reached = self.places(&lanes);
            let first = group * LANES;
            if let Some(plane) = self.missing_left {
                for (lane, reached) in reached.iter().enumerate() {
                    bins[plane * block_rows + first + lane] = *reached as u8;
                }
            }
            if let Some(plane) = self.missing_right {
                for (lane, reached) in reached.iter().enumerate() {
                    let bin = if lanes[lane].is_nan() {
                        u8::MAX
                    } else {
                        *reached as u8
                    };
                    bins[plane * block_rows + first + lane] = bin;
                }
            }
        }
    }

    /// Halves what is left for all lanes together, so that none waits for another.
    #[inline(always)]
    fn places<const LANES: usize>(&self, values: &[f64; LANES]) -> [usize; LANES] {
        let mut reached = [0usize; LANES];
        let mut step = 1usize << self.levels;
        while step > 1 {
            step /= 2;
            for (place, value) in reached.iter_mut().zip(values) {
                let next = *place + step;
                let threshold = self.thresholds.get(next - 1).copied().unwrap_or(f64::NAN);
                *place = if *value >= threshold { next } else { *place };
            }
        }
        reached
    }
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
            let ruler = Ruler::new(0, thresholds.clone());
            for value in thresholds.iter().copied().chain([value]) {
                let expected = thresholds.iter().filter(|t| **t <= value).count();
                prop_assert_eq!(ruler.places(&[value])[0], expected);
            }
        }
    }
}
