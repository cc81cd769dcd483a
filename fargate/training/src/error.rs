//! Why no model was made.

use millrace_adapter::memory::OutOfMemory;
use millrace_calibration::CalibrationError;
use millrace_contract::NamedError;
use millrace_dataset::DatasetError;
use millrace_fairness::FairnessError;
use millrace_features::FeatureError;
use millrace_store::StoreError;
use millrace_trail::TrailError;
use millrace_training::TrainingError;

#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Data(#[from] DatasetError),
    #[error(transparent)]
    Features(#[from] FeatureError),
    #[error(transparent)]
    Training(#[from] TrainingError),
    #[error(transparent)]
    Fairness(#[from] FairnessError),
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    #[error(
        "TargetUnusable: `{column}` of row {row} (counted from 0) is {value}: a class is 0 or 1; correct it, or use `task = \"regression\"`"
    )]
    TargetUnusable {
        column: String,
        row: usize,
        value: f64,
    },
    #[error(
        "DuplicateId: the id in column `{column}` of row {row} (counted from 0) is there a second time: remove the repeated rows, or let `millrace validate` put them into quarantine"
    )]
    DuplicateId { column: String, row: usize },
    #[error(
        "MissingId: column `{column}` of row {row} (counted from 0) is empty: every row needs an id"
    )]
    MissingId { column: String, row: usize },
}

impl NamedError for TrainError {
    fn name(&self) -> &str {
        match self {
            Self::Trail(error) => error.name(),
            Self::Store(error) => error.name(),
            Self::Data(error) => error.name(),
            Self::Features(error) => error.name(),
            Self::Training(error) => error.name(),
            Self::Fairness(error) => error.name(),
            Self::Memory(error) => error.name(),
            Self::Calibration(error) => error.name(),
            Self::TargetUnusable { .. } => "TargetUnusable",
            Self::DuplicateId { .. } => "DuplicateId",
            Self::MissingId { .. } => "MissingId",
        }
    }
}
