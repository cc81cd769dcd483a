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

    /// By what a search may decide: the usual first.
    pub fn scorings(self) -> &'static [Scoring] {
        match self {
            Self::Regression => &[Scoring::R2],
            Self::Binary | Self::Multiclass => &[Scoring::LogLoss, Scoring::AucRoc, Scoring::AucPr],
        }
    }

    /// By what a search decides when the spec says nothing.
    pub fn scoring(self) -> Scoring {
        match self {
            Self::Regression => Scoring::R2,
            Self::Binary | Self::Multiclass => Scoring::LogLoss,
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

/// The measure by which a search decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scoring {
    R2,
    /// As the share of the loss of knowing nothing that is gone, so that higher is better.
    LogLoss,
    AucRoc,
    AucPr,
}

impl Scoring {
    pub fn name(self) -> &'static str {
        match self {
            Self::R2 => "r2",
            Self::LogLoss => "log_loss",
            Self::AucRoc => "auc_roc",
            Self::AucPr => "auc_pr",
        }
    }

    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::R2 => "R2",
            Self::LogLoss => "log loss explained",
            Self::AucRoc => "AUC-ROC",
            Self::AucPr => "AUC-PR",
        }
    }

    /// Whether each row has a loss, so that two candidates can be compared on the same rows. The others are compared by
    /// folds.
    pub fn is_paired(self) -> bool {
        match self {
            Self::R2 | Self::LogLoss => true,
            Self::AucRoc | Self::AucPr => false,
        }
    }
}
