//! Platt's scaling: a logistic curve over the log odds, fitted to labels that are never quite certain.

use millrace_contract::calibration::{Platt, log_odds};

const ITERATIONS: usize = 200;

/// Newton's steps on the log loss, halved until it falls.
pub(crate) fn fit(truth: &[bool], given: &[f64]) -> Platt {
    let positives = truth.iter().filter(|truth| **truth).count() as f64;
    let negatives = truth.len() as f64 - positives;
    let (of_positive, of_negative) = (
        (positives + 1.0) / (positives + 2.0),
        1.0 / (negatives + 2.0),
    );
    let target = |truth: &bool| if *truth { of_positive } else { of_negative };
    let rows: Vec<(f64, f64)> = given
        .iter()
        .zip(truth)
        .map(|(given, truth)| (log_odds(*given), target(truth)))
        .collect();
    let mut curve = Platt {
        slope: 0.0,
        intercept: ((positives + 1.0) / (negatives + 1.0)).ln(),
    };
    let mut loss = self::loss(&curve, &rows);
    for _ in 0..ITERATIONS {
        let Some(step) = self::step(&curve, &rows) else {
            break;
        };
        let Some((next, less)) = along(&curve, step, loss, &rows) else {
            break;
        };
        let moved = (next.slope - curve.slope).abs() + (next.intercept - curve.intercept).abs();
        (curve, loss) = (next, less);
        if moved < 1e-12 * (1.0 + curve.slope.abs() + curve.intercept.abs()) {
            break;
        }
    }
    // A model whose order is worse than chance is not turned round: then only the prior is known.
    match curve.slope < 0.0 {
        true => Platt {
            slope: 0.0,
            intercept: (positives / negatives).ln(),
        },
        false => curve,
    }
}

fn loss(curve: &Platt, rows: &[(f64, f64)]) -> f64 {
    let of = |(odds, target): &(f64, f64)| {
        let score = curve.slope * odds + curve.intercept;
        score.max(0.0) + (-score.abs()).exp().ln_1p() - target * score
    };
    rows.iter().map(of).sum()
}

/// Newton's step; none where the loss is flat.
fn step(curve: &Platt, rows: &[(f64, f64)]) -> Option<[f64; 2]> {
    let (mut slope, mut bends) = ([0.0; 2], [1e-12, 0.0, 1e-12]);
    for (odds, target) in rows {
        let likely = logistic(curve.slope * odds + curve.intercept);
        let (left, bend) = (likely - target, likely * (1.0 - likely));
        slope[0] += left * odds;
        slope[1] += left;
        bends[0] += bend * odds * odds;
        bends[1] += bend * odds;
        bends[2] += bend;
    }
    let determinant = bends[0] * bends[2] - bends[1] * bends[1];
    (determinant > 0.0).then(|| {
        [
            (bends[1] * slope[1] - bends[2] * slope[0]) / determinant,
            (bends[1] * slope[0] - bends[0] * slope[1]) / determinant,
        ]
    })
}

fn along(curve: &Platt, step: [f64; 2], loss: f64, rows: &[(f64, f64)]) -> Option<(Platt, f64)> {
    let mut length = 1.0;
    for _ in 0..40 {
        let next = Platt {
            slope: curve.slope + length * step[0],
            intercept: curve.intercept + length * step[1],
        };
        let less = self::loss(&next, rows);
        if less <= loss {
            return Some((next, less));
        }
        length /= 2.0;
    }
    None
}

fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}
