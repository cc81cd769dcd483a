//! Sorts numbers by counting them where they have few decimals and lie close together, as most columns' do, and
//! else by their bits: both several times quicker than by comparison, which pays because exact quantiles,
//! distinct values and histograms all follow from the sorted column.

const DIGIT_BITS: u32 = 11;
const BUCKETS: usize = 1 << DIGIT_BITS;
const DIGITS: usize = 6;
/// Shorter columns are sorted by comparison.
const SHORT: usize = 2_048;
/// How numbers of no, one, two and three decimals become whole.
const SCALES: [f64; 4] = [1.0, 10.0, 100.0, 1_000.0];
/// Added and taken away again, it leaves the nearest whole number, for sizes up to its 51 bits.
const ROUNDER: f64 = (3_u64 << 51) as f64;

/// Sorts numbers that are not NaN; -0 comes before 0.
pub(crate) fn sort(values: &mut [f64]) {
    if values.len() < SHORT {
        values.sort_unstable_by(f64::total_cmp);
        return;
    }
    if !SCALES.iter().any(|scale| counted(values, *scale)) {
        by_bits(values);
    }
}

/// Sorts by counting; false when the numbers are not all whole at this scale, or lie too far apart for it to pay.
fn counted(values: &mut [f64], scale: f64) -> bool {
    let whole = |value: f64| value * scale + ROUNDER - ROUNDER;
    let [mut least, mut most] = [f64::INFINITY, f64::NEG_INFINITY];
    for block in values.chunks(SHORT) {
        let mut is_whole = true;
        for value in block {
            let whole = whole(*value);
            // By the bits, for -0 is not given back.
            is_whole &= (whole / scale).to_bits() == value.to_bits();
            least = least.min(whole);
            most = most.max(whole);
        }
        if !is_whole {
            return false;
        }
    }
    if most - least >= 2.0 * values.len() as f64 {
        return false;
    }
    let mut counts = vec![0_usize; (most - least) as usize + 1];
    for value in &*values {
        counts[(whole(*value) - least) as usize] += 1;
    }
    let mut rest = values;
    for (place, count) in counts.into_iter().enumerate() {
        let (equal, others) = rest.split_at_mut(count);
        equal.fill((least + place as f64) / scale);
        rest = others;
    }
    true
}

fn by_bits(values: &mut [f64]) {
    let mut keys: Vec<u64> = values.iter().map(|value| key(*value)).collect();
    let mut spare = vec![0; keys.len()];
    for digit in 0..DIGITS {
        if pass(&keys, &mut spare, digit as u32 * DIGIT_BITS) {
            std::mem::swap(&mut keys, &mut spare);
        }
    }
    for (value, key) in values.iter_mut().zip(keys) {
        *value = number(key);
    }
}

/// Orders by one digit, keeping the order within; false if all have the same, as low bits of whole
/// numbers do.
fn pass(from: &[u64], to: &mut [u64], shift: u32) -> bool {
    let digit = |key: u64| (key >> shift) as usize & (BUCKETS - 1);
    let mut starts = vec![0usize; BUCKETS];
    for key in from {
        starts[digit(*key)] += 1;
    }
    if starts.contains(&from.len()) {
        return false;
    }
    let mut next = 0;
    for start in &mut starts {
        next += std::mem::replace(start, next);
    }
    for key in from {
        let place = &mut starts[digit(*key)];
        to[*place] = *key;
        *place += 1;
    }
    true
}

/// Whole numbers in the order of the floats.
pub(crate) fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

pub(crate) fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 {
        key & !(1 << 63)
    } else {
        !key
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The value with so many decimals; from four on, as it is.
    fn rounded(value: f64, decimals: i32) -> f64 {
        let scale = 10f64.powi(decimals);
        if decimals < 4 {
            (value * scale).round() / scale
        } else {
            value
        }
    }

    fn check(mut values: Vec<f64>) -> Result<(), TestCaseError> {
        let mut wanted = values.clone();
        wanted.sort_unstable_by(f64::total_cmp);
        sort(&mut values);
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&values), bits(&wanted));
        Ok(())
    }

    proptest! {
        #[test]
        fn sorted_as_by_comparison(
            seed in proptest::collection::vec(-1e300..1e300f64, 1..40),
            size in prop_oneof![Just(1e-300), Just(1e-297), 1e-310..1e-290],
            decimals in 0..5,
            has_strangers: bool,
        ) {
            let many = (0..5_000).map(|n| rounded(seed[n % seed.len()] * size / (1.0 + n as f64 / 100.0), decimals));
            let strangers = [0.0, -0.0, f64::INFINITY, f64::MIN_POSITIVE, 1e18, -1e18];
            check(many.chain(strangers.into_iter().filter(|_| has_strangers)).collect())?;
        }
    }

    #[test]
    fn columns_with_few_decimals_are_counted() {
        let column = |scale: f64| -> Vec<f64> {
            (0..3_000)
                .rev()
                .map(|n| f64::from(n % 700 - 300) / scale)
                .collect()
        };
        for scale in SCALES {
            let mut values = column(scale);
            assert!(counted(&mut values, scale));
            assert!(values.is_sorted());
        }
        let mut finer = column(64.0);
        assert!(!SCALES.iter().any(|scale| counted(&mut finer, *scale)));
        assert_eq!(finer, column(64.0));
    }
}
