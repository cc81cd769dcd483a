//! How much each column helped: XGBoost's gain, as scikit-learn's `feature_importances_` shows it.

use indexmap::IndexMap;
use millrace_contract::metadata::Importance;
use millrace_features::Recipe;
use serde::Deserialize;

use super::Booster;
use crate::error::TrainingError;

/// The mean gain of the splits on each encoded column, normalised to a sum of 1, and its sum over
/// the columns of the table; largest first, of equals in model order.
pub fn importance(booster: &Booster, recipe: &Recipe) -> Result<Importance, TrainingError> {
    let names = recipe.feature_names();
    let known = booster.feature_names()?;
    if known != names {
        return Err(TrainingError::FeatureOrderChanged);
    }
    let gains = normalised(&mean_gains(&booster.to_json()?, names.len())?);
    let mut columns: IndexMap<String, f64> = IndexMap::new();
    let mut encoded = IndexMap::new();
    for (column, gain) in recipe.columns().iter().zip(gains) {
        *columns.entry(column.source.clone()).or_default() += gain;
        encoded.insert(column.name.clone(), gain);
    }
    largest_first(&mut columns);
    largest_first(&mut encoded);
    Ok(Importance { columns, encoded })
}

fn largest_first(shares: &mut IndexMap<String, f64>) {
    shares.sort_by(|_, a, _, b| b.total_cmp(a));
}

fn normalised(gains: &[f32]) -> Vec<f64> {
    let total: f64 = gains.iter().map(|gain| f64::from(*gain)).sum();
    gains
        .iter()
        .map(|gain| {
            if total > 0.0 {
                f64::from(*gain) / total
            } else {
                0.0
            }
        })
        .collect()
}

/// The parts of XGBoost's JSON model that gains are read from.
#[derive(Deserialize)]
struct Document {
    learner: Learner,
}
#[derive(Deserialize)]
struct Learner {
    gradient_booster: GradientBooster,
}
#[derive(Deserialize)]
struct GradientBooster {
    model: Model,
}
#[derive(Deserialize)]
struct Model {
    trees: Vec<Tree>,
}
#[derive(Deserialize)]
struct Tree {
    left_children: Vec<i32>,
    split_indices: Vec<usize>,
    loss_changes: Vec<f32>,
}

/// For every column the mean gain of its splits, 0 when it has none.
fn mean_gains(model: &[u8], columns: usize) -> Result<Vec<f32>, TrainingError> {
    let document: Document =
        serde_json::from_slice(model).map_err(|error| TrainingError::XgboostFailed {
            doing: "reading the gains of the splits",
            detail: error.to_string(),
        })?;
    let mut gains = vec![0f32; columns];
    let mut splits = vec![0u32; columns];
    for tree in &document.learner.gradient_booster.model.trees {
        let nodes = tree.left_children.iter().zip(&tree.split_indices);
        for ((left, column), gain) in nodes.zip(&tree.loss_changes) {
            let is_split = *left >= 0 && *column < columns;
            if is_split {
                gains[*column] += gain;
                splits[*column] += 1;
            }
        }
    }
    Ok(gains
        .iter()
        .zip(&splits)
        .map(|(gain, count)| gain / (*count).max(1) as f32)
        .collect())
}
