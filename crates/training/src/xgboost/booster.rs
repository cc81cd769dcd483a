//! A trained ensemble in XGBoost's own form.

use std::fmt;

use millrace_features::Matrix;
use xgb::DMatrix;
use xgb::parameters::BoosterParameters;

use super::settings::Setting;
use crate::error::{TrainingError, failed};

/// A model of XGBoost.
pub struct Booster {
    inner: xgb::Booster,
    columns: usize,
}

impl fmt::Debug for Booster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Booster").finish_non_exhaustive()
    }
}

/// Rows as XGBoost holds them, with their labels when they are to be learned from.
pub(crate) fn labelled(matrix: &Matrix, labels: Option<&[f32]>) -> Result<DMatrix, TrainingError> {
    let mut rows = DMatrix::from_dense(matrix.values(), matrix.rows())
        .map_err(failed("handing rows to XGBoost"))?;
    if let Some(labels) = labels {
        rows.set_labels(labels)
            .map_err(failed("handing the target to XGBoost"))?;
    }
    Ok(rows)
}

impl Booster {
    /// An ensemble without trees, ready to learn from `rows`.
    pub(crate) fn new(rows: &DMatrix, settings: &[Setting]) -> Result<Booster, TrainingError> {
        let doing = "setting up XGBoost";
        let mut booster =
            xgb::Booster::new_with_cached_dmats(&BoosterParameters::default(), &[rows])
                .map_err(failed(doing))?;
        for (name, value) in settings {
            booster.set_param(name, value).map_err(failed(doing))?;
        }
        Ok(Booster {
            inner: booster,
            columns: rows.num_cols(),
        })
    }

    /// Adds the trees of the given rounds.
    pub(crate) fn boost(
        &mut self,
        rows: &DMatrix,
        rounds: std::ops::Range<u32>,
    ) -> Result<(), TrainingError> {
        for round in rounds {
            self.inner
                .update(rows, i32::try_from(round).unwrap_or(i32::MAX))
                .map_err(failed("adding a tree"))?;
        }
        Ok(())
    }

    /// The margins of the first `rounds` rounds. XGBoost remembers how far it was for these rows,
    /// so asking for 50, then 100, then 200 rounds walks every tree once.
    pub(crate) fn margins(&self, rows: &DMatrix, rounds: u32) -> Result<Vec<f32>, TrainingError> {
        let config = format!(
            r#"{{"type":1,"training":false,"iteration_begin":0,"iteration_end":{rounds},"strict_shape":false}}"#
        );
        self.inner
            .predict_matrix(rows, &config)
            .map(|(margins, _)| margins)
            .map_err(failed("predicting"))
    }

    /// `model.ubj`: Python's xgboost loads it and predicts the same.
    pub fn to_ubj(&self) -> Result<Vec<u8>, TrainingError> {
        self.inner
            .save_buffer(true)
            .map_err(failed("writing the model"))
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, TrainingError> {
        self.inner
            .save_buffer(false)
            .map_err(failed("writing the model"))
    }

    /// Writes the names of the columns into the model.
    pub(crate) fn name_features(&mut self, names: &[&str]) -> Result<(), TrainingError> {
        if let Some(name) = names.iter().find(|name| name.contains('\0')) {
            return Err(TrainingError::XgboostFailed {
                doing: "naming the columns",
                detail: format!("`{}` has a zero byte", name.escape_default()),
            });
        }
        self.inner
            .set_feature_names(&names.to_vec())
            .map_err(failed("naming the columns"))
    }

    /// The names of the columns in the order in which the model takes them.
    pub fn feature_names(&self) -> Result<Vec<String>, TrainingError> {
        self.inner
            .get_feature_names()
            .map_err(failed("reading the names of the columns"))
    }

    /// The version of XGBoost that works here, as it writes it into its models: `3.4.1`.
    pub fn xgboost_version(&self) -> Result<String, TrainingError> {
        #[derive(serde::Deserialize)]
        struct Document {
            version: Vec<u32>,
        }
        let document: Document = serde_json::from_slice(&self.to_json()?).map_err(|error| {
            TrainingError::XgboostFailed {
                doing: "reading the version of XGBoost",
                detail: error.to_string(),
            }
        })?;
        let parts: Vec<String> = document.version.iter().map(u32::to_string).collect();
        Ok(parts.join("."))
    }

    /// The model's raw prediction for every row.
    pub fn predict_margin(&self, matrix: &Matrix) -> Result<Vec<f32>, TrainingError> {
        if matrix.columns() != self.columns {
            return Err(TrainingError::FeatureOrderChanged);
        }
        if matrix.rows() == 0 {
            return Ok(Vec::new());
        }
        self.inner
            .predict_margin(&labelled(matrix, None)?)
            .map_err(failed("predicting"))
    }
}
