//! Forests are as good as scikit-learn's, the same for any number of threads, and saved as XGBoost saves them.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use millrace_forest::{Forest, Node};
use millrace_measures::{Classes, Measure, Rows};
use millrace_random_forest::{Columns, Settings, Table, fit_classes, fit_numbers, to_ubj};
use proptest::prelude::*;
use serde_json::Value;

const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/forests.json")).unwrap()
}

fn values() -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/table.f32");
    let bytes = std::fs::read(path).unwrap();
    bytes
        .chunks_exact(4)
        .map(|word| f32::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect()
}

fn table<'a>(names: &'a [&'a str], values: &'a [f32]) -> Table<'a> {
    Table {
        names,
        values,
        weights: None,
    }
}

fn scores(forest: &Forest, values: &[f32]) -> Vec<f32> {
    values
        .chunks(forest.feature_count())
        .map(|row| forest.margin(row))
        .collect()
}

/// No worse than scikit-learn's mean by more than what the seed alone changes there.
fn is_as_good(ours: f64, golden: &Value, higher_is_better: bool) {
    let (mean, deviation) = (
        golden["mean"].as_f64().unwrap(),
        golden["deviation"].as_f64().unwrap(),
    );
    let worse = if higher_is_better {
        mean - ours
    } else {
        ours - mean
    };
    assert!(
        worse < 3.0 * deviation,
        "{ours} against {mean} +- {deviation}"
    );
    assert!(
        worse > -10.0 * deviation,
        "{ours} is too good beside {mean} +- {deviation}"
    );
}

#[test]
fn forests_are_as_good_as_scikit_learns() {
    let (golden, values) = (golden(), values());
    let training = golden["training"].as_u64().unwrap() as usize;
    let (fit, judge) = values.split_at(training * NAMES.len());
    let target = numbers(&golden["target"]);
    let forest = fit_numbers(
        table(&NAMES, fit),
        &target[..training],
        &Settings::of_numbers(),
    )
    .unwrap();
    let guesses = scores(&forest, judge);
    let r2 = Measure::named("r2").unwrap();
    is_as_good(
        r2.value(Rows::new(&target[training..], &guesses).unwrap())
            .unwrap(),
        &golden["r2"],
        true,
    );

    let classes: Vec<u32> = numbers(&golden["classes"])
        .iter()
        .map(|class| *class as u32)
        .collect();
    let third: Vec<u32> = classes.iter().map(|class| u32::from(*class == 2)).collect();
    let settings = Settings::of_classes();
    let forests = fit_classes(table(&NAMES, fit), &third[..training], 2, &settings).unwrap();
    assert_eq!(forests.len(), 1);
    let likely: Vec<f64> = scores(&forests[0], judge)
        .iter()
        .map(|p| f64::from(*p).clamp(0.0, 1.0))
        .collect();
    let auc = Measure::named("auc_roc").unwrap();
    let value = auc
        .value(Classes::binary(&third[training..], &likely, 0.5).unwrap())
        .unwrap();
    is_as_good(value, &golden["auc_of_the_third"], true);

    let settings = Settings {
        leaf_rows: 3,
        ..settings
    };
    let forests = fit_classes(table(&NAMES, fit), &classes[..training], 3, &settings).unwrap();
    let by_class: Vec<Vec<f32>> = forests.iter().map(|forest| scores(forest, judge)).collect();
    let likely: Vec<f64> = (0..by_class[0].len())
        .flat_map(|row| {
            by_class
                .iter()
                .map(move |own| f64::from(own[row]).clamp(0.0, 1.0))
        })
        .collect();
    let loss = Measure::named("log_loss").unwrap();
    let value = loss
        .value(Classes::many(&classes[training..], &likely, 3).unwrap())
        .unwrap();
    is_as_good(value, &golden["log_loss"], false);
}

fn few(seed: u64) -> Settings {
    Settings {
        trees: 7,
        seed,
        ..Settings::of_classes()
    }
}

#[test]
fn the_number_of_threads_changes_nothing_and_the_seed_does() {
    let (values, target) = (values(), numbers(&golden()["target"]));
    let grown = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        to_ubj(&pool.install(|| fit_numbers(table(&NAMES, &values), &target, &few(seed)).unwrap()))
    };
    assert_eq!(grown(1, 5), grown(2, 5));
    assert_eq!(grown(1, 5), grown(5, 5));
    assert_ne!(grown(1, 5), grown(1, 6));
}

#[test]
fn what_is_saved_is_read_as_xgboosts() {
    let (values, target) = (values(), numbers(&golden()["target"]));
    let forest = fit_numbers(table(&NAMES, &values), &target, &few(1)).unwrap();
    let read = Forest::from_ubj(&to_ubj(&forest)).unwrap();
    assert_eq!(read, forest);
}

