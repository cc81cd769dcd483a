//! Why a data set could not be checked at all.

use millrace_adapter::memory::{InputTooLarge, OutOfMemory};
use millrace_contract::NamedError;
use millrace_dataset::DatasetError;
use millrace_keys::KeyError;
use millrace_trail::TrailError;

#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    #[error(transparent)]
    Data(#[from] DatasetError),
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    TooLarge(#[from] InputTooLarge),
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl NamedError for ValidateError {
    fn name(&self) -> &str {
        match self {
            Self::Data(error) => error.name(),
            Self::Trail(error) => error.name(),
            Self::TooLarge(error) => error.name(),
            Self::Memory(error) => error.name(),
            Self::Keys(error) => error.name(),
        }
    }
}
