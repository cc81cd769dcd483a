//! From rows to forests.

use millrace_forest::{Forest, Objective, Tree};
use rayon::prelude::*;

use crate::RandomForestError;
use crate::bins::columns_of;
use crate::settings::Settings;
use crate::tree::{Ground, grow};

/// Rows to learn from, row after row; NaN is missing.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    pub names: &'a [&'a str],
    pub values: &'a [f32],
    pub weights: Option<&'a [f64]>,
}

/// A forest whose score is the mean of the trees' means.
pub fn fit_numbers(
    table: Table<'_>,
    target: &[f64],
    settings: &Settings,
) -> Result<Forest, RandomForestError> {
    if let Some(row) = target.iter().position(|value| !value.is_finite()) {
        return Err(RandomForestError::TargetUnusable {
            row,
            value: target[row],
        });
    }
    // Around the mean sums are smaller and lose less.
    let mean = target.iter().sum::<f64>() / target.len().max(1) as f64;
    let centred: Vec<f64> = target.iter().map(|value| value - mean).collect();
    let trees = fit(table, &centred, 1, settings)?;
    forest(table, mean as f32, trees.into_iter().flatten().collect())
}

/// Forests whose scores are the mean shares of the classes: of two classes the second's alone, of more one for each, all
/// with the same splits. Rounding may put a share a little outside of 0 and 1.
pub fn fit_classes(
    table: Table<'_>,
    labels: &[u32],
    classes: usize,
    settings: &Settings,
) -> Result<Vec<Forest>, RandomForestError> {
    if let Some(row) = labels.iter().position(|label| *label as usize >= classes) {
        return Err(RandomForestError::TargetUnusable {
            row,
            value: f64::from(labels[row]),
        });
    }
    let outputs = if classes == 2 { 1 } else { classes };
    let is_of = |label: u32, output: usize| match outputs {
        1 => f64::from(label),
        _ => f64::from(u8::from(label as usize == output)),
    };
    let targets: Vec<f64> = labels
        .iter()
        .flat_map(|label| (0..outputs).map(move |output| is_of(*label, output)))
        .collect();
    let mut by_output: Vec<Vec<Tree>> = vec![Vec::new(); outputs];
    for trees in fit(table, &targets, outputs, settings)? {
        by_output
            .iter_mut()
            .zip(trees)
            .for_each(|(all, tree)| all.push(tree));
    }
    by_output
        .into_iter()
        .map(|trees| forest(table, 0.0, trees))
        .collect()
}

fn forest(table: Table<'_>, base: f32, trees: Vec<Tree>) -> Result<Forest, RandomForestError> {
    let names: Vec<String> = table.names.iter().map(|name| (*name).to_owned()).collect();
    Ok(Forest::new(
        names.len(),
        names,
        Objective::Identity,
        base,
        trees,
    )?)
}

/// Tree after tree, for each output one.
fn fit(
    table: Table<'_>,
    targets: &[f64],
    outputs: usize,
    settings: &Settings,
) -> Result<Vec<Vec<Tree>>, RandomForestError> {
    settings.check()?;
    let rows = targets.len() / outputs;
    check(table, rows)?;
    let columns = columns_of(table.values, table.names.len());
    let ground = Ground {
        columns: &columns,
        targets,
        outputs,
        weights: table.weights,
        settings,
    };
    (0..settings.trees)
        .into_par_iter()
        .map(|number| grow(&ground, number))
        .collect()
}

fn check(table: Table<'_>, rows: usize) -> Result<(), RandomForestError> {
    let width = table.names.len();
    if rows == 0 || width == 0 {
        return Err(RandomForestError::NoRows);
    }
    same("values", rows.saturating_mul(width), table.values.len())?;
    if let Some(place) = table.values.iter().position(|value| value.is_infinite()) {
        return Err(RandomForestError::ValueInfinite {
            row: place / width,
            column: place % width,
            value: table.values[place],
        });
    }
    let Some(weights) = table.weights else {
        return Ok(());
    };
    same("weights", rows, weights.len())?;
    let unsound = |weight: &f64| !weight.is_finite() || *weight < 0.0;
    let alone = weights.iter().all(|weight| *weight == 0.0).then_some(0);
    match weights.iter().position(unsound).or(alone) {
        None => Ok(()),
        Some(row) => Err(RandomForestError::WeightInvalid {
            row,
            weight: weights[row],
        }),
    }
}

fn same(what: &'static str, expected: usize, found: usize) -> Result<(), RandomForestError> {
    match expected == found {
        true => Ok(()),
        false => Err(RandomForestError::LengthMismatch {
            what,
            expected,
            found,
        }),
    }
}
