//! Which way each row's prediction must go, and the proof that sums of it are exact.

/// Every intermediate sum is a multiple of the finest step in which these numbers come, and none is larger than
/// the sum of their magnitudes. If that sum is at most 2^53 steps, an `f64` holds every one of them exactly, and
/// then it does not matter in which order XGBoost adds, what it subtracts, or in how many pieces.
pub(super) fn sums_are_exact(gradients: &[f32]) -> bool {
    let mut finest = i32::MAX;
    let mut magnitude = 0.0f64;
    for gradient in gradients {
        let bits = gradient.to_bits();
        let exponent = (bits >> MANTISSA_BITS) & 0xff;
        if exponent == 0xff {
            return false;
        }
        if bits << 1 == 0 {
            continue;
        }
        // The leading bit is left out where there is an exponent.
        let mantissa =
            (bits & ((1 << MANTISSA_BITS) - 1)) | (u32::from(exponent > 0) << MANTISSA_BITS);
        finest = finest.min(exponent.max(1) as i32 + mantissa.trailing_zeros() as i32);
        magnitude += f64::from(gradient.abs());
    }
    // The sum of magnitudes is itself rounded, by far less than half of it.
    let steps =
        |finest: i32| magnitude * 2f64.powi(EXPONENT_OF_ONE + MANTISSA_BITS as i32 - finest);
    finest == i32::MAX || steps(finest) < MOST_STEPS / 2.0
}

const MANTISSA_BITS: u32 = 23;
const EXPONENT_OF_ONE: i32 = 127;
const MOST_STEPS: f64 = (1u64 << 53) as f64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_f64_holds_is_exact_and_no_more() {
        assert!(sums_are_exact(&[]));
        assert!(sums_are_exact(&[0.0, -0.0]));
        assert!(sums_are_exact(&[1.0, -0.5, 1024.0]));
        // 2^51 steps of the smaller one.
        assert!(sums_are_exact(&[2f32.powi(51), 1.0]));
        assert!(!sums_are_exact(&[2f32.powi(53), 1.0]));
        assert!(!sums_are_exact(&[f32::MIN_POSITIVE / 8.0, 1.0]));
        assert!(sums_are_exact(&[
            f32::MIN_POSITIVE / 8.0,
            f32::MIN_POSITIVE
        ]));
        assert!(!sums_are_exact(&[f32::NAN]));
        assert!(!sums_are_exact(&[f32::INFINITY]));
    }
}
