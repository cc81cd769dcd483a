//! What happened to every encoded column while a recipe was fitted.

use serde::{Deserialize, Serialize};

/// The whole story of a selection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitReport {
    /// The rows that the recipe was fitted on.
    pub rows: usize,
    /// Every encoded column, in the contract's order.
    pub columns: Vec<ColumnReport>,
    /// Columns with words that the contract does not list, and in how many rows.
    pub unseen: Vec<(String, usize)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnReport {
    pub name: String,
    pub source: String,
    /// The rows with a value.
    pub present: usize,
    /// `f_regression` against the target; absent when nothing is present.
    pub f: Option<f64>,
    pub p: Option<f64>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    Kept,
    Constant,
    /// Too closely correlated with a column that goes better with the target.
    Correlated {
        with: String,
        r: f64,
    },
    /// Not among the best.
    NotAmongBest,
}

impl FitReport {
    /// The columns that the model learns from.
    pub fn kept(&self) -> impl Iterator<Item = &ColumnReport> {
        self.columns.iter().filter(|c| c.outcome == Outcome::Kept)
    }
}
