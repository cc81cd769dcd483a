//! fairlearn 0.15.0 where counts are tiny, zero or missing: every number of every group. The cases come from golden/corners.py.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_fairness::{
    Attribute, Disparities, Evidence, GroupKey, GroupReport, Method, Outcome, measure_jointly,
};
use serde_json::Value;

const TOLERANCE: f64 = 1e-12;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/corners.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn words(value: &Value) -> Vec<Option<String>> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().map(str::to_owned))
        .collect()
}

fn evidence(case: &Value, threshold: f64) -> Evidence {
    let attributes = case["attributes"].as_object().unwrap();
    Evidence {
        truth: Outcome::Scores {
            values: numbers(&case["truth"]),
            threshold,
        },
        prediction: Outcome::Scores {
            values: numbers(&case["score"]),
            threshold,
        },
        attributes: attributes
            .iter()
            .map(|(name, values)| Attribute::categories(name, words(values)))
            .collect(),
        weights: (!case["weights"].is_null()).then(|| numbers(&case["weights"])),
    }
}

fn same(place: &str, expected: &Value, actual: Option<f64>) {
    match (expected.as_f64(), actual) {
        (None, None) => {}
        (Some(expected), Some(actual)) => {
            assert!(
                (expected - actual).abs() <= TOLERANCE,
                "{place}: fairlearn {expected}, here {actual}"
            );
        }
        _ => panic!("{place}: fairlearn {expected}, here {actual:?}"),
    }
}

fn same_disparities(place: &str, expected: &Value, actual: &Disparities) {
    let actual = serde_json::to_value(actual).unwrap();
    for (name, number) in expected.as_object().unwrap() {
        let found = actual
            .get(name)
            .unwrap_or_else(|| panic!("{place}: {name} is not reported"));
        same(&format!("{place}: {name}"), number, found.as_f64());
    }
}

fn same_group(place: &str, expected: &Value, actual: &GroupReport) {
    let key: Vec<GroupKey> = serde_json::from_value(expected["key"].clone()).unwrap();
    assert_eq!(key, actual.key, "{place}");
    let place = format!("{place}, group {}", actual.label);
    let metrics = &actual.metrics;
    let counts = [
        ("count", metrics.count),
        ("positives", metrics.positives),
        ("negatives", metrics.negatives),
    ];
    for (name, count) in counts {
        assert_eq!(expected[name].as_u64(), Some(count), "{place}: {name}");
    }
    same(
        &format!("{place}: selection rate"),
        &expected["selection_rate"],
        metrics.selection_rate,
    );
    same(
        &format!("{place}: TPR"),
        &expected["true_positive_rate"],
        Some(metrics.true_positive_rate),
    );
    same(
        &format!("{place}: FPR"),
        &expected["false_positive_rate"],
        Some(metrics.false_positive_rate),
    );
    same(
        &format!("{place}: mean score"),
        &expected["mean_score"],
        metrics.mean_score,
    );
    same(
        &format!("{place}: mean error"),
        &expected["mean_error"],
        metrics.mean_error,
    );
}

#[test]
fn every_case_equals_fairlearn() {
    let golden = golden();
    let threshold = golden["threshold"].as_f64().unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() >= 15);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let evidence = evidence(case, threshold);
        let attributes: Vec<&str> = evidence
            .attributes
            .iter()
            .map(|attribute| attribute.name.as_str())
            .collect();
        for (word, method) in [
            ("between_groups", Method::BetweenGroups),
            ("to_overall", Method::ToOverall),
        ] {
            let (disparities, groups) = measure_jointly(&evidence, &attributes, method).unwrap();
            same_disparities(&format!("{name}, {word}"), &case[word], &disparities);
            let mut expected: Vec<&Value> = case["groups"].as_array().unwrap().iter().collect();
            assert_eq!(expected.len(), groups.len(), "{name}: groups");
            // Both in the order of their keys: here a missing value comes last, as corners.py sees to it for fairlearn.
            expected.sort_by_key(|group| {
                serde_json::from_value::<Vec<GroupKey>>(group["key"].clone()).unwrap()
            });
            let mut groups: Vec<&GroupReport> = groups.iter().collect();
            groups.sort_by_key(|group| group.key.clone());
            for (expected, actual) in expected.into_iter().zip(groups) {
                same_group(name, expected, actual);
            }
        }
    }
}

/// The golden file must hold the corners it was made for, or the test above proves little.
#[test]
fn the_corners_are_in_the_file() {
    let golden = golden();
    let case = |name: &str| {
        golden["cases"]
            .as_array()
            .unwrap()
            .iter()
            .find(|case| case["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        case("one group")["between_groups"]["demographic_parity_difference"],
        0.0
    );
    let jump = case("a group without positives");
    assert_eq!(jump["groups"][0]["true_positive_rate"], 0.0);
    assert!(
        jump["between_groups"]["equal_opportunity_difference"]
            .as_f64()
            .unwrap()
            >= 0.5
    );
    assert!(case("nobody selected")["between_groups"]["demographic_parity_ratio"].is_null());
    assert_eq!(case("empty cells")["groups"].as_array().unwrap().len(), 4);
    let keys = case("missing values")["groups"].clone();
    assert!(
        keys.as_array()
            .unwrap()
            .iter()
            .any(|group| group["key"][0].is_null())
    );
}
