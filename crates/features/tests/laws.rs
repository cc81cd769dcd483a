//! What must hold for any table: a recipe does the same to a row wherever it lies, and parts of a split are parts.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_contract::spec::Split;
use millrace_contract::{Contract, Spec};
use millrace_dataset::{Frame, MISSING, UNSEEN, Values};
use millrace_features::{Matrix, Recipe, Unfitted, folds, hold_out};
use proptest::prelude::*;

const CONTRACT: &str = r#"
name = "visits"
version = 1
[columns]
visit_id = { role = "id", type = "text" }
minutes  = { role = "feature", type = "float", nullable = true }
clicks   = { role = "feature", type = "integer" }
device   = { role = "feature", type = "category", values = ["phone", "tablet", "desk"], nullable = true }
plan     = { role = "feature", type = "ordered", values = ["free", "plus", "gold"], nullable = true }
member   = { role = "feature", type = "boolean" }
score    = { role = "target", type = "float" }
"#;

const SPEC: &str = r#"
name = "visits"
contract = "visits.toml"
target = "score"
[scores]
column = "score_pred"
decimals = 3
"#;

/// Minutes, clicks, device, plan, member and score of one row.
type Row = (f64, u8, i32, i32, bool, f64);

fn row() -> impl Strategy<Value = Row> {
    let minutes = prop_oneof![
        8 => -1e6..1e6_f64,
        1 => Just(f64::NAN),
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(1e-300)],
    ];
    let word = || prop_oneof![8 => 0..3_i32, 1 => Just(MISSING), 1 => Just(UNSEEN)];
    (
        minutes,
        any::<u8>(),
        word(),
        word(),
        any::<bool>(),
        0.0..1.0_f64,
    )
}

fn frame(rows: &[Row]) -> Frame {
    let mut frame = Frame::new(rows.len());
    let numbers = |value: fn(&Row) -> f64| Values::Number(rows.iter().map(value).collect());
    let codes = |value: fn(&Row) -> i32| Values::Code(rows.iter().map(value).collect());
    for (name, values) in [
        ("minutes", numbers(|row| row.0)),
        ("clicks", numbers(|row| f64::from(row.1))),
        ("device", codes(|row| row.2)),
        ("plan", codes(|row| row.3)),
        ("member", numbers(|row| f64::from(u8::from(row.4)))),
    ] {
        frame.insert(name, values).unwrap();
    }
    frame
}

/// The recipe of these rows, unless they are too much alike to learn from.
fn fitted(rows: &[Row]) -> Option<Recipe> {
    let contract = Contract::parse(CONTRACT, "visits.toml").unwrap();
    let spec = Spec::parse(SPEC, "spec.toml").unwrap();
    let target: Vec<f64> = rows.iter().map(|row| row.5).collect();
    match Recipe::fit(&frame(rows), &target, &spec, &contract) {
        Ok((recipe, _)) => Some(recipe),
        Err(error) => {
            let expected = ["NoFeaturesLeft", "ConstantTarget", "TooFewRows"];
            assert!(expected.contains(&error.name()), "{error}");
            None
        }
    }
}

fn bits(matrix: &Matrix, row: usize) -> Vec<u32> {
    matrix
        .row(row)
        .iter()
        .map(|value| value.to_bits())
        .collect()
}

