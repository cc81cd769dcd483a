//! Equal to scikit-learn, number by number. The golden files are made by `golden/make.py`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::borrow::Cow;

use millrace_contract::spec::Split;
use millrace_features::{EncodedColumn, Kind, Moments, best, f_regression, folds, hold_out};
use serde_json::Value;

fn golden(name: &str) -> Value {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let items = value.as_array().unwrap().iter();
    items.map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    let items = value.as_array().unwrap().iter();
    items.map(|x| x.as_u64().unwrap() as usize).collect()
}

fn close(ours: f64, theirs: f64, relative: f64) -> bool {
    ours == theirs || (ours - theirs).abs() <= relative * theirs.abs().max(f64::MIN_POSITIVE)
}

#[test]
fn f_regression_equals_scikit_learn() {
    let mut compared = 0;
    for case in golden("regression.json").as_array().unwrap() {
        let target = numbers(&case["target"]);
        for (name, answer) in case["answers"].as_object().unwrap() {
            let column = numbers(&case["columns"][name]);
            let ours = f_regression(&[Cow::Owned(column)], &target)[0];
            let (f, p) = (answer[0].as_f64().unwrap(), answer[1].as_f64().unwrap());
            if name == "perfect" || name == "nearly_constant" || name == "one_value" {
                // 1 - r * r and the norm of a constant are rounding noise there, in any order of addition.
                assert!(
                    name != "perfect" || (ours.f > 1e10 && ours.p < 1e-50),
                    "{name}: {ours:?}"
                );
                continue;
            }
            // Far from zero the formula itself loses digits: 1e6 squared against 1.
            let relative = if name == "far_from_zero" { 1e-3 } else { 1e-9 };
            assert!(close(ours.f, f, relative), "{name}: F {} and {f}", ours.f);
            assert!(
                close(ours.p, p, relative * 10.0),
                "{name}: p {} and {p}",
                ours.p
            );
            compared += 1;
        }
    }
    assert!(compared >= 24, "only {compared} columns were compared");
}

#[test]
fn a_column_without_values_has_no_score() {
    let nothing = f_regression(&[Cow::Owned(vec![f64::NAN; 3])], &[1.0, 2.0, 3.0])[0];
    assert!(nothing.f.is_nan() && nothing.present == 0);
    let constant = f_regression(&[Cow::Owned(vec![2.0; 3])], &[1.0, 2.0, 3.0])[0];
    assert_eq!((constant.f, constant.p), (0.0, 1.0));
}

#[test]
fn the_k_best_are_those_of_scikit_learn() {
    let cases = golden("k_best.json");
    assert!(cases.as_array().unwrap().len() > 20);
    for case in cases.as_array().unwrap() {
        let k = case["k"].as_u64().unwrap() as usize;
        assert_eq!(
            best(&numbers(&case["scores"]), k),
            indices(&case["kept"]),
            "{case}"
        );
    }
}

#[test]
fn scaling_equals_scikit_learn() {
    for case in golden("scaler.json").as_array().unwrap() {
        for (name, column) in case["columns"].as_object().unwrap() {
            let theirs = |what: &str| case[what][name].as_f64().unwrap();
            let raw = numbers(column);
            let moments = Moments::of(&raw);
            let (mean, scale) = (moments.shift(), moments.scale());
            assert!(
                close(mean, theirs("mean"), 1e-13),
                "{name}: mean {mean} and {}",
                theirs("mean")
            );
            assert!(
                close(scale, theirs("scale"), 1e-12),
                "{name}: scale {scale} and {}",
                theirs("scale")
            );
            let encoded = EncodedColumn {
                name: name.clone(),
                source: name.clone(),
                kind: Kind::Number,
                mean,
                scale,
                fill: None,
            };
            for (x, theirs) in raw.iter().zip(numbers(&case["scaled"][name])) {
                let ours = f64::from(encoded.scaled(*x));
                assert!(
                    ours.is_nan() && theirs.is_nan()
                        || (ours - theirs).abs() <= 2e-7 * theirs.abs().max(1.0),
                    "{name}: {x} became {ours}, not {theirs}"
                );
            }
        }
    }
}

/// The same whole-number arithmetic as in `make.py`.
fn target(rows: usize, kind: &str) -> Vec<f64> {
    let one = |row: usize| {
        let base = (row as u64 * 7919 + 12345) % 10007;
        match kind {
            "even" => base as f64 / 10007.0,
            "skewed" => (base * base % 99991 * (base % 17)) as f64 / (99991.0 * 16.0),
            _ => (base as f64 / 2502.0).floor() / 3.0,
        }
    };
    (0..rows).map(one).collect()
}

fn digest(rows: &[usize]) -> u64 {
    let step = |total: u128, (position, row): (usize, &usize)| {
        (total * 1_000_003 + *row as u128 + position as u128) % (1 << 61)
    };
    rows.iter().enumerate().fold(0, step) as u64
}

#[test]
fn splits_equal_scikit_learn_row_by_row() {
    let document = golden("split.json");
    let (mut equal, mut refused) = (0, 0);
    for case in document["splits"].as_array().unwrap() {
        let rows = case["rows"].as_u64().unwrap() as usize;
        let split = Split {
            holdout_share: case["share"].as_f64().unwrap(),
            stratify_bins: case["bins"].as_u64().unwrap() as usize,
            seed: case["seed"].as_u64().unwrap() as u32,
            ..Split::default()
        };
        let ours = hold_out(&target(rows, case["kind"].as_str().unwrap()), &split);
        if case["refused"] == true {
            assert_eq!(ours.unwrap_err().name(), "StratumTooSmall", "{case}");
            refused += 1;
            continue;
        }
        let ours = ours.unwrap();
        if case["training"].is_array() {
            assert_eq!(ours.training, indices(&case["training"]), "{case}");
            assert_eq!(ours.holdout, indices(&case["holdout"]), "{case}");
        }
        assert_eq!(
            digest(&ours.training),
            case["training_digest"].as_u64().unwrap()
        );
        assert_eq!(
            digest(&ours.holdout),
            case["holdout_digest"].as_u64().unwrap()
        );
        equal += 1;
    }
    assert!(
        equal > 50 && refused > 0,
        "{equal} equal, {refused} refused"
    );
}

#[test]
fn folds_equal_scikit_learn() {
    for case in golden("split.json")["folds"].as_array().unwrap() {
        let rows = case["rows"].as_u64().unwrap() as usize;
        let count = case["folds"].as_u64().unwrap() as usize;
        let theirs: Vec<Vec<usize>> = case["sizes"]
            .as_array()
            .unwrap()
            .iter()
            .map(indices)
            .collect();
        let ours: Vec<Vec<usize>> = folds(rows, count)
            .unwrap()
            .into_iter()
            .map(|fold| vec![fold.start, fold.end])
            .collect();
        assert_eq!(ours, theirs);
    }
    assert_eq!(folds(4, 5).unwrap_err().name(), "TooFewRows");
}
