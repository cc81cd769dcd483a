//! Why a candidate could not be judged. A candidate that was judged and blocked is no error.

use millrace_adapter::memory::InputTooLarge;
use millrace_contract::NamedError;
use millrace_dataset::DatasetError;
use millrace_fairness::FairnessError;
use millrace_measures::MeasureError;
use millrace_model::ModelError;
use millrace_registry::RegistryError;
use millrace_store::StoreError;
use millrace_trail::TrailError;

#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Data(#[from] DatasetError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Fairness(#[from] FairnessError),
    #[error(transparent)]
    Measures(#[from] MeasureError),
    #[error(transparent)]
    TooLarge(#[from] InputTooLarge),
}

impl NamedError for GateError {
    fn name(&self) -> &str {
        match self {
            Self::Trail(error) => error.name(),
            Self::Store(error) => error.name(),
            Self::Data(error) => error.name(),
            Self::Model(error) => error.name(),
            Self::Registry(error) => error.name(),
            Self::Fairness(error) => error.name(),
            Self::Measures(error) => error.name(),
            Self::TooLarge(error) => error.name(),
        }
    }
}
