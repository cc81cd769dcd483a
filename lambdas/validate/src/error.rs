//! Why a data set could not be checked at all.

use millrace_contract::NamedError;
use millrace_dataset::DatasetError;
use millrace_trail::TrailError;

#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    #[error(transparent)]
    Data(#[from] DatasetError),
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(
        "{uri} has {bytes} bytes of data, which need about {needed_mebibytes} MiB of memory, and there are {memory_mebibytes} MiB: \
         give the function more memory, or split the data"
    )]
    InputTooLarge {
        uri: String,
        bytes: u64,
        needed_mebibytes: u64,
        memory_mebibytes: u64,
    },
}

impl NamedError for ValidateError {
    fn name(&self) -> &str {
        match self {
            Self::Data(error) => error.name(),
            Self::Trail(error) => error.name(),
            Self::InputTooLarge { .. } => "InputTooLarge",
        }
    }
}
