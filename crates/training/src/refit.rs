//! The final fit: the winner on all training rows.

use millrace_contract::metadata::Hyperparameters;
use millrace_contract::spec::Search;
use millrace_features::Matrix;

use crate::booster::{Booster, labelled};
use crate::error::TrainingError;
use crate::settings::base_score;

/// Trains one candidate on all the given rows and writes the columns' names into the model.
pub fn refit(
    matrix: &Matrix,
    target: &[f64],
    names: &[&str],
    search: &Search,
    winner: &Hyperparameters,
) -> Result<Booster, TrainingError> {
    if matrix.rows() != target.len() {
        return Err(TrainingError::LengthMismatch {
            rows: matrix.rows(),
            targets: target.len(),
        });
    }
    if matrix.columns() != names.len() {
        return Err(TrainingError::FeatureOrderChanged);
    }
    millrace_features::check_target(target)?;
    let labels: Vec<f32> = target.iter().map(|y| *y as f32).collect();
    let rows = labelled(matrix, Some(&labels))?;
    let mut booster = Booster::new(
        &rows,
        winner,
        search,
        search.fixed.max_bin,
        base_score(&labels),
    )?;
    booster.boost(&rows, 0..winner.n_estimators)?;
    booster.name_features(names)?;
    Ok(booster)
}
