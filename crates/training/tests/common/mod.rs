//! Small tables that the tests share.

#![allow(dead_code)]

use millrace_contract::Params;
use millrace_contract::spec::{Search, Space, Strategy, Tpe};
use millrace_features::{Matrix, folds};
use millrace_training::{Setup, TreeParams, r2, refit};

pub const ROWS: usize = 300;
pub const COLUMNS: usize = 6;

/// The table of `golden/make.py`, by the same whole-number arithmetic.
pub fn table() -> (Matrix, Vec<f64>) {
    let raw = |i: usize, j: usize| ((i * (7 + 4 * j) + 13 * j * j + i * i % 101) % 97) as f64;
    let mut values = Vec::new();
    let mut target = Vec::new();
    for i in 0..ROWS {
        for j in 0..COLUMNS {
            let missing = j == 2 && (i * 5 + 3) % 11 == 0;
            let value = ((raw(i, j) - 48.0) / 16.0) as f32;
            values.push(if missing { f32::NAN } else { value });
        }
        let noise = (((i * 31 + 7) % 23) as f64 - 11.0) / 40.0;
        target.push(raw(i, 0) / 97.0 + raw(i, 1) * raw(i, 3) / 9409.0 + noise);
    }
    let matrix = Matrix::from_rows(ROWS, COLUMNS, values).unwrap();
    (matrix, target)
}

/// A search over 32 candidates, or 16 trials, that takes a moment.
pub fn small_search(strategy: Strategy) -> Search {
    Search {
        strategy,
        space: Space::default()
            .with("n_estimators", [5_u32, 20])
            .with("max_depth", [2_u32, 4])
            .with("learning_rate", [0.1, 0.3])
            .with("subsample", [0.8, 1.0])
            .with("colsample_bytree", [0.8, 1.0]),
        tpe: Tpe {
            trials: 16,
            most_rounds: 60,
            patience_rounds: 20,
            ..Tpe::default()
        },
        ..Search::default()
    }
}

/// The score on every fold, each by a training of its own with XGBoost.
pub fn scores_alone(
    matrix: &Matrix,
    target: &[f64],
    settings: &Search,
    candidate: &Params,
) -> Vec<f64> {
    let rows = target.len();
    let names: Vec<String> = (0..matrix.columns())
        .map(|place| format!("c{place}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let alone = |fold: &std::ops::Range<usize>| {
        let learned: Vec<usize> = (0..fold.start).chain(fold.end..rows).collect();
        let y: Vec<f64> = learned.iter().map(|row| target[*row]).collect();
        let setup = Setup::xgboost(settings);
        let booster = refit(&matrix.select(learned), &y, &names, setup, candidate).unwrap();
        let margins = booster.predict(&matrix.select(fold.clone())).unwrap();
        r2(&target[fold.clone()], &margins)
    };
    folds(rows, settings.folds)
        .unwrap()
        .iter()
        .map(alone)
        .collect()
}

/// A not-a-number has bits too.
pub fn bits(scores: &[f64]) -> Vec<u64> {
    scores.iter().map(|score| score.to_bits()).collect()
}

pub fn hyperparameters(value: &serde_json::Value) -> Params {
    let number = |name: &str| value[name].as_f64().unwrap();
    let trees = TreeParams {
        n_estimators: number("n_estimators") as u32,
        max_depth: number("max_depth") as u32,
        learning_rate: number("learning_rate"),
        subsample: number("subsample"),
        colsample_bytree: number("colsample_bytree"),
    };
    trees.into()
}

/// Enough rows for the race to look at samples first: bends, an interaction and noise, by
/// whole-number arithmetic.
pub fn larger_table(rows: usize) -> (Matrix, Vec<f64>) {
    made_up_table(rows, 12345, 0.25)
}

/// The same with a seed and a share of noise.
pub fn made_up_table(rows: usize, seed: u64, share: f64) -> (Matrix, Vec<f64>) {
    const WIDTH: usize = 8;
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut values = Vec::new();
    let mut target = Vec::new();
    for _ in 0..rows {
        let row: Vec<f64> = (0..WIDTH).map(|_| next()).collect();
        let noise = (0..6).map(|_| next()).sum::<f64>() - 3.0;
        let bend = (row[0] - 0.5).abs() + row[1] * row[1];
        let interaction = if row[2] > 0.6 && row[3] < 0.5 {
            0.5
        } else {
            0.0
        };
        target.push(bend + interaction + row[4] * row[5] + share * noise);
        values.extend(row.iter().map(|x| *x as f32));
    }
    (Matrix::from_rows(rows, WIDTH, values).unwrap(), target)
}
