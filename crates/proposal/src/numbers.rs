//! Ranges with slack.

use millrace_dataset::survey::Numbers;

/// Half of the width more on either side; what was never below 0 stays at 0 or above. Ends are short numbers.
pub(crate) fn range(numbers: &Numbers) -> [f64; 2] {
    let width = (numbers.high - numbers.low).max(f64::MIN_POSITIVE);
    let slack = if numbers.high > numbers.low {
        width / 2.0
    } else {
        numbers.high.abs().max(1.0)
    };
    let (low, high) = (numbers.low - slack, numbers.high + slack);
    let low = if numbers.low >= 0.0 {
        low.max(0.0)
    } else {
        low
    };
    let high = if numbers.low < 0.0 && numbers.high <= 0.0 {
        high.min(0.0)
    } else {
        high
    };
    [outwards(low, f64::floor), outwards(high, f64::ceil)]
}

/// Two digits, rounded away from the data.
fn outwards(value: f64, round: fn(f64) -> f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value.clamp(f64::MIN, f64::MAX);
    }
    let digits = value.abs().log10().floor() as i32 - 1;
    // A power with a negative exponent is not exact: dividing by its inverse is.
    match digits < 0 {
        true => {
            let factor = 10f64.powi(-digits);
            round(value * factor) / factor
        }
        false => {
            let factor = 10f64.powi(digits);
            round(value / factor) * factor
        }
    }
}

/// How many decimals of a score are worth writing: four digits of its usual size.
pub(crate) fn decimals(numbers: &Numbers) -> u32 {
    let width = numbers.quantile(0.95) - numbers.quantile(0.05);
    let width = if width > 0.0 {
        width
    } else {
        numbers.high - numbers.low
    };
    if width <= 0.0 {
        return 4;
    }
    (3.0 - width.log10().floor()).clamp(0.0, 9.0) as u32
}

/// As TOML and people write it.
pub(crate) fn written(value: f64) -> String {
    match value.fract() == 0.0 && value.abs() < 1e15 {
        true => format!("{value:.0}"),
        // Rust writes no exponent, TOML takes all digits.
        false => format!("{value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> Numbers {
        let mut kept = values.to_vec();
        kept.sort_by(f64::total_cmp);
        Numbers {
            low: kept[0],
            high: kept[kept.len() - 1],
            whole: true,
            as_written: true,
            kept,
        }
    }

    #[test]
    fn ranges_have_slack_and_keep_their_sign() {
        for (values, wanted) in [
            (&[18.0, 80.0][..], [0.0, 120.0]),
            (&[326.0, 18823.0], [0.0, 29000.0]),
            (&[-3.0, 5.0], [-7.0, 9.0]),
            (&[-5.0, -1.0], [-7.0, 0.0]),
            (&[0.001, 0.002], [0.0005, 0.0025]),
            (&[7.0, 7.0], [0.0, 14.0]),
            (&[0.0, 0.0], [0.0, 1.0]),
        ] {
            assert_eq!(range(&numbers(values)), wanted, "{values:?}");
        }
    }

    #[test]
    fn scores_have_as_many_decimals_as_they_are_large() {
        for (values, wanted) in [
            (&[0.0, 1.0][..], 3),
            (&[326.0, 18823.0], 0),
            (&[1.0, 50.0], 2),
            (&[0.001, 0.002], 6),
        ] {
            assert_eq!(decimals(&numbers(values)), wanted, "{values:?}");
        }
    }
}
