//! The steps of all columns, and their stored form.

use serde::{Deserialize, Serialize};

use crate::StepError;
use crate::column::{ColumnSteps, Wanted};

/// The steps of the columns, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    names: Vec<String>,
    columns: Vec<ColumnSteps>,
}

/// The versions that are read. The newest is written.
#[derive(Serialize, Deserialize)]
#[serde(tag = "format")]
enum Document {
    #[serde(rename = "steps/1")]
    First { columns: Vec<Named> },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    column: String,
    steps: ColumnSteps,
}

impl Steps {
    /// Fits the steps that are wanted of each column to the rows that are learned from.
    pub fn fit(names: &[&str], columns: &[&[f64]], wanted: &[Wanted]) -> Result<Steps, StepError> {
        same_columns(names.len(), columns.len())?;
        same_columns(names.len(), wanted.len())?;
        let each = names.iter().zip(columns).zip(wanted);
        let fitted = each.map(|((name, values), wanted)| ColumnSteps::fit(name, values, *wanted));
        Ok(Steps {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            columns: fitted.collect::<Result<_, _>>()?,
        })
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn columns(&self) -> &[ColumnSteps] {
        &self.columns
    }

    /// Changes the values of all columns in place.
    pub fn apply(&self, columns: &mut [Vec<f64>]) -> Result<(), StepError> {
        same_columns(self.columns.len(), columns.len())?;
        for (steps, values) in self.columns.iter().zip(columns) {
            values
                .iter_mut()
                .for_each(|value| *value = steps.apply(*value));
        }
        Ok(())
    }

    pub fn to_json(&self) -> Result<Vec<u8>, StepError> {
        let pairs = self.names.iter().zip(&self.columns);
        let columns = pairs.map(|(column, steps)| Named {
            column: column.clone(),
            steps: *steps,
        });
        let document = Document::First {
            columns: columns.collect(),
        };
        serde_json::to_vec(&document).map_err(|error| invalid(error.to_string()))
    }

    /// Reads what [`Steps::to_json`] wrote, and refuses what no fit gives.
    pub fn from_json(bytes: &[u8]) -> Result<Steps, StepError> {
        let Document::First { columns } =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        let falls = |named: &&Named| named.steps.range.is_some_and(|[low, high]| low > high);
        if let Some(named) = columns.iter().find(falls) {
            return Err(invalid(format!(
                "the range of `{}` is turned round",
                named.column
            )));
        }
        let pairs = columns.into_iter().map(|named| (named.column, named.steps));
        let (names, columns) = pairs.unzip();
        Ok(Steps { names, columns })
    }
}

fn same_columns(expected: usize, found: usize) -> Result<(), StepError> {
    match expected == found {
        true => Ok(()),
        false => Err(StepError::ColumnsDiffer { expected, found }),
    }
}

fn invalid(detail: String) -> StepError {
    StepError::DocumentInvalid { detail }
}
