//! The innermost loops, compiled once for every processor and once for those with AVX2. Both add the same numbers in the
//! same order (nothing is fused), so both give the same bits.
//!
//! It is unsafe because code for AVX2 is called: after AVX2 was found.

#![allow(unsafe_code)]

/// Rows of a design are padded to a multiple of this.
pub(crate) const LANES: usize = 4;

/// `wide!(f(arguments) as inner)`: a function that runs `inner`, on wide registers where the processor has them.
macro_rules! wide {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) $(-> $out:ty)? as $inner:ident) => {
        $(#[$doc])*
        pub(crate) fn $name($($argument: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn compiled($($argument: $type),*) $(-> $out)? {
                    $inner($($argument),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: AVX2 was found in the line above.
                    return unsafe { compiled($($argument),*) };
                }
            }
            $inner($($argument),*)
        }
    };
}

wide! {
    /// The scores of rows by each set of coefficients, a row's side by side.
    scores(rows: &[f64], stride: usize, sets: &[f64], scores: &mut [f64]) as scores_inner
}
wide! {
    /// Adds each row times its factors to each set of sums.
    add_rows(sums: &mut [f64], factors: &[f64], rows: &[f64], stride: usize) as add_rows_inner
}
wide! {
    /// Adds four weighted rows times themselves to what lies on and right of the diagonal (and a little left of it).
    add_squares(sums: &mut [f64], rows: [&[f64]; 4], weights: [f64; 4]) as add_squares_inner
}
wide! {
    /// The summed log losses of two classes' scores, which become the losses' slopes.
    two_class_losses(scores: &mut [f64], labels: &[u32], weights: Option<&[f64]>) -> f64 as two_class_losses_inner
}

#[inline(always)]
fn scores_inner(rows: &[f64], stride: usize, sets: &[f64], scores: &mut [f64]) {
    let outputs = sets.len() / stride;
    let pairs = rows
        .chunks_exact(stride)
        .zip(scores.chunks_exact_mut(outputs));
    for (row, own) in pairs {
        for (score, set) in own.iter_mut().zip(sets.chunks_exact(stride)) {
            *score = dot(row, set);
        }
    }
}

/// Of whole lanes.
#[inline(always)]
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    for (a, b) in one.chunks_exact(LANES).zip(other.chunks_exact(LANES)) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}

#[inline(always)]
fn add_rows_inner(sums: &mut [f64], factors: &[f64], rows: &[f64], stride: usize) {
    let outputs = sums.len() / stride;
    let fours = rows.chunks(4 * stride).zip(factors.chunks(4 * outputs));
    for (rows, factors) in fours {
        // Fewer than four rows are filled up by the first, which then weighs nothing.
        let row = |index: usize| match rows.len() > index * stride {
            true => &rows[index * stride..(index + 1) * stride],
            false => &rows[..stride],
        };
        let rows = [0, 1, 2, 3].map(row);
        for (output, sums) in sums.chunks_exact_mut(stride).enumerate() {
            let factor = |index: usize| factors.get(index * outputs + output).copied();
            let factors = [0, 1, 2, 3].map(|index| factor(index).unwrap_or(0.0));
            add_four(sums, rows, factors);
        }
    }
}

#[inline(always)]
fn add_squares_inner(sums: &mut [f64], rows: [&[f64]; 4], weights: [f64; 4]) {
    let size = rows[0].len();
    for (place, sums) in sums.chunks_exact_mut(size).enumerate() {
        let first = place / LANES * LANES;
        let factors = [0, 1, 2, 3].map(|index| weights[index] * rows[index][place]);
        add_four(&mut sums[first..], rows.map(|row| &row[first..]), factors);
    }
}

/// Four rows at once: what has been summed is read and written a quarter as often.
#[inline(always)]
fn add_four(sums: &mut [f64], rows: [&[f64]; 4], [a, b, c, d]: [f64; 4]) {
    let [one, two, three, four] = rows.map(|row| row.chunks_exact(LANES));
    let others = one.zip(two).zip(three.zip(four));
    for (sums, ((one, two), (three, four))) in sums.chunks_exact_mut(LANES).zip(others) {
        for lane in 0..LANES {
            sums[lane] += (a * one[lane] + b * two[lane]) + (c * three[lane] + d * four[lane]);
        }
    }
}

