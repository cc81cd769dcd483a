//! The stored form: JSON with a version.

use serde::{Deserialize, Serialize};

use crate::LinearError;
use crate::model::{LinearModel, Link};

/// The versions that are read. The newest is written.
#[derive(Serialize, Deserialize)]
#[serde(tag = "format")]
enum Document {
    #[serde(rename = "linear/1")]
    First(First),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    link: Link,
    columns: Vec<String>,
    outputs: Vec<Output>,
    means: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    intercept: f64,
    coefficients: Vec<f64>,
}

impl LinearModel {
    pub fn to_json(&self) -> Result<Vec<u8>, LinearError> {
        let pairs = self.intercepts.iter().zip(&self.coefficients);
        let outputs = pairs.map(|(intercept, coefficients)| Output {
            intercept: *intercept,
            coefficients: coefficients.clone(),
        });
        let document = Document::First(First {
            link: self.link,
            columns: self.columns.clone(),
            outputs: outputs.collect(),
            means: self.means.clone(),
        });
        serde_json::to_vec(&document).map_err(|error| invalid(error.to_string()))
    }

    /// Reads what [`LinearModel::to_json`] wrote, and refuses what no fit gives.
    pub fn from_json(bytes: &[u8]) -> Result<LinearModel, LinearError> {
        let Document::First(document) =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        let columns = document.columns.len();
        let outputs = document.outputs.len();
        let fits = match document.link {
            Link::Identity | Link::Logistic => outputs == 1,
            Link::Softmax => outputs >= 3,
        };
        if !fits {
            return Err(invalid(format!(
                "{:?} with {outputs} outputs",
                document.link
            )));
        }
        let lengths = document
            .outputs
            .iter()
            .map(|output| output.coefficients.len());
        if let Some(other) = lengths
            .chain([document.means.len()])
            .find(|n| *n != columns)
        {
            return Err(invalid(format!("{other} numbers for {columns} columns")));
        }
        let (intercepts, coefficients) = document
            .outputs
            .into_iter()
            .map(|output| (output.intercept, output.coefficients))
            .unzip();
        Ok(LinearModel {
            link: document.link,
            columns: document.columns,
            intercepts,
            coefficients,
            means: document.means,
        })
    }
}

fn invalid(detail: String) -> LinearError {
    LinearError::DocumentInvalid { detail }
}
