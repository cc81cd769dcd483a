//! The held-out rows, scored by a model.

use millrace_contract::stages::ModelFiles;
use millrace_dataset::{Frame, Purpose, Request, Source};
use millrace_model::{Cores, Model};
use millrace_store::{Key, Store};
use millrace_trail::fetch;

use crate::GateError;
use crate::written::Written;

/// Rows that no candidate learned from, with their truth and a model's scores.
#[derive(Debug)]
pub struct HeldOut {
    pub rows: Frame,
    pub truth: Vec<f64>,
    pub scores: Vec<f32>,
}

/// How far predictions lie from the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    pub r2: f64,
    pub rmse: f64,
    pub mae: f64,
}

impl HeldOut {
    /// Reads the candidate's held-out rows and lets `model` score them.
    pub fn read(
        store: &Store,
        candidate: &ModelFiles,
        model: &Model,
    ) -> Result<HeldOut, GateError> {
        // Its digest is compared first: the gates judge the rows that training held out, or none.
        let bytes = fetch(store, &candidate.holdout_rows)?;
        let uri = store.object_uri(&Key::new(candidate.holdout_rows.key.clone())?);
        let mut columns: Vec<String> = model.columns().into_iter().map(str::to_owned).collect();
        for name in model
            .spec
            .fairness
            .attributes
            .iter()
            .chain([&model.spec.target])
        {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let request = Request::new(&model.contract, columns, Purpose::Training);
        let rows = Source::held(&uri, bytes)?.read(&request)?;
        let truth = rows
            .numbers(&model.spec.target)
            .unwrap_or_default()
            .to_vec();
        let scores = model.score(&rows, Cores::All)?;
        Ok(HeldOut {
            rows,
            truth,
            scores,
        })
    }

    pub fn accuracy(&self) -> Accuracy {
        accuracy(&self.truth, &self.scores)
    }

    /// What would be written of the scores.
    pub fn written(&self, model: &Model) -> Written {
        Written::of(&self.truth, &self.scores, &model.spec.scores)
    }
}

/// R2, RMSE and MAE, as scikit-learn defines them.
fn accuracy(truth: &[f64], scores: &[f32]) -> Accuracy {
    let rows = truth.len() as f64;
    let mean = truth.iter().sum::<f64>() / rows;
    let (mut around_mean, mut squared, mut absolute) = (0.0, 0.0, 0.0);
    for (truth, score) in truth.iter().zip(scores) {
        let error = truth - f64::from(*score);
        around_mean += (truth - mean) * (truth - mean);
        squared += error * error;
        absolute += error.abs();
    }
    Accuracy {
        r2: 1.0 - squared / around_mean,
        rmse: (squared / rows).sqrt(),
        mae: absolute / rows,
    }
}