#[inline(always)]
fn two_class_losses_inner(scores: &mut [f64], labels: &[u32], weights: Option<&[f64]>) -> f64 {
    const MOST: usize = 64;
    let mut sum = 0.0;
    for (part, scores) in scores.chunks_mut(MOST).enumerate() {
        let from = part * MOST;
        let labels = &labels[from..from + scores.len()];
        let mut small = [0.0; MOST];
        for (small, score) in small.iter_mut().zip(scores.iter()) {
            *small = power(-score.abs());
        }
        // One logarithm of a product where rows count the same: it stays below 2 to the 64th.
        let mut product = 1.0;
        for (index, (score, label)) in scores.iter_mut().zip(labels).enumerate() {
            let (value, truth, small) = (*score, f64::from(*label), small[index]);
            let weight = weights.map_or(1.0, |weights| weights[from + index]);
            let likely = if value >= 0.0 { 1.0 } else { small } / (1.0 + small);
            *score = weight * (likely - truth);
            sum += weight * (value.max(0.0) - truth * value);
            match weights {
                None => product *= 1.0 + small,
                Some(_) => sum += weight * small.ln_1p(),
            }
        }
        sum += product.ln();
    }
    sum
}

/// e to a power of 0 or less, the same on every machine.
#[inline(always)]
pub(crate) fn power(value: f64) -> f64 {
    // Below this it is not a normal number any more.
    const LEAST: f64 = -708.0;
    // Adding this leaves whole numbers in the lowest digits.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let value = if value > LEAST { value } else { LEAST };
    let shifted = value * std::f64::consts::LOG2_E + WHOLE;
    let twos = shifted - WHOLE;
    let rest = (value - twos * LN_2_HIGH) - twos * LN_2_LOW;
    // Taylor's series: the rest is at most half of ln 2.
    let mut sum = 1.0 / 6_227_020_800.0;
    for factor in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        sum = sum * rest + factor;
    }
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    sum * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_the_library() {
        for step in 0..=70_700 {
            let value = -f64::from(step) / 100.0;
            let (ours, theirs) = (power(value), value.exp());
            assert!(
                (ours / theirs - 1.0).abs() < 5e-16,
                "{value}: {ours:e} {theirs:e}"
            );
        }
        assert!(power(f64::NEG_INFINITY) < 1e-300 && power(0.0) == 1.0);
    }

    #[test]
    fn wide_registers_change_no_bit() {
        let number = |index: usize| (index * 7919 % 1009) as f64 / 37.0 - 13.0;
        let (stride, count) = (12, 67);
        let rows: Vec<f64> = (0..stride * count).map(number).collect();
        let sets: Vec<f64> = (0..stride * 3).map(|index| number(index + 5)).collect();
        let labels: Vec<u32> = (0..count as u32).map(|row| row % 2).collect();
        let (mut one, mut other) = (vec![0.0; count * 3], vec![0.0; count * 3]);
        scores(&rows, stride, &sets, &mut one);
        scores_inner(&rows, stride, &sets, &mut other);
        assert_eq!(one, other);
        let (mut wide, mut plain) = (sets.clone(), sets);
        add_rows(&mut wide, &one, &rows, stride);
        add_rows_inner(&mut plain, &one, &rows, stride);
        assert_eq!(wide, plain);
        let four = [0, 1, 2, 3].map(|row| &rows[row * stride..(row + 1) * stride]);
        let (mut wide, mut plain) = (vec![0.0; stride * stride], vec![0.0; stride * stride]);
        add_squares(&mut wide, four, [1.0, 0.5, 2.0, 0.0]);
        add_squares_inner(&mut plain, four, [1.0, 0.5, 2.0, 0.0]);
        assert_eq!(wide, plain);
        one.truncate(count);
        other.truncate(count);
        for weights in [None, Some(rows.as_slice())] {
            let wide = two_class_losses(&mut one, &labels, weights);
            let plain = two_class_losses_inner(&mut other, &labels, weights);
            assert_eq!((wide, &one), (plain, &other));
        }
    }
}
