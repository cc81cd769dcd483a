//! Equal to fairlearn 0.15.0, scipy and scikit-learn on ordinary tables; golden/make.py says how the numbers are made.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_fairness::*;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/golden.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn codes(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap()
}

fn close(place: &str, expected: &Value, actual: Option<f64>) {
    let same = match (expected.as_f64(), actual) {
        (Some(expected), Some(actual)) => (expected - actual).abs() <= 1e-12,
        (expected, actual) => expected.is_none() && actual.is_none(),
    };
    assert!(same, "{place}: expected {expected}, got {actual:?}");
}

fn evidence(case: &Value) -> (Evidence, Vec<String>) {
    let threshold = case["threshold"].as_f64().unwrap();
    let scores = |name: &str| Outcome::Scores {
        values: numbers(&case[name]),
        threshold,
    };
    let attributes = case["attributes"].as_object().unwrap();
    let attribute = |(name, values): (&String, &Value)| {
        Attribute::categories(name, serde_json::from_value(values.clone()).unwrap())
    };
    let evidence = Evidence {
        truth: scores("truth"),
        prediction: scores("score"),
        attributes: attributes.iter().map(attribute).collect(),
        weights: serde_json::from_value(case["weights"].clone()).unwrap(),
    };
    (evidence, attributes.keys().cloned().collect())
}

#[test]
fn the_whole_report_equals_fairlearn() {
    let golden = golden();
    let cases = golden["fairness"].as_array().unwrap();
    assert!(cases.len() >= 15);
    for case in cases {
        let place = case["name"].as_str().unwrap();
        let (evidence, names) = evidence(case);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let report = assess(&evidence, &names, &Policy::default()).unwrap();
        let found = if names.len() == 1 {
            &report.attributes[0]
        } else {
            report.intersections.last().unwrap()
        };
        assert_eq!(found.name, names.join("*"));
        assert_eq!(
            found.empty_cells,
            case["empty_cells"].as_u64().unwrap(),
            "{place}"
        );
        for (word, disparities) in [
            ("between_groups", &found.between_groups),
            ("to_overall", &found.to_overall),
        ] {
            let actual = serde_json::to_value(disparities).unwrap();
            for (name, expected) in case[word].as_object().unwrap() {
                close(
                    &format!("{place}, {word}, {name}"),
                    expected,
                    actual[name].as_f64(),
                );
            }
        }
        let groups = case["groups"].as_object().unwrap();
        assert_eq!(found.groups.len(), groups.len(), "{place}");
        for group in &found.groups {
            let expected = groups[&group.label].as_object().unwrap();
            let actual = serde_json::to_value(group).unwrap();
            for (name, number) in expected {
                close(
                    &format!("{place}, {}, {name}", group.label),
                    number,
                    actual[name].as_f64(),
                );
            }
        }
        // What is judged is what is reported.
        for criterion in &found.criteria {
            let expected = match criterion.criterion {
                Criterion::DemographicParity => found.between_groups.demographic_parity_difference,
                Criterion::EqualizedOdds => found
                    .between_groups
                    .equalized_odds_difference(Aggregate::WorstCase),
            };
            assert!(
                (criterion.all_groups.difference - expected).abs() <= 1e-15,
                "{place}"
            );
        }
    }
}

#[test]
fn associations_equal_scipy() {
    let golden = &golden()["association"];
    let (left, right) = (numbers(&golden["left"]), numbers(&golden["right"]));
    let pairs: Vec<(f64, f64)> = left.iter().copied().zip(right).collect();
    close("pearson", &golden["pearson"], pearson(&pairs));
    close(
        "eta",
        &golden["correlation_ratio"],
        correlation_ratio(&codes(&golden["codes"]), &left),
    );
    let in_two = correlation_ratio(&codes(&golden["codes_in_two"]), &left);
    close("eta of two", &golden["correlation_ratio_in_two"], in_two);
    let (codes, other) = (codes(&golden["codes"]), codes(&golden["other"]));
    close("cramer", &golden["cramers_v"], cramers_v(&other, &codes));
    close(
        "cramer, the other way",
        &golden["cramers_v"],
        cramers_v(&codes, &other),
    );
}
