//! Why what readers see was not changed, or cannot be told.

use jiff::civil::Date;
use millrace_contract::{ModelName, NamedError};
use millrace_registry::RegistryError;
use millrace_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ServedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Among them `VersionMayNotServe`.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(
        "{uri} is damaged ({detail}): bring back its older version, or remove it and publish the runs again"
    )]
    Damaged { uri: String, detail: String },
    #[error(
        "{what} of model `{model}` was never shown in `{table}` for {scored_on}: `millrace predictions list` says what was"
    )]
    NeverShown {
        what: String,
        model: ModelName,
        table: String,
        scored_on: Date,
    },
    #[error("{uri} was changed by others {tries} times in a row: publish again when they are done")]
    Busy { uri: String, tries: u32 },
}

impl NamedError for ServedError {
    fn name(&self) -> &str {
        match self {
            Self::Store(error) => error.name(),
            Self::Registry(error) => error.name(),
            Self::Damaged { .. } => "ServedDamaged",
            Self::NeverShown { .. } => "NotServed",
            Self::Busy { .. } => "PublishBusy",
        }
    }
}
