//! The lasso's inner problem: a quadratic form plus absolute values, one coordinate after the other.

use crate::cholesky::Symmetric;

/// More rounds than any problem took that has a solution.
const ROUNDS: usize = 100_000;

/// A coordinate that moves the form by less than this share of its unit stands still.
const STILL: f64 = 1e-13;

/// The step from `at` that is best for `slope * step + step * curve * step / 2 + sum l1 * |at + step|`.
/// `curve` is mirrored; `unit` is the size of a step that matters.
pub(crate) fn best_step(
    curve: &Symmetric,
    slope: &[f64],
    at: &[f64],
    l1: &[f64],
    unit: f64,
) -> Result<Vec<f64>, f64> {
    let mut step = vec![0.0; at.len()];
    // The slope where the step ends.
    let mut slope = slope.to_vec();
    let mut most = f64::INFINITY;
    for _ in 0..ROUNDS {
        most = 0.0;
        for place in 0..at.len() {
            let curvature = curve.at(place, place);
            if curvature <= 0.0 {
                continue;
            }
            let here = at[place] + step[place];
            let moved = soften(here - slope[place] / curvature, l1[place] / curvature) - here;
            if moved == 0.0 {
                continue;
            }
            step[place] += moved;
            for (slope, curve) in slope.iter_mut().zip(curve.row(place)) {
                *slope += curve * moved;
            }
            most = f64::max(most, curvature.sqrt() * moved.abs());
        }
        if most <= STILL * unit {
            return Ok(step);
        }
    }
    Err(most)
}

fn soften(value: f64, by: f64) -> f64 {
    value.signum() * (value.abs() - by).max(0.0)
}
