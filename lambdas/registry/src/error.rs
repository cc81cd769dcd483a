//! Why an action of the registry's function was not carried out. Names of what lies below go on as they are.

use millrace_contract::stages::OtherClock;
use millrace_contract::{DocumentError, NamedError};
use millrace_registry::RegistryError;
use millrace_served::ServedError;
use millrace_store::StoreError;
use millrace_trail::TrailError;

#[derive(Debug, thiserror::Error)]
pub enum RegistryStageError {
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Served(#[from] ServedError),
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("the run lacks `{what}`: {advice}")]
    InputMissing {
        what: &'static str,
        advice: &'static str,
    },
    #[error(transparent)]
    OtherClock(#[from] OtherClock),
    #[error(
        "`{version}` is not what a run trained for {model}: {detail}; write `run:ID`, or `run:ID/2` for its second attempt"
    )]
    NoSuchCandidate {
        model: String,
        version: String,
        detail: String,
    },
    #[error("{model} {version} cannot be applied: {detail}; train and register it again")]
    ModelIncomplete {
        model: String,
        version: String,
        detail: String,
    },
}

impl From<StoreError> for RegistryStageError {
    fn from(error: StoreError) -> Self {
        Self::Trail(error.into())
    }
}

impl NamedError for RegistryStageError {
    fn name(&self) -> &str {
        match self {
            Self::Registry(error) => error.name(),
            Self::Served(error) => error.name(),
            Self::Trail(error) => error.name(),
            Self::Document(error) => error.name(),
            Self::InputMissing { .. } => "InvalidInput",
            Self::OtherClock(error) => error.name(),
            Self::NoSuchCandidate { .. } => "CandidateNotFound",
            Self::ModelIncomplete { .. } => "ModelIncomplete",
        }
    }
}
