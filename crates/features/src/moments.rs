//! Mean and population variance of a column's present values, and when it counts as constant.

/// What is known of a column's present values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    pub present: usize,
    /// NaN when nothing is present.
    pub mean: f64,
    /// The population variance, by two passes with a correction.
    pub variance: f64,
}

impl Moments {
    pub fn of(values: &[f64]) -> Moments {
        let present = values.iter().filter(|x| !x.is_nan()).count();
        let count = present as f64;
        let mean = sum(values, |x| x) / count;
        let correction = sum(values, |x| x - mean);
        let squares = sum(values, |x| (x - mean) * (x - mean));
        Moments {
            present,
            mean,
            variance: ((squares - correction * correction / count) / count).max(0.0),
        }
    }

    /// Whether the variance is 0 within rounding: scikit-learn's own bound for this algorithm.
    pub fn is_constant(&self) -> bool {
        if self.present == 0 {
            return true;
        }
        let count = self.present as f64;
        let bound =
            count * f64::EPSILON * self.variance + (count * self.mean * f64::EPSILON).powi(2);
        self.variance <= bound
    }

    /// What values are divided by: the deviation, or 1 when there is none.
    pub fn scale(&self) -> f64 {
        if self.is_constant() {
            return 1.0;
        }
        let deviation = self.variance.sqrt();
        if deviation.is_normal() {
            deviation
        } else {
            1.0
        }
    }

    /// What is subtracted: the mean, or 0 when nothing is present.
    pub fn shift(&self) -> f64 {
        if self.mean.is_finite() {
            self.mean
        } else {
            0.0
        }
    }
}

const LANES: usize = 8;

/// The sum over the present values, in an order that depends on nothing but their number.
pub(crate) fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += if x.is_nan() { 0.0 } else { term(*x) };
        }
    }
    for (lane, x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += if x.is_nan() { 0.0 } else { term(*x) };
    }
    lanes.iter().sum()
}

/// The scalar product, in an order that depends on nothing but the length.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (mut a, mut b) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
    for (a, b) in (&mut a).zip(&mut b) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in lanes
        .iter_mut()
        .zip(a.remainder().iter().zip(b.remainder()))
    {
        *lane += a * b;
    }
    lanes.iter().sum()
}
