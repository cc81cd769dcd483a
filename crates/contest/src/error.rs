//! Why there is no winner.

use millrace_measures::{MeasureError, NoValue};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ContestError {
    #[error(transparent)]
    Rows(#[from] MeasureError),
    #[error("NoContestant: a contest needs at least one learner")]
    NoContestant,
    #[error("ContestantTwice: `{name}` takes part twice: give each a name of its own")]
    ContestantTwice { name: String },
    #[error("PredictionsDiffer: `{name}` has {found} predictions, {expected} are expected")]
    PredictionsDiffer {
        name: String,
        expected: usize,
        found: usize,
    },
    #[error("NoValue: `{measure}` cannot compare the contestants: {why}")]
    NoValue { measure: &'static str, why: NoValue },
    #[error("OneFold: the rows are in {folds} fold: a comparison needs two or more")]
    OneFold { folds: usize },
    #[error("BlendOfOne: there is {contestants} contestant: a blend needs two or more")]
    BlendOfOne { contestants: usize },
    #[error("TargetUnusable: {detail}")]
    TargetUnusable { detail: String },
    #[error("DocumentInvalid: the file is none of this program: {detail}; train the model again")]
    DocumentInvalid { detail: String },
}

impl ContestError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rows(error) => error.name(),
            Self::NoContestant => "NoContestant",
            Self::ContestantTwice { .. } => "ContestantTwice",
            Self::PredictionsDiffer { .. } => "PredictionsDiffer",
            Self::NoValue { .. } => "NoValue",
            Self::OneFold { .. } => "OneFold",
            Self::BlendOfOne { .. } => "BlendOfOne",
            Self::TargetUnusable { .. } => "TargetUnusable",
            Self::DocumentInvalid { .. } => "DocumentInvalid",
        }
    }
}
