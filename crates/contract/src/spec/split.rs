//! `[split]`: which rows are held out.

use serde::{Deserialize, Serialize};

use crate::contract::Contract;

/// How rows are held out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Split {
    /// What decides; see `method_for`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<SplitMethod>,
    /// The share of rows that is held out for the final judgement.
    pub holdout_share: f64,
    /// The number of equal-width bins of the target of which both parts must have rows.
    pub stratify_bins: usize,
    pub seed: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitMethod {
    /// The row's id alone, so that a row stays in its part for life.
    ById,
    /// The very rows of scikit-learn's `train_test_split`: they change when any row is added.
    ScikitLearn,
}

impl Default for Split {
    fn default() -> Self {
        Split {
            method: None,
            holdout_share: 0.2,
            stratify_bins: 4,
            seed: 42,
        }
    }
}

impl Split {
    /// The method that the spec names; without a word by the id, where the table has one.
    pub fn method_for(&self, contract: &Contract) -> SplitMethod {
        let usual = match contract.id() {
            Some(_) => SplitMethod::ById,
            None => SplitMethod::ScikitLearn,
        };
        self.method.unwrap_or(usual)
    }
}
