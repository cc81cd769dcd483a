//! Every measure is scikit-learn's, number by number. The golden file is made by `golden/every.py`.
#![allow(clippy::unwrap_used)]

use millrace_measures::{Classes, Confusion, Judged, Measure, NoValue, Rows, Task, decile_lifts};
use serde_json::Value;

fn golden(part: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("golden/every.json")).unwrap();
    all[part].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

fn classes(value: &Value) -> Vec<u32> {
    numbers(value).iter().map(|class| *class as u32).collect()
}

#[track_caller]
fn near(ours: f64, theirs: f64, what: &str) {
    let apart = (ours - theirs).abs();
    assert!(
        apart <= 1e-12 * theirs.abs().max(1.0),
        "{what}: {ours} {theirs}"
    );
}

/// Each measure of the task has the golden value, or none where that is null.
fn check<'a>(judged: Judged<'a>, case: &Value) {
    for measure in Measure::of_task(judged.task()) {
        let theirs = case["values"].get(measure.name);
        let theirs = theirs.unwrap_or_else(|| panic!("no golden {}", measure.name));
        match (measure.value(judged), theirs.as_f64()) {
            (Ok(ours), Some(theirs)) => near(ours, theirs, measure.name),
            (Err(NoValue::OtherTask(_)), _) => panic!("{}", measure.name),
            (ours, theirs) => assert!(
                ours.is_err() && theirs.is_none(),
                "{} {ours:?} {theirs:?}",
                measure.name
            ),
        }
        check_losses(&measure, judged, case);
    }
}

/// Where rows have losses, their mean says the same as the value.
fn check_losses(measure: &Measure, judged: Judged<'_>, case: &Value) {
    let (Some(losses), Ok(value)) = (measure.losses(judged), measure.value(judged)) else {
        return;
    };
    let weight = |row: usize| {
        case["weights"]
            .get(row)
            .map_or(1.0, |weight| weight.as_f64().unwrap())
    };
    let all: f64 = (0..losses.len()).map(weight).sum();
    let mean = losses
        .iter()
        .enumerate()
        .map(|(row, loss)| weight(row) * loss)
        .sum::<f64>()
        / all;
    match measure.name {
        "r2" => {}
        "rmse" | "rmsle" => near(mean.sqrt(), value, measure.name),
        "accuracy" => near(1.0 - mean, value, measure.name),
        _ => near(mean, value, measure.name),
    }
}

#[test]
fn measures_of_numbers() {
    for case in golden("numbers") {
        let truth = numbers(&case["truth"]);
        let predictions: Vec<f32> = numbers(&case["predictions"])
            .iter()
            .map(|p| *p as f32)
            .collect();
        let rows = Rows::new(&truth, &predictions).unwrap();
        let weights = case["weights"]
            .as_array()
            .map(|_| numbers(&case["weights"]));
        let rows = match &weights {
            Some(weights) => rows.weighted(weights).unwrap(),
            None => rows,
        };
        // scikit-learn refuses logarithms of what is negative, ours begin above -1: that case has no golden value.
        let mut case = case.clone();
        if case["values"]["rmsle"].is_null() {
            let ours = Measure::named("rmsle").unwrap().value(rows).unwrap();
            case["values"]["rmsle"] = ours.into();
        }
        check(rows.into(), &case);
        match case["deciles"].as_array() {
            None => assert!(decile_lifts(rows).is_err()),
            Some(_) => {
                let theirs = numbers(&case["deciles"]);
                for (ours, theirs) in decile_lifts(rows).unwrap().iter().zip(theirs) {
                    near(*ours, theirs, "decile");
                }
            }
        }
    }
}

#[test]
fn measures_of_two_classes() {
    for case in golden("binary") {
        let (truth, positive) = (classes(&case["truth"]), numbers(&case["probabilities"]));
        let rows = Classes::binary(&truth, &positive, case["threshold"].as_f64().unwrap()).unwrap();
        judge(rows, &case, Task::Binary);
    }
}

#[test]
fn measures_of_many_classes() {
    for case in golden("many") {
        let (truth, given) = (classes(&case["truth"]), numbers(&case["probabilities"]));
        let count = case["classes"].as_u64().unwrap() as usize;
        judge(
            Classes::many(&truth, &given, count).unwrap(),
            &case,
            Task::Multiclass,
        );
    }
}

fn judge(rows: Classes<'_>, case: &Value, task: Task) {
    assert_eq!(rows.task(), task);
    let weights = case["weights"]
        .as_array()
        .map(|_| numbers(&case["weights"]));
    let rows = match &weights {
        Some(weights) => rows.weighted(weights).unwrap(),
        None => rows,
    };
    check(rows.into(), case);
    let table = Confusion::of(rows);
    for truth in 0..rows.classes() {
        for predicted in 0..rows.classes() {
            let theirs = case["confusion"][truth][predicted].as_f64().unwrap();
            near(table.cell(truth, predicted), theirs, "confusion");
        }
    }
}
