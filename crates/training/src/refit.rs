//! The final fit: the winner on all training rows.

use millrace_contract::Params;
use millrace_contract::metadata::Importance;
use millrace_contract::predictor::PredictorKind;
use millrace_contract::spec::{Learner, Task};
use millrace_features::{Matrix, Recipe};
use millrace_linear::LinearModel;

use crate::error::TrainingError;
use crate::learner::TrainingRows;
use crate::linear;
use crate::search::Setup;
use crate::xgboost::{Booster, Xgboost, predictions};

/// A model that has learned, by what learned it.
#[derive(Debug)]
pub enum Trained {
    Xgboost(Task, Booster),
    Linear(LinearModel),
}

/// Trains one candidate on all the given rows and writes the columns' names into the model.
pub fn refit(
    matrix: &Matrix,
    target: &[f64],
    names: &[&str],
    setup: Setup<'_>,
    winner: &Params,
) -> Result<Trained, TrainingError> {
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
    let rows = TrainingRows {
        matrix,
        target,
        names,
    };
    match setup.learner {
        Learner::Xgboost => {
            let learner = Xgboost::new(setup);
            Ok(Trained::Xgboost(setup.task, learner.train(rows, winner)?))
        }
        Learner::Linear => Ok(Trained::Linear(linear::train(rows, setup.task, winner)?)),
    }
}

impl Trained {
    /// The model's prediction for every row: a number, or the probability of the positive class before calibration.
    pub fn predict(&self, matrix: &Matrix) -> Result<Vec<f32>, TrainingError> {
        match self {
            Trained::Xgboost(task, booster) => {
                Ok(predictions(*task, booster.predict_margin(matrix)?))
            }
            Trained::Linear(model) => linear::predict_matrix(model, matrix),
        }
    }

    /// What predicts.
    pub fn kind(&self) -> PredictorKind {
        match self {
            Trained::Xgboost(..) => PredictorKind::Trees,
            Trained::Linear(_) => PredictorKind::Linear,
        }
    }

    /// The model as a file. That of trees is XGBoost's own: Python's xgboost loads it and predicts the same.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TrainingError> {
        match self {
            Trained::Xgboost(_, booster) => booster.to_ubj(),
            Trained::Linear(model) => Ok(model.to_json()?),
        }
    }

    /// How much each column helped.
    pub fn importance(&self, recipe: &Recipe) -> Result<Importance, TrainingError> {
        match self {
            Trained::Xgboost(_, booster) => booster.importance(recipe),
            Trained::Linear(model) => linear::importance(model, recipe),
        }
    }

    /// The version of XGBoost, where it has learned.
    pub fn xgboost_version(&self) -> Result<Option<String>, TrainingError> {
        match self {
            Trained::Xgboost(_, booster) => booster.xgboost_version().map(Some),
            Trained::Linear(_) => Ok(None),
        }
    }
}
