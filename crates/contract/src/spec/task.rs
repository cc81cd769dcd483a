//! What a model predicts.

use serde::{Deserialize, Serialize};

/// What a model predicts decides which measures, outputs and learners mean something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// A number.
    #[default]
    Regression,
    /// The probability of one of two classes.
    Binary,
    /// The probabilities of three classes or more.
    Multiclass,
}

impl Task {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
        }
    }

    /// The measure by which a search decides.
    pub fn scoring(self) -> &'static str {
        match self {
            Self::Regression => "r2",
            Self::Binary | Self::Multiclass => "log_loss",
        }
    }

    /// What a search's score says, as people read it: the share of the loss of knowing nothing that is gone.
    pub fn score_label(self) -> &'static str {
        match self {
            Self::Regression => "R2",
            Self::Binary | Self::Multiclass => "log loss explained",
        }
    }

    /// The measures that a summary shows; the others are in the metadata.
    pub fn shown(self) -> &'static [&'static str] {
        match self {
            Self::Regression => &["r2", "rmse", "mae"],
            Self::Binary | Self::Multiclass => &["auc_roc", "log_loss", "brier", "f1"],
        }
    }
}
