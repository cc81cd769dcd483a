//! What a spec allows features to reveal of a protected attribute.

use crate::error::FairnessError;
use crate::policy::require;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProxyPolicy {
    /// The strongest association of a single feature with an attribute.
    pub maximum_association: f64,
    /// The largest cross-validated AUC with which the features together may predict an attribute.
    pub maximum_probe_auc: f64,
    /// An association over fewer complete rows is insufficient evidence.
    pub minimum_rows: u64,
    /// The probe leaves out groups with fewer rows and names them.
    pub minimum_rows_per_group: u64,
    /// The probe takes at most this many rows, drawn by the seed.
    pub maximum_probe_rows: u64,
    pub folds: u64,
    /// L2 penalty of the probe's logistic model on standardised inputs (scikit-learn's 1 / C).
    pub penalty: f64,
    /// Of a categorical feature the probe takes this many of the most frequent values, each as a column of 0 and 1.
    pub maximum_values_per_category: u64,
    /// Attributes for which too little evidence does not block.
    pub allow_insufficient_evidence: Vec<String>,
    pub seed: u64,
}

impl Default for ProxyPolicy {
    fn default() -> Self {
        Self {
            maximum_association: 0.5,
            maximum_probe_auc: 0.8,
            minimum_rows: 100,
            minimum_rows_per_group: 50,
            maximum_probe_rows: 20_000,
            folds: 5,
            penalty: 1.0,
            maximum_values_per_category: 20,
            allow_insufficient_evidence: Vec::new(),
            seed: 42,
        }
    }
}

impl ProxyPolicy {
    pub fn check(&self) -> Result<(), FairnessError> {
        let share = "it must lie in [0, 1]";
        let association = self.maximum_association;
        require(
            "maximum_association",
            association,
            (0.0..=1.0).contains(&association),
            share,
        )?;
        let auc = self.maximum_probe_auc;
        require("maximum_probe_auc", auc, (0.0..=1.0).contains(&auc), share)?;
        require(
            "folds",
            self.folds,
            (2..=20).contains(&self.folds),
            "cross-validation needs 2 to 20 folds",
        )?;
        let sound = self.penalty.is_finite() && self.penalty > 0.0;
        require(
            "penalty",
            self.penalty,
            sound,
            "it must be finite and above 0",
        )?;
        let enough = self.maximum_probe_rows >= 100;
        require(
            "maximum_probe_rows",
            self.maximum_probe_rows,
            enough,
            "the probe needs at least 100 rows",
        )
    }
}
