//! Platt's scaling: a logistic curve over the log odds, fitted to labels that are never quite certain.

use serde::{Deserialize, Serialize};

/// How near to 0 and 1 log odds are taken.
const CERTAIN: f64 = 1e-15;
const ITERATIONS: usize = 200;

/// The probability is 1 / (1 + e^-(slope * log odds + intercept)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    pub slope: f64,
    pub intercept: f64,
}

impl Platt {
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
        let mut loss = curve.loss(&rows);
        for _ in 0..ITERATIONS {
            let Some(step) = curve.step(&rows) else {
                break;
            };
            let Some((next, less)) = curve.along(step, loss, &rows) else {
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

    pub(crate) fn apply(&self, given: f64) -> f64 {
        logistic(self.slope * log_odds(given) + self.intercept)
    }

    fn loss(&self, rows: &[(f64, f64)]) -> f64 {
        let of = |(odds, target): &(f64, f64)| {
            let score = self.slope * odds + self.intercept;
            score.max(0.0) + (-score.abs()).exp().ln_1p() - target * score
        };
        rows.iter().map(of).sum()
    }

    /// Newton's step; none where the loss is flat.
    fn step(&self, rows: &[(f64, f64)]) -> Option<[f64; 2]> {
        let (mut slope, mut curve) = ([0.0; 2], [1e-12, 0.0, 1e-12]);
        for (odds, target) in rows {
            let likely = logistic(self.slope * odds + self.intercept);
            let (left, bend) = (likely - target, likely * (1.0 - likely));
            slope[0] += left * odds;
            slope[1] += left;
            curve[0] += bend * odds * odds;
            curve[1] += bend * odds;
            curve[2] += bend;
        }
        let determinant = curve[0] * curve[2] - curve[1] * curve[1];
        (determinant > 0.0).then(|| {
            [
                (curve[1] * slope[1] - curve[2] * slope[0]) / determinant,
                (curve[1] * slope[0] - curve[0] * slope[1]) / determinant,
            ]
        })
    }

    fn along(&self, step: [f64; 2], loss: f64, rows: &[(f64, f64)]) -> Option<(Platt, f64)> {
        let mut length = 1.0;
        for _ in 0..40 {
            let next = Platt {
                slope: self.slope + length * step[0],
                intercept: self.intercept + length * step[1],
            };
            let less = next.loss(rows);
            if less <= loss {
                return Some((next, less));
            }
            length /= 2.0;
        }
        None
    }
}

fn log_odds(given: f64) -> f64 {
    let inside = given.clamp(CERTAIN, 1.0 - CERTAIN);
    (inside / (1.0 - inside)).ln()
}

fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}
