//! The library trains here what it trains under Python. The golden files are made by `crates/lightgbm/tests/golden/make.py`.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use millrace_lightgbm::Scorer;
use millrace_lightgbm_training::{Booster, Dataset, Rows, Settings};

const COLUMNS: usize = 8;
const ROWS: usize = 400;
const NAMES: [&str; COLUMNS] = [
    "feature_0",
    "feature_1",
    "feature_2",
    "feature_3",
    "feature_4",
    "feature_5",
    "feature_6",
    "feature_7",
];
/// Without `no_split`: Python reads a finished model once more before it writes it, and a tree of one leaf loses its
/// weight by that.
const MODELS: [&str; 15] = [
    "regression",
    "l1",
    "quantile",
    "square_root",
    "binary",
    "ten_classes",
    "one_by_one",
    "categories",
    "forest",
    "tweedie",
    "poisson",
    "gamma",
    "zero_is_missing",
    "nothing_is_missing",
    "dropout",
];

fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lightgbm/tests/golden");
    std::fs::read(folder.join(name)).unwrap()
}

fn table() -> Vec<f64> {
    let all = bytes("table.f64");
    let words = all.chunks_exact(8).take(ROWS * COLUMNS);
    words
        .map(|word| f64::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

fn target(name: &str) -> Vec<f32> {
    let all = bytes(&format!("{name}.target"));
    all.chunks_exact(4)
        .map(|word| f32::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

/// The settings of a golden model, its rounds, and its columns of words.
fn settings(name: &str, threads: usize) -> (Settings, usize, Vec<usize>) {
    let text = String::from_utf8(bytes(&format!("{name}.settings"))).unwrap();
    let (mut settings, mut rounds, mut categories) = (Settings::new(threads), 0, Vec::new());
    for line in text.lines() {
        match line.split_once('=').unwrap() {
            ("rounds", value) => rounds = value.parse().unwrap(),
            ("categories", "") => {}
            ("categories", value) => {
                categories = value.split(',').map(|word| word.parse().unwrap()).collect()
            }
            (name, value) => settings = settings.with(name, value.to_lowercase()).unwrap(),
        }
    }
    (settings, rounds, categories)
}

fn trained(name: &str, threads: usize) -> String {
    let (values, target) = (table(), target(name));
    let (settings, rounds, categories) = settings(name, threads);
    let rows = Rows {
        names: &NAMES,
        values: &values,
        target: &target,
        weights: None,
        categories: &categories,
    };
    let dataset = Dataset::new(&rows, &settings).unwrap();
    let mut booster = Booster::new(&dataset, &settings).unwrap();
    booster.advance_to(rounds / 2).unwrap();
    booster.advance_to(rounds).unwrap();
    booster.to_text().unwrap()
}

/// What predictions follow from: all but the settings that stand behind the trees.
fn trees(text: &str) -> &str {
    &text[..text.find("end of trees").unwrap()]
}

#[test]
fn models_are_those_of_python() {
    for name in MODELS {
        let theirs = String::from_utf8(bytes(&format!("{name}.txt"))).unwrap();
        let ours = trained(name, 1);
        let apart = trees(&ours)
            .lines()
            .zip(trees(&theirs).lines())
            .find(|(a, b)| a != b);
        assert_eq!(apart, None, "{name}");
        assert_eq!(trees(&ours), trees(&theirs), "{name}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for name in [
        "regression",
        "binary",
        "ten_classes",
        "categories",
        "forest",
    ] {
        let one = trained(name, 1);
        for threads in [2, 3, 7] {
            assert_eq!(
                trees(&one),
                trees(&trained(name, threads)),
                "{name} {threads}"
            );
        }
    }
}

#[test]
fn a_large_table_gives_the_same_model_for_any_number_of_threads() {
    let (rows, width) = (30_000, 6);
    let number = |index: usize| ((index * 7919 + index * index % 1009) % 10_007) as f64 / 997.0;
    let values: Vec<f64> = (0..rows * width).map(number).collect();
    let row =
        |row: usize| (values[row * width] * values[row * width + 1] + number(row * 31)) as f32;
    let target: Vec<f32> = (0..rows).map(row).collect();
    let weights: Vec<f32> = (0..rows).map(|row| 0.5 + (row % 7) as f32 / 3.0).collect();
    let train = |threads: usize| {
        let settings = Settings::new(threads)
            .with("objective", "regression")
            .unwrap();
        let rows = Rows {
            names: &NAMES[..width],
            values: &values,
            target: &target,
            weights: Some(&weights),
            categories: &[],
        };
        let dataset = Dataset::new(&rows, &settings).unwrap();
        let mut booster = Booster::new(&dataset, &settings).unwrap();
        booster.advance_to(10).unwrap();
        booster.to_text().unwrap()
    };
    let one = train(1);
    for threads in [2, 5] {
        assert_eq!(trees(&one), trees(&train(threads)), "{threads}");
    }
}

#[test]
fn what_was_trained_is_scored_here() {
    let (values, target) = (table(), target("binary"));
    let (settings, _, _) = settings("binary", 2);
    let rows = Rows {
        names: &NAMES,
        values: &values,
        target: &target,
        weights: None,
        categories: &[],
    };
    let dataset = Dataset::new(&rows, &settings).unwrap();
    let mut booster = Booster::new(&dataset, &settings).unwrap();
    assert!(!booster.advance_to(30).unwrap());
    let model = booster.model().unwrap();
    assert_eq!((booster.rounds(), model.trees()), (30, 30));
    let columns: Vec<Vec<f64>> = (0..COLUMNS)
        .map(|column| {
            values
                .iter()
                .skip(column)
                .step_by(COLUMNS)
                .copied()
                .collect()
        })
        .collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let likely = Scorer::new(&model).predict(&slices).unwrap();
    let right = likely
        .iter()
        .zip(&target)
        .filter(|(p, y)| (**p > 0.5) == (**y > 0.5))
        .count();
    assert!(right > ROWS * 9 / 10, "{right}");
}

#[test]
fn what_lightgbm_refuses_has_a_name() {
    let (values, target) = (table(), target("regression"));
    let rows = |names| Rows {
        names,
        values: &values,
        target: &target,
        weights: None,
        categories: &[],
    };
    let settings = Settings::new(1);
    let refused = |rows: &Rows<'_>| Dataset::new(rows, &settings).unwrap_err().name();
    assert_eq!(refused(&rows(&NAMES[..7])), "LengthMismatch");
    assert_eq!(
        refused(&rows(&["a b", "b", "c", "d", "e", "f", "g", "h"])),
        "NameInvalid"
    );
    assert_eq!(
        refused(&Rows {
            weights: Some(&target[1..]),
            ..rows(&NAMES)
        }),
        "LengthMismatch"
    );
    for (name, value, error) in [
        ("force_row_wise", "true", "SettingFixed"),
        ("input_model", "other.txt", "SettingFixed"),
        ("num_leaves", "3 seed=4", "SettingInvalid"),
        ("", "3", "SettingInvalid"),
    ] {
        assert_eq!(
            settings.clone().with(name, value).unwrap_err().name(),
            error,
            "{name}"
        );
    }
    let dataset = Dataset::new(&rows(&NAMES), &settings).unwrap();
    let wrong = settings
        .clone()
        .with("objective", "no_such_objective")
        .unwrap();
    let error = Booster::new(&dataset, &wrong).unwrap_err();
    assert_eq!(error.name(), "LightgbmFailed");
    assert!(error.to_string().contains("no_such_objective"), "{error}");
}
