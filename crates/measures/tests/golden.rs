//! Equal to scikit-learn, number by number. The golden file is made by `golden/make.py`.
#![allow(clippy::unwrap_used)]

use millrace_contract::spec::Scores;
use millrace_measures::{MEASURES, R2, Rows, Tally, metrics, r2_difference};
use serde_json::{Value, json};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/measures.json")).unwrap()
}

fn scores() -> Scores {
    serde_json::from_value(json!({
        "column": "score", "decimals": 3, "range": [0.0, 1.0],
        "tiers": {
            "column": "tier", "edges": [0.3, 0.5, 0.7],
            "labels": ["Low", "Medium", "High", "Very High"],
        },
    }))
    .unwrap()
}

fn table(rows: i64, factor: i64, spread: f64) -> (Vec<f64>, Vec<f32>) {
    let row = |i: i64| {
        let truth = ((i * factor + i * i % 89) % 97) as f64 / 100.0;
        let noise = ((i * 31 + 7) % 23 - 11) as f64 / 11.0;
        (truth, (truth + spread * noise + 0.013) as f32)
    };
    (0..rows).map(row).unzip()
}

#[track_caller]
fn same(ours: Option<f64>, theirs: &Value) {
    match (ours, theirs.as_f64()) {
        (Some(ours), Some(theirs)) => assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}"),
        (ours, theirs) => assert_eq!(ours, theirs),
    }
}

#[test]
fn every_measure_is_scikit_learns() {
    for case in golden()["cases"].as_array().unwrap() {
        let number = |name: &str| case[name].as_i64().unwrap();
        let spread = case["spread"].as_f64().unwrap();
        let (truth, predictions) = table(number("rows"), number("factor"), spread);
        let rows = Rows::new(&truth, &predictions).unwrap();
        for measure in MEASURES {
            same(Some(measure.of(rows)), &case[measure.name]);
        }
        let tally = Tally::of(rows, &scores());
        assert_eq!(tally.clipped, case["clipped"].as_u64().unwrap());
        assert_eq!(metrics(rows, &scores()).tiers, tally.tiers);
        for (ours, theirs) in tally.tiers.iter().zip(case["tiers"].as_array().unwrap()) {
            assert_eq!(theirs["label"], ours.label);
            assert_eq!(theirs["rows"], ours.rows);
            assert_eq!(theirs["predicted"], ours.predicted, "{}", ours.label);
            same(ours.recall, &theirs["recall"]);
            same(ours.rmse, &theirs["rmse"]);
            same(ours.mae, &theirs["mae"]);
        }
        let (_, other) = table(number("rows"), number("factor"), spread * 1.1);
        let ours = r2_difference(rows, &other).unwrap();
        let theirs = &case["difference"];
        same(Some(ours.value), &theirs["value"]);
        same(Some(ours.low), &theirs["low"]);
        same(Some(ours.high), &theirs["high"]);
    }
    for case in golden()["constant"].as_array().unwrap() {
        let numbers = |name: &str| -> Vec<f64> {
            let values = case[name].as_array().unwrap().iter();
            values.map(|value| value.as_f64().unwrap()).collect()
        };
        let narrow: Vec<f32> = numbers("predictions").iter().map(|p| *p as f32).collect();
        let truth = numbers("truth");
        same(
            Some(R2.of(Rows::new(&truth, &narrow).unwrap())),
            &case["r2"],
        );
    }
}
