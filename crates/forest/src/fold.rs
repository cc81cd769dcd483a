//! Folding a column's scaling into the thresholds, exactly.
//!
//! A model compares `g(x) < t` in `f32`, where `g(x) = ((x - mean) / scale) as f32` never falls as x
//! rises. So the values below the threshold are those below the smallest x with `g(x) >= t`, which
//! a search over the bit patterns of `f64` finds: after that no value has to be scaled any more.

/// How a raw value becomes the one that the model compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    pub mean: f64,
    /// Positive and finite.
    pub scale: f64,
}

impl Scaling {
    pub const NONE: Scaling = Scaling {
        mean: 0.0,
        scale: 1.0,
    };

    pub fn apply(self, value: f64) -> f32 {
        ((value - self.mean) / self.scale) as f32
    }

    /// The `x` for which `self.apply(value) < threshold` holds exactly when `value < x`;
    /// NaN when no value, not even infinity, reaches the threshold.
    pub fn fold(self, threshold: f32) -> f64 {
        let reaches = |ordered: u64| self.apply(from_ordered(ordered)) >= threshold;
        let (mut low, mut high) = (ordered(f64::NEG_INFINITY), ordered(f64::INFINITY));
        if reaches(low) {
            return f64::NEG_INFINITY;
        }
        if !reaches(high) {
            return f64::NAN;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if reaches(middle) {
                high = middle
            } else {
                low = middle
            }
        }
        from_ordered(high)
    }
}

/// Bit patterns in the order of the numbers.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

fn from_ordered(ordered: u64) -> f64 {
    f64::from_bits(if ordered >> 63 == 1 {
        ordered & !(1 << 63)
    } else {
        !ordered
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn a_folded_threshold_parts_the_values_as_the_scaled_ones(
            mean in -1e6f64..1e6, scale in prop_oneof![1e-6f64..1e6, Just(1.0)],
            threshold in prop_oneof![-10f32..10.0, any::<f32>().prop_filter("a number", |t| !t.is_nan())],
            far in any::<f64>().prop_filter("a number", |x| !x.is_nan()),
        ) {
            let scaling = Scaling { mean, scale };
            let folded = scaling.fold(threshold);
            let near = f64::from(threshold) * scale + mean;
            for value in [far, near, near.next_up(), near.next_down(), folded, folded.next_up(), folded.next_down(),
                          f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0] {
                if value.is_nan() { continue; }
                let scaled = scaling.apply(value);
                if scaled.is_nan() { continue; }
                prop_assert_eq!(scaled < threshold, folded.is_nan() || value < folded, "{} {} {}", value, folded, threshold);
            }
        }
    }
}
