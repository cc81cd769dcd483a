//! What predicts, by its kind: trees or coefficients. Raw columns go in, raw scores come out.

use std::borrow::Cow;

use millrace_contract::predictor::{ModelDocument, PredictorKind};
use millrace_contract::stages::ModelFiles;
use millrace_dataset::Frame;
use millrace_features::Recipe;
use millrace_forest::{Explainer, Forest, Objective, Scaling, Scorer};
use millrace_linear::LinearModel;
use millrace_store::Store;
use millrace_trail::fetch_json;

use crate::{Cores, ModelError};

/// The kind that `model.json` names; trees where there is none.
pub(crate) fn kind(store: &Store, files: &ModelFiles) -> Result<PredictorKind, ModelError> {
    let Some(description) = &files.description else {
        return Ok(PredictorKind::Trees);
    };
    let document: ModelDocument = fetch_json(store, description, "a model's description")?;
    let named = document.kind_of(&files.model);
    named.map_err(|detail| ModelError::PredictorUnknown { detail })
}

/// A predictor's file, read and checked.
pub(crate) enum File {
    Trees(Forest),
    Linear(LinearModel),
}

impl File {
    pub(crate) fn read(kind: PredictorKind, bytes: &[u8]) -> Result<File, ModelError> {
        Ok(match kind {
            PredictorKind::Trees => File::Trees(Forest::from_ubj(bytes)?),
            PredictorKind::Linear => File::Linear(LinearModel::from_json(bytes)?),
        })
    }

    /// The columns in the order in which they are taken.
    pub(crate) fn columns(&self) -> &[String] {
        match self {
            File::Trees(forest) => forest.feature_names(),
            File::Linear(model) => model.columns(),
        }
    }
}

/// A predictor with everything that it needs to be quick.
#[derive(Debug)]
pub(crate) enum Predictor {
    Trees(Box<Trees>),
    Linear(LinearModel),
}

#[derive(Debug)]
pub(crate) struct Trees {
    scorer: Scorer,
    objective: Objective,
    /// Only when reasons are wanted.
    explainer: Option<Explainer>,
}

impl Predictor {
    pub(crate) fn new(
        file: File,
        recipe: &Recipe,
        explains: bool,
    ) -> Result<Predictor, ModelError> {
        let forest = match file {
            File::Linear(model) => return Ok(Predictor::Linear(model)),
            File::Trees(forest) => forest,
        };
        let scalings: Vec<Scaling> = recipe
            .columns()
            .iter()
            .map(|column| Scaling {
                mean: column.mean,
                scale: column.scale,
            })
            .collect();
        let explainer = match explains {
            true => Some(Explainer::new(&forest, &scalings)?),
            false => None,
        };
        Ok(Predictor::Trees(Box::new(Trees {
            scorer: Scorer::new(&forest, &scalings)?,
            objective: forest.objective(),
            explainer,
        })))
    }

    pub(crate) fn score(
        &self,
        recipe: &Recipe,
        rows: &Frame,
        cores: Cores,
    ) -> Result<Vec<f32>, ModelError> {
        match self {
            Predictor::Trees(trees) => trees.score(recipe, rows, cores),
            Predictor::Linear(model) => {
                let columns = model_columns(recipe, rows)?;
                let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                let scores = model.predict(&columns)?;
                Ok(scores.into_iter().map(|score| score as f32).collect())
            }
        }
    }

    /// What each encoded column adds to each row's margin, row after row; none when nobody asked for it.
    pub(crate) fn contributions(
        &self,
        recipe: &Recipe,
        rows: &Frame,
    ) -> Result<Option<Vec<f32>>, ModelError> {
        match self {
            Predictor::Trees(trees) => trees.contributions(recipe, rows),
            Predictor::Linear(model) => {
                let columns = model_columns(recipe, rows)?;
                let mut all = Vec::with_capacity(rows.rows() * columns.len());
                let mut values = vec![0.0; columns.len()];
                for row in 0..rows.rows() {
                    for (value, column) in values.iter_mut().zip(&columns) {
                        *value = column[row];
                    }
                    let parts = model.contributions(0, &values)?;
                    all.extend(parts.into_iter().map(|part| part as f32));
                }
                Ok(Some(all))
            }
        }
    }
}

impl Trees {
    fn score(&self, recipe: &Recipe, rows: &Frame, cores: Cores) -> Result<Vec<f32>, ModelError> {
        let columns = raw_columns(recipe, rows)?;
        let columns: Vec<&[f64]> = columns.iter().map(AsRef::as_ref).collect();
        let mut scores = match cores {
            Cores::All => self.scorer.margins(&columns)?,
            Cores::One => self.scorer.margins_on_one_thread(&columns)?,
        };
        if self.objective == Objective::Logistic {
            for score in &mut scores {
                *score = 1.0 / (1.0 + (-*score).exp());
            }
        }
        Ok(scores)
    }

    fn contributions(&self, recipe: &Recipe, rows: &Frame) -> Result<Option<Vec<f32>>, ModelError> {
        let Some(explainer) = &self.explainer else {
            return Ok(None);
        };
        let columns = raw_columns(recipe, rows)?;
        let columns: Vec<&[f64]> = columns.iter().map(AsRef::as_ref).collect();
        Ok(Some(explainer.contributions(&columns)?))
    }
}

/// The columns before scaling, which trees have in their thresholds.
fn raw_columns<'a>(recipe: &Recipe, rows: &'a Frame) -> Result<Vec<Cow<'a, [f64]>>, ModelError> {
    let columns = 0..recipe.columns().len();
    let raw = columns.map(|column| recipe.raw_column(rows, column));
    Ok(raw.collect::<Result<_, _>>()?)
}

/// The columns as the recipe scales them.
fn model_columns(recipe: &Recipe, rows: &Frame) -> Result<Vec<Vec<f64>>, ModelError> {
    let columns = 0..recipe.columns().len();
    let seen = columns.map(|column| recipe.model_column(rows, column));
    Ok(seen.collect::<Result<_, _>>()?)
}
