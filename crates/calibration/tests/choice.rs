//! The calibration that helps on rows it has not seen is the one that is taken.
#![allow(clippy::unwrap_used)]

use millrace_calibration::{Choice, choose, fit};
use millrace_contract::calibration::{Calibration, CalibrationChoice, Method};
use proptest::prelude::*;

/// Numbers between 0 and 1, the same every time.
fn chance(index: u64) -> f64 {
    let mut state = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((state ^ (state >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Rows whose true probabilities are known, and what a model that bends them says.
fn table(rows: u64, says: fn(f64) -> f64) -> (Vec<u32>, Vec<f64>, Vec<u32>) {
    let truly: Vec<f64> = (0..rows).map(|row| 0.05 + 0.9 * chance(row)).collect();
    let truth = truly
        .iter()
        .zip(0..)
        .map(|(p, row)| u32::from(chance(rows + row) < *p))
        .collect();
    let folds = (0..rows).map(|row| (row % 5) as u32).collect();
    (truth, truly.iter().map(|p| says(*p)).collect(), folds)
}

/// The best of all methods.
fn best(truth: &[u32], classes: usize, given: &[f64], folds: &[u32]) -> Choice {
    choose(
        truth,
        classes,
        given,
        folds,
        CalibrationChoice::Best.methods(),
    )
    .unwrap()
}

fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

#[test]
fn a_model_that_is_right_is_left_alone() {
    let (truth, given, folds) = table(4000, |p| p);
    assert_eq!(best(&truth, 2, &given, &folds).method, Method::None);
}

#[test]
fn a_model_that_is_too_sure_is_bent_back() {
    let (truth, given, folds) = table(4000, |p| logistic(3.0 * (p / (1.0 - p)).ln() + 1.0));
    let choice = best(&truth, 2, &given, &folds);
    assert_eq!(choice.method, Method::Platt);
    let mut calibrated = [logistic(1.0)];
    choice.calibration.apply(&mut calibrated);
    assert!((calibrated[0] - 0.5).abs() < 0.05, "{calibrated:?}");
}

#[test]
fn steps_that_no_curve_follows_are_followed() {
    let (truth, given, folds) = table(6000, |p| {
        if p < 0.5 {
            0.9 + p / 100.0
        } else {
            0.95 + p / 100.0
        }
    });
    let choice = best(&truth, 2, &given, &folds);
    assert_eq!(choice.method, Method::Isotonic, "{:?}", choice.brier);
}

#[test]
fn probabilities_of_many_classes_still_add_up() {
    let rows = 3000_u64;
    let truth: Vec<u32> = (0..rows).map(|row| (chance(row) * 3.0) as u32).collect();
    let given: Vec<f64> = truth
        .iter()
        .zip(0..)
        .flat_map(|(class, row)| {
            let raw = [0, 1, 2].map(|c| {
                0.1 + chance(9_000 + row * 3 + c) + f64::from(u8::from(*class == c as u32)) / 2.0
            });
            let sum: f64 = raw.iter().map(|x| x * x).sum();
            raw.map(|x| x * x / sum)
        })
        .collect();
    let folds: Vec<u32> = (0..rows).map(|row| (row % 4) as u32).collect();
    let choice = best(&truth, 3, &given, &folds);
    assert_ne!(choice.method, Method::None, "{:?}", choice.brier);
    let mut calibrated = given;
    choice.calibration.apply(&mut calibrated);
    for row in calibrated.chunks(3) {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{row:?}");
    }
}

/// The rows that judge a threshold are those of the score: calibrated by what the other folds say.
#[test]
fn what_is_asked_for_alone_is_tried_and_its_rows_are_of_other_folds() {
    let (truth, given, folds) = table(4000, |p| logistic(3.0 * (p / (1.0 - p)).ln() + 1.0));
    let choice = choose(&truth, 2, &given, &folds, &[Method::Isotonic]).unwrap();
    assert_eq!((choice.method, choice.brier.len()), (Method::Isotonic, 1));
    let off = truth.iter().zip(&choice.out_of_fold);
    let off = off
        .map(|(class, p)| (f64::from(*class) - p).powi(2))
        .sum::<f64>()
        / 4000.0;
    assert!((off - choice.brier[0].1).abs() < 1e-12);
    let mut seen = given.clone();
    choice.calibration.apply(&mut seen);
    assert_ne!(seen, choice.out_of_fold);
    let nothing = choose(&truth, 2, &given, &folds, &[]).unwrap_err();
    assert_eq!(nothing.name(), "NothingToTry");
}

#[test]
fn what_cannot_be_calibrated_has_a_name() {
    let refused = |truth: &[u32], given: &[f64], folds: &[u32]| {
        choose(truth, 2, given, folds, CalibrationChoice::Best.methods())
            .unwrap_err()
            .name()
    };
    assert_eq!(refused(&[1, 1], &[0.5, 0.6], &[0, 1]), "OneClass");
    assert_eq!(refused(&[0, 1], &[0.5, 1.6], &[0, 1]), "ProbabilityInvalid");
    assert_eq!(refused(&[0, 1], &[0.5, 0.6], &[0]), "LengthMismatch");
    // One fold has all positives: nothing is left to fit to.
    assert_eq!(
        refused(&[0, 0, 1], &[0.5, 0.6, 0.7], &[0, 0, 1]),
        "OneClass"
    );
}

proptest! {
    #[test]
    fn no_calibration_turns_an_order_round(rows in prop::collection::vec((any::<bool>(), 0..=50_u32), 4..80)) {
        let mut truth: Vec<u32> = rows.iter().map(|(truth, _)| u32::from(*truth)).collect();
        truth.extend([0, 1]);
        let mut given: Vec<f64> = rows.iter().map(|(_, p)| f64::from(*p) / 50.0).collect();
        given.extend([0.2, 0.4]);
        let came_true: Vec<bool> = truth.iter().map(|class| *class == 1).collect();
        for method in [Method::None, Method::Platt, Method::Isotonic] {
            let fitted = fit(method, &came_true, &given).unwrap();
            let grid: Vec<f64> = (0..=100).map(|step| fitted.apply(f64::from(step) / 100.0)).collect();
            prop_assert!(grid.windows(2).all(|pair| pair[0] <= pair[1]), "{method:?} {grid:?}");
            prop_assert!(grid.iter().all(|p| (0.0..=1.0).contains(p)));
            let mut alone = [0.3];
            Calibration { classes: vec![fitted] }.apply(&mut alone);
            prop_assert!(alone[0].is_finite());
        }
    }
}
