//! Which calibration is kept: the one whose Brier score on other rows is the least.

use std::ops::Range;

use millrace_contract::calibration::{Calibration, Method};

use crate::{CalibrationError, check, isotonic, platt};

/// More than this must be gained before something is preferred to what is simpler.
const WORTH_IT: f64 = 1e-6;

/// The calibration, and what the rows become by calibrations that were fitted without them.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    pub calibration: Calibration,
    /// Each fold's rows by what the other folds say: these judge thresholds.
    pub out_of_fold: Vec<f64>,
    /// Of the methods that were tried, over these rows.
    pub brier: Vec<(Method, f64)>,
}

/// Fits every method that is asked for on all folds but one, in turn, and keeps the best of them, fitted on all rows.
pub fn calibrated(
    truth: &[bool],
    predictions: &[f64],
    folds: &[Range<usize>],
    methods: &[Method],
) -> Result<Calibrated, CalibrationError> {
    check(truth, predictions)?;
    let mut best: Option<(Method, f64, Vec<f64>)> = None;
    let mut tried = Vec::new();
    for method in methods {
        let judged = out_of_fold(*method, truth, predictions, folds);
        let brier = brier(truth, &judged);
        tried.push((*method, brier));
        if best
            .as_ref()
            .is_none_or(|(_, least, _)| brier < least - WORTH_IT)
        {
            best = Some((*method, brier, judged));
        }
    }
    let (method, _, out_of_fold) = best.unwrap_or((Method::None, f64::NAN, predictions.to_vec()));
    Ok(Calibrated {
        calibration: fit(method, truth, predictions),
        out_of_fold,
        brier: tried,
    })
}

fn fit(method: Method, truth: &[bool], predictions: &[f64]) -> Calibration {
    match method {
        Method::None => Calibration::None,
        Method::Platt => {
            let (slope, intercept) = platt::fit(truth, predictions);
            Calibration::Platt { slope, intercept }
        }
        Method::Isotonic => Calibration::Isotonic {
            knots: isotonic::fit(truth, predictions),
        },
    }
}

fn out_of_fold(
    method: Method,
    truth: &[bool],
    predictions: &[f64],
    folds: &[Range<usize>],
) -> Vec<f64> {
    let mut judged = predictions.to_vec();
    for fold in folds {
        let others = (0..truth.len()).filter(|row| !fold.contains(row));
        let (known, seen): (Vec<bool>, Vec<f64>) =
            others.map(|row| (truth[row], predictions[row])).unzip();
        if check(&known, &seen).is_err() {
            continue;
        }
        let calibration = fit(method, &known, &seen);
        for row in fold.clone() {
            judged[row] = calibration.apply(predictions[row]);
        }
    }
    judged
}

fn brier(truth: &[bool], probabilities: &[f64]) -> f64 {
    let pairs = truth.iter().zip(probabilities);
    let off = pairs.map(|(yes, p)| (f64::from(u8::from(*yes)) - p).powi(2));
    off.sum::<f64>() / truth.len() as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ALL: [Method; 3] = [Method::None, Method::Platt, Method::Isotonic];

    /// Rows whose truth is drawn with the probability `true_one(p)`, where `p` is what was predicted.
    fn rows(
        count: usize,
        true_one: impl Fn(f64) -> f64,
    ) -> (Vec<bool>, Vec<f64>, Vec<Range<usize>>) {
        let mut state = 11_u64;
        let mut even = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let drawn = (0..count).map(|_| {
            let p = even();
            (even() < true_one(p), p)
        });
        let (truth, predictions) = drawn.unzip();
        let size = count / 5;
        (
            truth,
            predictions,
            (0..5).map(|fold| fold * size..(fold + 1) * size).collect(),
        )
    }

    #[test]
    fn what_is_right_already_is_left_alone() {
        let (truth, predictions, folds) = rows(5_000, |p| p);
        let found = calibrated(&truth, &predictions, &folds, &ALL).unwrap();
        assert_ne!(
            found.calibration.method(),
            Method::Isotonic,
            "{:?}",
            found.brier
        );
        let off = found
            .out_of_fold
            .iter()
            .zip(&predictions)
            .map(|(a, b)| (a - b).abs());
        assert!(off.fold(0.0, f64::max) < 0.05);
    }

    #[test]
    fn a_bent_curve_is_straightened_by_the_method_that_fits_it() {
        let bent = |p: f64| platt::logistic(3.0 * platt::log_odds(p) + 1.0);
        let (truth, predictions, folds) = rows(20_000, bent);
        let found = calibrated(&truth, &predictions, &folds, &ALL).unwrap();
        assert_eq!(
            found.calibration.method(),
            Method::Platt,
            "{:?}",
            found.brier
        );
        let stairs = |p: f64| {
            if (0.3..0.6).contains(&p) {
                0.5
            } else if p < 0.3 {
                0.02
            } else {
                0.7
            }
        };
        let (truth, predictions, folds) = rows(20_000, stairs);
        let found = calibrated(&truth, &predictions, &folds, &ALL).unwrap();
        assert_eq!(
            found.calibration.method(),
            Method::Isotonic,
            "{:?}",
            found.brier
        );
        assert!((found.calibration.apply(0.45) - 0.5).abs() < 0.03);
        assert!((found.calibration.apply(0.1) - 0.02).abs() < 0.02);
    }

    #[test]
    fn one_class_alone_is_refused() {
        let refused = calibrated(&[true, true], &[0.1, 0.2], &[0..1, 1..2], &ALL).unwrap_err();
        assert_eq!(refused.name(), "OneClass");
        let short = calibrated(&[true], &[0.1, 0.2], &[], &ALL).unwrap_err();
        assert_eq!(short.name(), "LengthMismatch");
    }
}
