//! Platt's method: a logistic curve over the prediction's log odds.

/// Newton's method ends when nothing moves by more than this, or after so many steps.
const STILL: f64 = 1e-10;
const MOST_STEPS: usize = 100;

/// Log odds, kept finite.
pub(crate) fn log_odds(probability: f64) -> f64 {
    let inside = probability.clamp(1e-7, 1.0 - 1e-7);
    (inside / (1.0 - inside)).ln()
}

pub(crate) fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

/// Slope and intercept that are likeliest, by Platt's targets: they keep the curve from growing without end where
/// the classes can be told apart.
pub(crate) fn fit(truth: &[bool], predictions: &[f64]) -> (f64, f64) {
    let yes = truth.iter().filter(|yes| **yes).count() as f64;
    let no = truth.len() as f64 - yes;
    let target = |is: bool| match is {
        true => (yes + 1.0) / (yes + 2.0),
        false => 1.0 / (no + 2.0),
    };
    let points: Vec<(f64, f64)> = predictions
        .iter()
        .zip(truth)
        .map(|(prediction, is)| (log_odds(*prediction), target(*is)))
        .collect();
    let (mut slope, mut intercept) = (1.0, 0.0);
    let mut loss = loss_of(&points, slope, intercept);
    for _ in 0..MOST_STEPS {
        let (step_slope, step_intercept) = newton(&points, slope, intercept);
        let mut share = 1.0;
        // A step that makes it worse is shortened.
        while share > 1e-6 {
            let tried = loss_of(
                &points,
                slope - share * step_slope,
                intercept - share * step_intercept,
            );
            if tried <= loss {
                loss = tried;
                break;
            }
            share /= 2.0;
        }
        slope -= share * step_slope;
        intercept -= share * step_intercept;
        if (share * step_slope).abs() < STILL && (share * step_intercept).abs() < STILL {
            break;
        }
    }
    (slope, intercept)
}

fn loss_of(points: &[(f64, f64)], slope: f64, intercept: f64) -> f64 {
    let of = |(x, target): &(f64, f64)| {
        let score = slope * x + intercept;
        // log(1 + e^-score), without overflow.
        let soft = score.max(0.0) + (-score.abs()).exp().ln_1p();
        soft - target * score
    };
    points.iter().map(of).sum()
}

/// The step against the gradient, by the curvature.
fn newton(points: &[(f64, f64)], slope: f64, intercept: f64) -> (f64, f64) {
    let (mut a, mut b, mut aa, mut ab, mut bb) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
    for (x, target) in points {
        let p = logistic(slope * x + intercept);
        let (off, weight) = (p - target, p * (1.0 - p));
        a += off * x;
        b += off;
        aa += weight * x * x;
        ab += weight * x;
        bb += weight;
    }
    let determinant = aa * bb - ab * ab;
    if determinant <= 0.0 {
        return (0.0, 0.0);
    }
    (
        (bb * a - ab * b) / determinant,
        (aa * b - ab * a) / determinant,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_that_was_bent_is_found_again() {
        // Truths drawn by p = logistic(2 x - 1): the slope and intercept come back.
        let mut state = 7_u64;
        let mut even = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (mut truth, mut predictions) = (Vec::new(), Vec::new());
        for _ in 0..200_000 {
            let x = 4.0 * even() - 2.0;
            predictions.push(logistic(x));
            truth.push(even() < logistic(2.0 * x - 1.0));
        }
        let (slope, intercept) = fit(&truth, &predictions);
        assert!(
            (slope - 2.0).abs() < 0.03 && (intercept + 1.0).abs() < 0.03,
            "{slope} {intercept}"
        );
    }

    #[test]
    fn classes_that_can_be_told_apart_have_a_finite_curve() {
        let (slope, intercept) = fit(&[false, false, true, true], &[0.1, 0.2, 0.8, 0.9]);
        assert!(slope.is_finite() && intercept.is_finite() && slope > 0.0);
    }
}
