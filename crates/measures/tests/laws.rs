//! What holds for all rows.
#![allow(clippy::unwrap_used)]

use millrace_measures::{Classes, Measure, Rows, decile_lifts};
use proptest::prelude::*;

fn value(name: &str, rows: Classes<'_>) -> Option<f64> {
    Measure::named(name).unwrap().value(rows).ok()
}

fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-9,
        (one, other) => one == other,
    }
}

/// Rows of two classes whose probabilities have many ties.
fn two() -> impl Strategy<Value = Vec<(u32, f64)>> {
    let row = (
        0..2_u32,
        (0..=20_u32).prop_map(|twentieth| f64::from(twentieth) / 20.0),
    );
    prop::collection::vec(row, 2..60)
}

const OF_ORDER: [&str; 6] = [
    "auc_roc",
    "auc_pr",
    "ks",
    "lift_at_1_percent",
    "lift_at_5_percent",
    "lift_at_10_percent",
];

proptest! {
    #[test]
    fn the_order_of_the_rows_changes_nothing(rows in two(), turn in 0_usize..60) {
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        let (truth, positive): (Vec<u32>, Vec<f64>) = rows.into_iter().unzip();
        let (other_truth, other_positive): (Vec<u32>, Vec<f64>) = turned.into_iter().unzip();
        let one = Classes::binary(&truth, &positive, 0.5).unwrap();
        let other = Classes::binary(&other_truth, &other_positive, 0.5).unwrap();
        for measure in Measure::of_task(one.task()) {
            prop_assert!(near(value(measure.name, one), value(measure.name, other)), "{}", measure.name);
        }
    }

    #[test]
    fn a_row_of_weight_2_counts_as_two_rows(rows in two(), twice in 0_usize..60) {
        let twice = twice % rows.len();
        let mut doubled = rows.clone();
        doubled.push(rows[twice]);
        let weights: Vec<f64> = (0..rows.len()).map(|row| if row == twice { 2.0 } else { 1.0 }).collect();
        let (truth, positive): (Vec<u32>, Vec<f64>) = rows.into_iter().unzip();
        let (all_truth, all_positive): (Vec<u32>, Vec<f64>) = doubled.into_iter().unzip();
        let one = Classes::binary(&truth, &positive, 0.5).unwrap().weighted(&weights).unwrap();
        let other = Classes::binary(&all_truth, &all_positive, 0.5).unwrap();
        for measure in Measure::of_task(one.task()) {
            prop_assert!(near(value(measure.name, one), value(measure.name, other)), "{}", measure.name);
        }
    }

    #[test]
    fn measures_of_order_see_the_order_alone(rows in two()) {
        let (truth, positive): (Vec<u32>, Vec<f64>) = rows.into_iter().unzip();
        let bent: Vec<f64> = positive.iter().map(|p| p * p * 0.5).collect();
        let one = Classes::binary(&truth, &positive, 0.5).unwrap();
        let other = Classes::binary(&truth, &bent, 0.5).unwrap();
        for name in OF_ORDER {
            prop_assert!(near(value(name, one), value(name, other)), "{name}");
        }
        let turned: Vec<f64> = positive.iter().map(|p| 1.0 - p).collect();
        let turned = Classes::binary(&truth, &turned, 0.5).unwrap();
        let mirrored = value("auc_roc", turned).map(|area| 1.0 - area);
        prop_assert!(near(value("auc_roc", one), mirrored));
    }

    #[test]
    fn deciles_share_out_everything(rows in prop::collection::vec((0_u32..50, 0_u32..9), 1..80)) {
        let truth: Vec<f64> = rows.iter().map(|(y, _)| f64::from(*y)).collect();
        let predictions: Vec<f32> = rows.iter().map(|(_, p)| *p as f32).collect();
        if let Ok(lifts) = decile_lifts(Rows::new(&truth, &predictions).unwrap()) {
            prop_assert!((lifts.iter().sum::<f64>() - 10.0).abs() < 1e-9, "{lifts:?}");
        }
    }

    #[test]
    fn gini_of_the_true_order_is_1(truth in prop::collection::vec(0_u32..50, 2..80)) {
        let truth: Vec<f64> = truth.into_iter().map(f64::from).collect();
        let same: Vec<f32> = truth.iter().map(|y| *y as f32).collect();
        if let Ok(gini) = Measure::named("gini").unwrap().value(Rows::new(&truth, &same).unwrap()) {
            prop_assert!((gini - 1.0).abs() < 1e-9, "{gini}");
        }
    }
}
