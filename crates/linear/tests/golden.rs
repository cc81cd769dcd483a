//! Coefficients equal to scikit-learn's. The golden file is made by `golden/make.py`.
#![allow(clippy::unwrap_used)]

use millrace_linear::{Design, LinearError, LinearModel, Penalty, fit_classes, fit_numbers};
use serde_json::Value;

fn golden() -> Vec<Value> {
    let text = include_str!("golden/linear.json");
    serde_json::from_str(text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

fn columns(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

fn design(columns: &[Vec<f64>]) -> Design {
    let names: Vec<String> = (0..columns.len())
        .map(|index| format!("c{index}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    Design::from_columns(&names, &slices).unwrap()
}

fn penalty(fit: &Value) -> Penalty {
    let number = |name: &str| fit[name].as_f64().unwrap();
    Penalty::new(number("strength"), number("l1_share")).unwrap()
}

/// Coefficients in units of their column's deviation, so that small columns count as large ones do.
fn compare(model: &LinearModel, fit: &Value, columns: &[Vec<f64>], within: f64) {
    let theirs = fit["coefficients"].as_array().unwrap();
    assert_eq!(model.outputs(), theirs.len());
    for (output, theirs) in theirs.iter().enumerate() {
        let pairs = model.coefficients(output).iter().zip(numbers(theirs));
        for ((ours, theirs), column) in pairs.zip(columns) {
            let apart = (ours - theirs).abs() * deviation(column);
            assert!(
                apart < within,
                "{} {}: {ours} {theirs}",
                fit["strength"],
                fit["l1_share"]
            );
        }
        let (ours, theirs) = (
            model.intercepts()[output],
            fit["intercepts"][output].as_f64().unwrap(),
        );
        let large = theirs.abs().max(1.0);
        assert!(
            (ours - theirs).abs() < within * large * 10.0,
            "intercept {ours} {theirs}"
        );
    }
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let ours = model.predict(&slices).unwrap();
    for (row, theirs) in fit["predictions"].as_array().unwrap().iter().enumerate() {
        let theirs = match theirs.as_array() {
            None => vec![theirs.as_f64().unwrap()],
            // Of two classes only the positive's probability is kept.
            Some(two) if two.len() == 2 => vec![two[1].as_f64().unwrap()],
            Some(_) => numbers(theirs),
        };
        for (output, theirs) in theirs.iter().enumerate() {
            let ours = ours[row * model.outputs() + output];
            assert!((ours - theirs).abs() < within, "row {row}: {ours} {theirs}");
        }
    }
}

fn deviation(column: &[f64]) -> f64 {
    let count = column.len() as f64;
    let mean = column.iter().sum::<f64>() / count;
    (column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count).sqrt()
}

#[test]
fn numbers_are_fitted_as_scikit_learn_does() {
    for table in golden() {
        let columns = columns(&table["columns"]);
        let design = design(&columns);
        let (target, weights) = (
            numbers(&table["numbers"]["target"]),
            numbers(&table["weights"]),
        );
        let fits = table["numbers"]["fits"].as_array().unwrap();
        assert_eq!(fits.len(), 20);
        for fit in fits {
            let weights = fit["weighted"]
                .as_bool()
                .unwrap()
                .then_some(weights.as_slice());
            let model = fit_numbers(&design, &target, weights, penalty(fit)).unwrap();
            compare(&model, fit, &columns, 1e-9);
        }
    }
}

#[test]
fn classes_are_fitted_as_scikit_learn_does() {
    for table in golden() {
        let weights = numbers(&table["weights"]);
        for case in table["classes"].as_array().unwrap() {
            let columns = columns(&case["columns"]);
            let design = design(&columns);
            let labels: Vec<u32> = numbers(&case["target"]).iter().map(|y| *y as u32).collect();
            let classes = case["classes"].as_u64().unwrap() as usize;
            for fit in case["fits"].as_array().unwrap() {
                let weights = fit["weighted"]
                    .as_bool()
                    .unwrap()
                    .then_some(weights.as_slice());
                let found = fit_classes(&design, &labels, classes, weights, penalty(fit));
                compare(&found.unwrap(), fit, &columns, 1e-6);
            }
        }
    }
}

#[test]
fn what_cannot_be_fitted_has_a_name() {
    let table = &golden()[0];
    let mut columns = columns(&table["columns"]);
    let target = numbers(&table["numbers"]["target"]);
    let both: Vec<f64> = columns[0]
        .iter()
        .zip(&columns[3])
        .map(|(a, b)| 2.0 * a - b)
        .collect();
    columns.push(both);
    let twice = design(&columns);
    let error = fit_numbers(&twice, &target, None, Penalty::NONE).unwrap_err();
    assert_eq!(
        error,
        LinearError::Singular {
            column: "c7".into()
        }
    );
    let ridge = Penalty::new(0.01, 0.0).unwrap();
    assert!(fit_numbers(&twice, &target, None, ridge).is_ok());
    for (strength, share) in [(-1.0, 0.0), (f64::NAN, 0.0), (1.0, 1.5), (1.0, f64::NAN)] {
        assert_eq!(
            Penalty::new(strength, share).unwrap_err().name(),
            "PenaltyInvalid"
        );
    }
    let refused = fit_numbers(&twice, &target[1..], None, ridge).unwrap_err();
    assert_eq!(refused.name(), "RowsDiffer");
    let zero = vec![0.0; target.len()];
    let refused = fit_numbers(&twice, &target, Some(&zero), ridge).unwrap_err();
    assert_eq!(refused.name(), "WeightInvalid");
    let mut missing = target.clone();
    missing[3] = f64::NAN;
    let refused = fit_numbers(&twice, &missing, None, ridge).unwrap_err();
    assert_eq!(refused.name(), "ValueMissing");
}

#[test]
fn what_is_missing_is_named_by_row_and_column() {
    let columns: [&[f64]; 2] = [&[1.0, 2.0, 3.0], &[1.0, f64::NAN, 2.0]];
    let error = Design::from_columns(&["age", "income"], &columns).unwrap_err();
    let LinearError::ValueMissing { row, column, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((row, column.as_str()), (1, "income"));
    let none: [&[f64]; 1] = [&[]];
    assert_eq!(
        Design::from_columns(&["age"], &none).unwrap_err().name(),
        "NoRows"
    );
}

#[test]
fn classes_that_cannot_be_fitted_have_a_name() {
    let columns: Vec<f64> = (0..40).map(|row| f64::from(row * 7 % 40)).collect();
    let design = Design::from_columns(&["a"], &[&columns]).unwrap();
    let labels =
        |above: f64| -> Vec<u32> { columns.iter().map(|x| u32::from(*x > above)).collect() };
    let refused = |labels: &[u32], classes: usize, penalty: Penalty| {
        fit_classes(&design, labels, classes, None, penalty)
            .unwrap_err()
            .name()
    };
    let ridge = Penalty::new(0.01, 0.0).unwrap();
    assert_eq!(refused(&labels(100.0), 2, ridge), "ClassAbsent");
    assert_eq!(refused(&labels(20.0), 3, ridge), "ClassAbsent");
    assert_eq!(refused(&[5; 40], 2, ridge), "ClassUnknown");
    assert_eq!(refused(&labels(20.0)[1..], 2, ridge), "RowsDiffer");
    assert_eq!(refused(&labels(20.0), 2, Penalty::NONE), "Separable");
    let three: Vec<u32> = columns.iter().map(|x| (*x / 14.0) as u32).collect();
    assert_eq!(refused(&three, 3, Penalty::NONE), "Separable");
    assert!(fit_classes(&design, &labels(20.0), 2, None, ridge).is_ok());
    let twice = Design::from_columns(&["a", "b"], &[&columns, &columns]).unwrap();
    let mixed: Vec<u32> = (0..40).map(|row| row % 3 % 2).collect();
    let singular = fit_classes(&twice, &mixed, 2, None, Penalty::NONE).unwrap_err();
    assert_eq!(singular, LinearError::Singular { column: "b".into() });
}
