//! What is stored is what was fitted, and reasons add up.
#![allow(clippy::unwrap_used)]

use millrace_linear::{Design, LinearModel, Penalty, fit_numbers};
use proptest::prelude::*;

fn table(rows: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let column = |factor: usize| -> Vec<f64> {
        (0..rows)
            .map(|row| ((row * factor + row * row % 89) % 97) as f64 / 10.0)
            .collect()
    };
    let columns = vec![column(7), column(31), column(13)];
    let target = (0..rows)
        .map(|row| columns[0][row] - 2.0 * columns[1][row] + (row % 5) as f64)
        .collect();
    (columns, target)
}

fn fitted(rows: usize) -> (LinearModel, Vec<Vec<f64>>) {
    let (columns, target) = table(rows);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let design = Design::from_columns(&["a", "b", "c"], &slices).unwrap();
    (
        fit_numbers(&design, &target, None, Penalty::NONE).unwrap(),
        columns,
    )
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| fitted(10_000).0.to_json().unwrap())
    };
    assert_eq!(bits(1), bits(2));
    assert_eq!(bits(1), bits(7));
}

#[test]
fn rows_of_f32_give_the_same_model() {
    let (columns, target) = table(500);
    let narrow: Vec<f32> = (0..500)
        .flat_map(|row| columns.iter().map(move |c| c[row] as f32))
        .collect();
    let wide: Vec<Vec<f64>> = (0..3)
        .map(|column| {
            (0..500)
                .map(|row| f64::from(narrow[row * 3 + column]))
                .collect()
        })
        .collect();
    let slices: Vec<&[f64]> = wide.iter().map(Vec::as_slice).collect();
    let fit = |design: Design| fit_numbers(&design, &target, None, Penalty::NONE).unwrap();
    let one = fit(Design::from_columns(&["a", "b", "c"], &slices).unwrap());
    assert_eq!(
        one,
        fit(Design::from_rows(&["a", "b", "c"], &narrow).unwrap())
    );
}

#[test]
fn what_is_stored_is_what_was_fitted() {
    let (model, columns) = fitted(200);
    let bytes = model.to_json().unwrap();
    let read = LinearModel::from_json(&bytes).unwrap();
    assert_eq!(read, model);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    assert_eq!(
        read.predict(&slices).unwrap(),
        model.predict(&slices).unwrap()
    );
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in [
        ("linear/1", "linear/9"),
        ("identity", "softmax"),
        ("\"c\"", "\"c\",\"d\""),
        ("\"means\"", "\"extra\":1,\"means\""),
    ] {
        assert!(text.contains(from));
        let refused = LinearModel::from_json(text.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(refused.name(), "DocumentInvalid", "{to}");
    }
}

#[test]
fn rows_that_cannot_be_scored_are_refused() {
    let (model, _) = fitted(50);
    let refused = |columns: &[&[f64]]| model.predict(columns).unwrap_err().name();
    assert_eq!(refused(&[&[1.0]]), "ColumnsDiffer");
    assert_eq!(refused(&[&[1.0], &[1.0, 2.0], &[1.0]]), "RowsDiffer");
    assert_eq!(refused(&[&[1.0], &[f64::NAN], &[1.0]]), "ValueMissing");
}

proptest! {
    #[test]
    fn reasons_add_up_to_the_score(row in prop::array::uniform3(-1e3..1e3_f64)) {
        let (model, _) = fitted(50);
        let columns: Vec<&[f64]> = row.iter().map(std::slice::from_ref).collect();
        let score = model.scores(&columns).unwrap()[0];
        let reasons: f64 = model.contributions(0, &row).unwrap().iter().sum();
        prop_assert!((score - model.base(0) - reasons).abs() < 1e-9);
    }

    #[test]
    fn residuals_of_least_squares_are_at_right_angles_to_columns(rows in 10_usize..80) {
        let (columns, target) = table(rows);
        let (model, _) = fitted(rows);
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let left: Vec<f64> = model.predict(&slices).unwrap().iter().zip(&target).map(|(p, y)| y - p).collect();
        for column in columns {
            let dot: f64 = column.iter().zip(&left).map(|(x, r)| x * r).sum();
            prop_assert!(dot.abs() < 1e-7, "{dot}");
        }
    }
}
