//! What can go wrong around a machine, before or after it runs. What goes wrong inside is its outcome.

use millrace_contract::NamedError;
use millrace_flow::LoadError;
use millrace_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum OrchestraError {
    #[error("the state machine `{machine}` cannot be used: {source}")]
    Machine {
        machine: &'static str,
        source: LoadError,
    },
    #[error("the request cannot be written as JSON: {detail}")]
    Request { detail: String },
    #[error("{uri} cannot be read as the history of a run: {detail}; remove it to begin a new one")]
    HistoryDamaged { uri: String, detail: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NamedError for OrchestraError {
    fn name(&self) -> &str {
        match self {
            Self::Machine { .. } => "InvalidMachine",
            Self::Request { .. } => "InvalidInput",
            Self::HistoryDamaged { .. } => "HistoryDamaged",
            Self::Store(error) => error.name(),
        }
    }
}