proptest! {
    #[test]
    fn a_row_becomes_the_same_numbers_wherever_it_lies(
        rows in prop::collection::vec(row(), 8..60),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..80),
    ) {
        let Some(recipe) = fitted(&rows) else { return Ok(()) };
        let whole = recipe.apply(&frame(&rows)).unwrap();
        prop_assert_eq!((whole.rows(), whole.columns()), (rows.len(), recipe.columns().len()));
        // Any rows in any order, some of them more than once, some not at all.
        let picks: Vec<usize> = picks.iter().map(|pick| pick.index(rows.len())).collect();
        let some = recipe.apply(&frame(&rows).take(&picks)).unwrap();
        for (place, pick) in picks.iter().enumerate() {
            prop_assert_eq!(bits(&some, place), bits(&whole, *pick));
        }
        let picked = recipe.apply_to(&frame(&rows), &picks).unwrap();
        for place in 0..picks.len() {
            prop_assert_eq!(bits(&picked, place), bits(&some, place));
        }
    }

    #[test]
    fn a_fold_knows_nothing_of_the_rows_that_it_is_judged_on(
        rows in prop::collection::vec(row(), 12..60),
        others in prop::collection::vec(row(), 6),
        start in any::<prop::sample::Index>(),
    ) {
        let start = start.index(rows.len() - others.len());
        let left_out = start..start + others.len();
        let mut changed = rows.clone();
        changed.splice(left_out.clone(), others);
        let mut learned = rows.clone();
        learned.drain(left_out.clone());
        let contract = Contract::parse(CONTRACT, "visits.toml").unwrap();
        let spec = Spec::parse(&format!("{SPEC}[selection]\nbest = 3\n"), "spec.toml").unwrap();
        let target = |rows: &[Row]| -> Vec<f64> { rows.iter().map(|row| row.5).collect() };
        let of_fold = |rows: &[Row]| {
            let (frame, target) = (frame(rows), target(rows));
            let unfitted = Unfitted::new(&frame, &target, &spec, &contract).ok()?;
            Some(unfitted.recipe_without(&left_out))
        };
        let Some((recipe, same)) = of_fold(&rows).zip(of_fold(&changed)) else { return Ok(()) };
        prop_assert_eq!(&recipe, &same);
        if let Ok((alone, _)) = Recipe::fit(&frame(&learned), &target(&learned), &spec, &contract) {
            prop_assert_eq!(recipe.unwrap(), alone);
        }
    }

    #[test]
    fn a_recipe_that_was_written_and_read_does_the_same(rows in prop::collection::vec(row(), 8..40)) {
        let Some(recipe) = fitted(&rows) else { return Ok(()) };
        let written = recipe.to_json().unwrap();
        let read = Recipe::from_json(&written).unwrap();
        prop_assert_eq!(&read, &recipe);
        prop_assert_eq!(read.to_json().unwrap(), written);
    }

    #[test]
    fn what_is_scaled_has_mean_0_and_deviation_1(rows in prop::collection::vec(row(), 8..60)) {
        let Some(recipe) = fitted(&rows) else { return Ok(()) };
        let matrix = recipe.apply(&frame(&rows)).unwrap();
        for column in 0..matrix.columns() {
            let values: Vec<f64> = matrix
                .column(column)
                .filter(|value| !value.is_nan())
                .map(f64::from)
                .collect();
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            prop_assert!(mean.abs() < 1e-4, "column {} has mean {}", column, mean);
            prop_assert!((variance - 1.0).abs() < 1e-3, "column {} has variance {}", column, variance);
        }
    }

    #[test]
    fn every_row_is_learned_from_or_held_out_and_never_both(
        target in prop::collection::vec(0.0..1.0_f64, 1..300),
        holdout_share in 0.02..0.98_f64,
        stratify_bins in 1..8_usize,
        seed in any::<u32>(),
    ) {
        let split = Split { holdout_share, stratify_bins, seed, ..Split::default() };
        let parts = match hold_out(&target, &split) {
            Ok(parts) => parts,
            Err(error) => {
                let expected = ["TooFewRows", "StratumTooSmall", "ConstantTarget"];
                prop_assert!(expected.contains(&error.name()), "{}", error);
                return Ok(());
            }
        };
        prop_assert_eq!(parts.holdout.len(), (holdout_share * target.len() as f64).ceil() as usize);
        let mut all = [parts.training.clone(), parts.holdout.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..target.len()).collect::<Vec<_>>());
        prop_assert_eq!(hold_out(&target, &split).unwrap(), parts);
    }

    #[test]
    fn folds_follow_each_other_and_differ_by_one_row_at_most(rows in 0..500_usize, count in 0..20_usize) {
        let Ok(parts) = folds(rows, count) else {
            prop_assert!(count < 2 || rows < count);
            return Ok(());
        };
        prop_assert_eq!(parts.len(), count);
        prop_assert_eq!((parts[0].start, parts[count - 1].end), (0, rows));
        prop_assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        let sizes: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
    }
}
