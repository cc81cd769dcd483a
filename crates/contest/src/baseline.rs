//! What is predicted without looking at a row: every model must beat it.

use serde::{Deserialize, Serialize};

use crate::error::ContestError;

/// The mean of a target, or how often each class occurs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "format")]
pub enum Baseline {
    #[serde(rename = "mean/1")]
    Mean { mean: f64 },
    #[serde(rename = "prior/1")]
    Prior { shares: Vec<f64> },
}

impl Baseline {
    /// Of numbers: what has the least squared error of all constants.
    pub fn of_numbers(target: &[f64]) -> Result<Baseline, ContestError> {
        let mean = target.iter().sum::<f64>() / target.len() as f64;
        match mean.is_finite() {
            true => Ok(Baseline::Mean { mean }),
            false => Err(unusable(format!(
                "the mean of {} numbers is {mean}",
                target.len()
            ))),
        }
    }

    /// Of classes, counted from 0: what has the least log loss of all constants.
    pub fn of_classes(labels: &[u32], classes: usize) -> Result<Baseline, ContestError> {
        let mut shares = vec![0.0; classes];
        for label in labels {
            match shares.get_mut(*label as usize) {
                Some(share) => *share += 1.0 / labels.len() as f64,
                None => return Err(unusable(format!("the class {label} of {classes}"))),
            }
        }
        match labels.is_empty() || classes < 2 {
            true => Err(unusable(format!(
                "{} rows of {classes} classes",
                labels.len()
            ))),
            false => Ok(Baseline::Prior { shares }),
        }
    }

    /// The prediction of any row: a number, the probability of the positive class, or of each class.
    pub fn row(&self) -> &[f64] {
        match self {
            Self::Mean { mean } => std::slice::from_ref(mean),
            Self::Prior { shares } if shares.len() == 2 => &shares[1..],
            Self::Prior { shares } => shares,
        }
    }

    /// The same for many rows, side by side.
    pub fn predict(&self, rows: usize) -> Vec<f64> {
        self.row().repeat(rows)
    }

    pub fn to_json(&self) -> Result<Vec<u8>, ContestError> {
        serde_json::to_vec(self).map_err(|error| invalid(error.to_string()))
    }

    pub fn from_json(bytes: &[u8]) -> Result<Baseline, ContestError> {
        let read: Baseline =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        match &read {
            Baseline::Prior { shares }
                if shares.len() < 2 || (shares.iter().sum::<f64>() - 1.0).abs() > 1e-9 =>
            {
                Err(invalid(format!("the shares {shares:?}")))
            }
            _ => Ok(read),
        }
    }
}

fn unusable(detail: String) -> ContestError {
    ContestError::TargetUnusable { detail }
}

pub(crate) fn invalid(detail: String) -> ContestError {
    ContestError::DocumentInvalid { detail }
}
