//! The probe against scikit-learn, and its own laws.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use serde_json::Value;

fn golden() -> Value {
    let golden: Value =
        serde_json::from_str(include_str!("../../tests/golden/golden.json")).unwrap();
    golden["probe"].clone()
}

fn list<Item: serde::de::DeserializeOwned>(value: &Value) -> Vec<Item> {
    serde_json::from_value(value.clone()).unwrap()
}

fn columns(golden: &Value) -> Vec<Column> {
    let columns: Vec<Vec<Option<f64>>> = list(&golden["columns"]);
    let numbers = |column: Vec<Option<f64>>| {
        column
            .into_iter()
            .map(|value| value.unwrap_or(f64::NAN))
            .collect()
    };
    columns
        .into_iter()
        .map(|column| Column::Numbers(numbers(column)))
        .collect()
}

#[test]
fn coefficients_equal_scikit_learns() {
    let golden = golden();
    let groups: Vec<usize> = list(&golden["group"]);
    let rows: Vec<usize> = (0..groups.len()).collect();
    let design = Design::new(&columns(&golden), &rows, 20);
    let penalty = golden["penalty"].as_f64().unwrap();
    let labelled: Vec<(usize, bool)> = rows.iter().map(|row| (*row, groups[*row] == 1)).collect();
    let newton = Newton::new(&design, &rows, penalty);
    let model = logistic::fit(
        &Task {
            design: &design,
            rows: &labelled,
            penalty,
        },
        &newton,
        1e-12,
    );
    let expected: Vec<f64> = list(&golden["coefficients_of_group_1"]);
    for (expected, actual) in expected.iter().zip(&model) {
        assert!((expected - actual).abs() < 1e-6, "{expected:?} {model:?}");
    }
}

#[test]
fn areas_equal_scikit_learns_on_the_same_folds() {
    let golden = golden();
    let groups: Vec<usize> = list(&golden["group"]);
    let rows: Vec<usize> = (0..groups.len()).collect();
    let design = Design::new(&columns(&golden), &rows, 20);
    let members: Vec<(usize, usize)> = groups.iter().copied().enumerate().collect();
    let folds: Vec<usize> = list(&golden["fold"]);
    let penalty = golden["penalty"].as_f64().unwrap();
    let found = cross_validate(&design, &members, &folds, 5, &[0, 1, 2], penalty);
    let expected: Vec<f64> = list(&golden["areas"]);
    for (expected, actual) in expected.iter().zip(&found.areas) {
        assert!((expected - actual).abs() < 1e-3, "{expected} {actual}");
    }
}

#[test]
fn the_area_counts_ties_half() {
    let golden = golden();
    let scores: Vec<f64> = list(&golden["tied_scores"]);
    let labels: Vec<bool> = list(&golden["tied_labels"]);
    let area = area_under_curve(scores.into_iter().zip(labels).collect()).unwrap();
    assert!((area - golden["tied_area"].as_f64().unwrap()).abs() < 1e-12);
    assert_eq!(area_under_curve(vec![(0.3, true), (0.1, true)]), None);
    assert_eq!(area_under_curve(vec![]), None);
}

#[test]
fn folds_are_even_in_every_group() {
    let members: Vec<(usize, usize)> = (0..103)
        .map(|row| (row, usize::from(row % 7 == 0)))
        .collect();
    let folds = fold::stratified(&members, 5, 3);
    for group in 0..2 {
        let mut sizes = [0; 5];
        let of_group = members
            .iter()
            .zip(&folds)
            .filter(|(member, _)| member.1 == group);
        of_group.for_each(|(_, fold)| sizes[*fold] += 1);
        assert!(
            sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1,
            "{sizes:?}"
        );
    }
    assert_ne!(folds, fold::stratified(&members, 5, 4));
}

/// Separable, collinear and constant inputs must neither hang nor give nonsense.
#[test]
fn hard_inputs_end_with_finite_coefficients() {
    let rows: Vec<usize> = (0..200).collect();
    let ramp: Vec<f64> = rows.iter().map(|row| *row as f64).collect();
    let columns = vec![
        Column::Numbers(ramp.clone()),
        Column::Numbers(ramp.iter().map(|value| value * 2.0 + 1e9).collect()),
        Column::Numbers(vec![0.1; 200]),
        Column::Numbers(vec![f64::NAN; 200]),
        Column::Codes(rows.iter().map(|row| Some(row / 100)).collect()),
    ];
    let design = Design::new(&columns, &rows, 20);
    let labelled: Vec<(usize, bool)> = rows.iter().map(|row| (*row, *row >= 100)).collect();
    let newton = Newton::new(&design, &rows, 1.0);
    let model = logistic::fit(
        &Task {
            design: &design,
            rows: &labelled,
            penalty: 1.0,
        },
        &newton,
        1e-9,
    );
    assert!(
        model.iter().all(|coefficient| coefficient.is_finite()),
        "{model:?}"
    );
    let weights = design.weight_by_feature(&model);
    assert_eq!((weights[2], weights[3]), (0.0, 0.0));
    assert!(weights[4] > 0.0);
}
