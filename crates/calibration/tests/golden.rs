//! Calibrations and thresholds are scikit-learn's. The golden file is made by `golden/make.py`.
#![allow(clippy::unwrap_used)]

use millrace_calibration::{Threshold, fit};
use millrace_contract::calibration::{Calibrator, Method, ThresholdPolicy};
use serde_json::Value;

fn golden() -> Vec<Value> {
    serde_json::from_str(include_str!("golden/calibration.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect()
}

fn rows(case: &Value) -> (Vec<u32>, Vec<f64>) {
    let truth = numbers(&case["truth"])
        .iter()
        .map(|class| *class as u32)
        .collect();
    (truth, numbers(&case["given"]))
}

#[test]
fn calibrators_are_scikit_learns() {
    for case in golden() {
        let (truth, given) = rows(&case);
        let truth: Vec<bool> = truth.iter().map(|class| *class == 1).collect();
        let isotonic = fit(Method::Isotonic, &truth, &given).unwrap();
        for (given, theirs) in numbers(&case["grid"])
            .iter()
            .zip(numbers(&case["isotonic"]))
        {
            let ours = isotonic.apply(*given);
            assert!((ours - theirs).abs() < 1e-12, "{given}: {ours} {theirs}");
        }
        let Calibrator::Platt(curve) = fit(Method::Platt, &truth, &given).unwrap() else {
            panic!("another method");
        };
        let theirs = numbers(&case["platt"]);
        assert!(
            (curve.slope - theirs[0]).abs() < 1e-7,
            "{curve:?} {theirs:?}"
        );
        assert!(
            (curve.intercept - theirs[1]).abs() < 1e-7,
            "{curve:?} {theirs:?}"
        );
    }
}

#[test]
fn what_is_stored_is_what_was_fitted() {
    for method in [Method::None, Method::Platt, Method::Isotonic] {
        let (truth, given) = rows(&golden()[0]);
        let truth: Vec<bool> = truth.iter().map(|class| *class == 1).collect();
        let fitted = fit(method, &truth, &given).unwrap();
        let text = serde_json::to_string(&fitted).unwrap();
        assert_eq!(serde_json::from_str::<Calibrator>(&text).unwrap(), fitted);
    }
}

#[test]
fn thresholds_are_those_of_the_curve() {
    for case in golden() {
        let (truth, given) = rows(&case);
        let chosen = |policy: ThresholdPolicy| {
            let chosen = Threshold::choose(policy, &truth, &given).unwrap();
            let said: Vec<bool> = given.iter().map(|given| *given >= chosen.value).collect();
            assert_eq!(
                said.iter().filter(|said| **said).count(),
                chosen.predicted()
            );
            // A threshold lies between probabilities: "at least" and "above" say the same.
            assert!(
                given
                    .iter()
                    .zip(&said)
                    .all(|(given, said)| (*given > chosen.value) == *said)
            );
            chosen
        };
        let same = |ours: f64, name: &str| {
            let theirs = case[name].as_f64().unwrap();
            assert!((ours - theirs).abs() < 1e-12, "{name}: {ours} {theirs}");
        };
        same(chosen(ThresholdPolicy::F1).f1(), "f1");
        same(
            chosen(ThresholdPolicy::RecallAtLeast(0.8)).precision(),
            "precision_at_recall_80",
        );
        same(
            chosen(ThresholdPolicy::PrecisionAtLeast(0.5)).recall(),
            "recall_at_precision_50",
        );
        let costs = ThresholdPolicy::Cost {
            false_positive: 1.0,
            false_negative: 20.0,
        };
        let dear = chosen(costs);
        same(
            (dear.false_positives + 20 * dear.false_negatives) as f64,
            "cost_1_20",
        );
        let best = chosen(ThresholdPolicy::ContactBest(30));
        assert!((1..=30).contains(&best.predicted()));
    }
}

#[test]
fn a_policy_that_cannot_be_met_has_a_name() {
    let (truth, given) = ([0, 0, 1, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5]);
    let refused = |policy: ThresholdPolicy| Threshold::choose(policy, &truth, &given).unwrap_err();
    let error = refused(ThresholdPolicy::PrecisionAtLeast(0.9));
    assert_eq!(error.name(), "PolicyCannotBeMet");
    assert!(error.to_string().contains("0.4"), "{error}");
    assert_eq!(
        refused(ThresholdPolicy::ContactBest(6)).name(),
        "PolicyCannotBeMet"
    );
    let tied = Threshold::choose(
        ThresholdPolicy::ContactBest(1),
        &[0, 1, 1],
        &[0.5, 0.5, 0.2],
    )
    .unwrap_err();
    assert_eq!(tied.name(), "PolicyCannotBeMet");
    let free = ThresholdPolicy::Cost {
        false_positive: 0.0,
        false_negative: 1.0,
    };
    for policy in [
        ThresholdPolicy::ContactBest(0),
        ThresholdPolicy::RecallAtLeast(1.2),
        ThresholdPolicy::RecallAtLeast(f64::NAN),
        free,
    ] {
        assert_eq!(refused(policy).name(), "PolicyInvalid", "{policy:?}");
    }
    let one = Threshold::choose(ThresholdPolicy::F1, &[1, 1], &[0.5, 0.2]).unwrap_err();
    assert_eq!(one.name(), "OneClass");
    let none = Threshold::choose(ThresholdPolicy::F1, &[], &[]).unwrap_err();
    assert_eq!(none.name(), "NoRows");
    let no_mistake_is_worth_it = ThresholdPolicy::Cost {
        false_positive: 100.0,
        false_negative: 1.0,
    };
    let chosen = Threshold::choose(no_mistake_is_worth_it, &truth, &given).unwrap();
    assert_eq!(chosen.predicted(), 0);
}
