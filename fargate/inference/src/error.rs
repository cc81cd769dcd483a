//! Why nothing was scored.

use millrace_adapter::memory::OutOfMemory;
use millrace_contract::NamedError;
use millrace_contract::postprocess::ScoreNotFinite;
use millrace_dataset::DatasetError;
use millrace_keys::KeyError;
use millrace_model::ModelError;
use millrace_store::StoreError;
use millrace_trail::TrailError;

#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Data(#[from] DatasetError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    NotFinite(#[from] ScoreNotFinite),
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    #[error(
        "NoScratch: no temporary file could be made for the scores ({detail}): give the task some disk, or set TMPDIR"
    )]
    NoScratch { detail: String },
}

impl NamedError for ScoreError {
    fn name(&self) -> &str {
        match self {
            Self::Trail(error) => error.name(),
            Self::Store(error) => error.name(),
            Self::Data(error) => error.name(),
            Self::Model(error) => error.name(),
            Self::Keys(error) => error.name(),
            Self::NotFinite(_) => "ScoreNotFinite",
            Self::Memory(error) => error.name(),
            Self::NoScratch { .. } => "NoScratch",
        }
    }
}