/// Weights of 0 and 1 are rows left out, weights of 2 are rows that occur twice.
#[test]
fn weights_count_as_rows_do() {
    let values: Vec<f32> = (0..40).map(|row| ((row * 7) % 40) as f32).collect();
    let target: Vec<f64> = (0..40).map(|row| f64::from((row * 13) % 9)).collect();
    let all = Settings {
        trees: 1,
        draws_rows: false,
        depth: 3,
        ..Settings::of_numbers()
    };
    let weights: Vec<f64> = (0..40).map(|row| f64::from(row % 3)).collect();
    let weighted = Table {
        weights: Some(&weights),
        ..table(&["x"], &values)
    };
    let ours = fit_classes(
        weighted,
        &target
            .iter()
            .map(|y| u32::from(*y > 4.0))
            .collect::<Vec<_>>(),
        2,
        &all,
    )
    .unwrap();
    let repeated: Vec<usize> = (0..40).flat_map(|row| vec![row; row % 3]).collect();
    let rows: Vec<f32> = repeated.iter().map(|row| values[*row]).collect();
    let labels: Vec<u32> = repeated
        .iter()
        .map(|row| u32::from(target[*row] > 4.0))
        .collect();
    let theirs = fit_classes(table(&["x"], &rows), &labels, 2, &all).unwrap();
    let grid: Vec<f32> = rows.clone();
    assert_eq!(scores(&ours[0], &grid), scores(&theirs[0], &grid));
}

#[test]
fn what_cannot_be_grown_has_a_name() {
    let values = [1.0, 2.0, 3.0];
    let settings = few(0);
    let refused = |values: &[f32], target: &[f64], settings: &Settings| {
        fit_numbers(table(&["x"], values), target, settings)
            .unwrap_err()
            .name()
    };
    assert_eq!(refused(&values, &[1.0, 2.0], &settings), "LengthMismatch");
    assert_eq!(refused(&[], &[], &settings), "NoRows");
    assert_eq!(
        refused(&values, &[1.0, f64::NAN, 2.0], &settings),
        "TargetUnusable"
    );
    assert_eq!(
        refused(&[1.0, f32::INFINITY, 1.0], &[1.0; 3], &settings),
        "ValueInfinite"
    );
    let lonely = Table {
        weights: Some(&[0.0; 3]),
        ..table(&["x"], &values)
    };
    assert_eq!(
        fit_numbers(lonely, &[1.0; 3], &settings)
            .unwrap_err()
            .name(),
        "WeightInvalid"
    );
    assert_eq!(
        fit_classes(table(&["x"], &values), &[0, 1, 2], 2, &settings)
            .unwrap_err()
            .name(),
        "TargetUnusable"
    );
    for wrong in [
        Settings {
            trees: 0,
            ..settings
        },
        Settings {
            depth: 61,
            ..settings
        },
        Settings {
            leaf_rows: 0,
            ..settings
        },
        Settings {
            columns: Columns::Share(1.5),
            ..settings
        },
    ] {
        assert_eq!(
            refused(&values, &[1.0; 3], &wrong),
            "ParameterOutOfSpace",
            "{wrong:?}"
        );
    }
}

/// How much of the squares a split explains, the long way round.
fn explained(values: &[f32], target: &[f64], threshold: f32, missing_left: bool) -> f64 {
    let side = |wanted: bool| {
        let goes_left = |value: f32| {
            if value.is_nan() {
                missing_left
            } else {
                value < threshold
            }
        };
        let own: Vec<f64> = values
            .iter()
            .zip(target)
            .filter(|(v, _)| goes_left(**v) == wanted)
            .map(|(_, y)| *y)
            .collect();
        own.iter().sum::<f64>().powi(2) / own.len().max(1) as f64
    };
    side(true) + side(false)
}

proptest! {
    #[test]
    fn the_root_is_the_best_split(rows in prop::collection::vec((prop::option::weighted(0.9, -5..5_i8), -9..9_i8), 4..40)) {
        let values: Vec<f32> = rows.iter().map(|(x, _)| x.map_or(f32::NAN, f32::from)).collect();
        let target: Vec<f64> = rows.iter().map(|(_, y)| f64::from(*y)).collect();
        let stump = Settings { trees: 1, draws_rows: false, depth: 1, ..Settings::of_numbers() };
        let forest = fit_numbers(table(&["x"], &values), &target, &stump).unwrap();
        let mean = target.iter().sum::<f64>() / target.len() as f64;
        let centred: Vec<f64> = target.iter().map(|y| y - mean).collect();
        let all = (-5..=5).flat_map(|cut| [false, true].map(|left| explained(&values, &centred, f32::from(cut as i8) - 0.5, left)));
        let best = all.chain([explained(&values, &centred, f32::INFINITY, false)]).fold(0.0, f64::max);
        match forest.trees()[0].nodes()[0] {
            Node::Leaf { .. } => prop_assert!(best < 1e-9, "{best}"),
            Node::Split { threshold, missing_left, .. } => {
                let ours = explained(&values, &centred, threshold, missing_left);
                prop_assert!((ours - best).abs() < 1e-9, "{ours} {best}");
            }
        }
    }

    #[test]
    fn a_whole_tree_knows_its_rows(rows in prop::collection::vec((-99..99_i8, -9..9_i8), 1..60)) {
        let mut seen = std::collections::BTreeMap::new();
        rows.iter().for_each(|(x, y)| { seen.insert(*x, *y); });
        let values: Vec<f32> = seen.keys().map(|x| f32::from(*x)).collect();
        let target: Vec<f64> = seen.values().map(|y| f64::from(*y)).collect();
        let whole = Settings { trees: 1, draws_rows: false, depth: 60, ..Settings::of_numbers() };
        let forest = fit_numbers(table(&["x"], &values), &target, &whole).unwrap();
        for (guess, truth) in scores(&forest, &values).iter().zip(&target) {
            prop_assert!((f64::from(*guess) - truth).abs() < 1e-4, "{guess} {truth}");
        }
    }
}
