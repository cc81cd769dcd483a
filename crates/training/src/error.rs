//! What can go wrong while a model is trained.

use millrace_features::FeatureError;
use millrace_linear::LinearError;
use millrace_measures::MeasureError;

/// A training that could not be done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrainingError {
    #[error(transparent)]
    Features(#[from] FeatureError),
    #[error(transparent)]
    Measures(#[from] MeasureError),
    #[error(transparent)]
    Linear(#[from] LinearError),
    #[error(
        "TooFewRows: {folds} folds need at least {needed} training rows, there are {rows}: give more rows or use fewer folds (`search.folds`)"
    )]
    TooFewRows {
        rows: usize,
        folds: usize,
        needed: usize,
    },
    #[error("LengthMismatch: {rows} rows have {targets} targets or predictions")]
    LengthMismatch { rows: usize, targets: usize },
    #[error("NoCandidates: the search space is empty: give every hyperparameter a value")]
    NoCandidates,
    #[error("ScoreNotFinite: the model gave a score that is not a finite number in row {row}")]
    ScoreNotFinite { row: usize },
    #[error("XgboostFailed: while {doing}: {detail}")]
    XgboostFailed { doing: &'static str, detail: String },
    #[error(
        "FeatureOrderChanged: the model takes other columns than the recipe makes: use the recipe that was written with it"
    )]
    FeatureOrderChanged,
    #[error(
        "NotSpreadable: the strategy {strategy:?} cannot be spread over containers: use `exhaustive`, or one container (`search.containers`)"
    )]
    NotSpreadable {
        strategy: millrace_contract::spec::Strategy,
    },
    #[error(
        "PartsDoNotFit: what the parts of the search found does not make a whole: {detail}; start a run with a new id"
    )]
    PartsDoNotFit { detail: String },
    #[error("WorkerStopped: a training thread stopped before it was done")]
    WorkerStopped,
}

impl TrainingError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Features(error) => error.name(),
            Self::Measures(error) => error.name(),
            Self::Linear(error) => error.name(),
            Self::TooFewRows { .. } => "TooFewRows",
            Self::LengthMismatch { .. } => "LengthMismatch",
            Self::NoCandidates => "NoCandidates",
            Self::ScoreNotFinite { .. } => "ScoreNotFinite",
            Self::XgboostFailed { .. } => "XgboostFailed",
            Self::FeatureOrderChanged => "FeatureOrderChanged",
            Self::NotSpreadable { .. } => "NotSpreadable",
            Self::PartsDoNotFit { .. } => "PartsDoNotFit",
            Self::WorkerStopped => "WorkerStopped",
        }
    }
}

/// Says what was being done when XGBoost refused.
pub(crate) fn failed(doing: &'static str) -> impl Fn(xgb::XGBError) -> TrainingError {
    move |error| TrainingError::XgboostFailed {
        doing,
        detail: error.to_string(),
    }
}

impl millrace_contract::NamedError for TrainingError {
    fn name(&self) -> &str {
        TrainingError::name(self)
    }
}
