//! Why scores were not made visible.

use millrace_contract::{NamedError, RunId};
use millrace_erasure::ErasureError;
use millrace_registry::RegistryError;
use millrace_served::ServedError;
use millrace_store::StoreError;
use millrace_trail::TrailError;

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    /// Among them `VersionMayNotServe`.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Served(#[from] ServedError),
    #[error(
        "{uri} has {found} and not {expected}, as its stage wrote it: nothing was published; score again under another run id"
    )]
    FileChanged {
        uri: String,
        expected: String,
        found: String,
    },
    #[error(
        "shard {shard} of run `{run_id}` has {what} {found} and not {expected}: nothing was published; score again under another run id"
    )]
    ScoredOtherwise {
        run_id: RunId,
        shard: u32,
        what: &'static str,
        expected: String,
        found: String,
    },
    #[error(
        "the {shards} shards of run `{run_id}` scored {found} rows and not {expected}: nothing was published; score again"
    )]
    RowsLost {
        run_id: RunId,
        shards: u32,
        expected: u64,
        found: u64,
    },
}

impl NamedError for PublishError {
    fn name(&self) -> &str {
        match self {
            Self::Store(error) => error.name(),
            Self::Trail(error) => error.name(),
            Self::Erasure(error) => error.name(),
            Self::Registry(error) => error.name(),
            Self::Served(error) => error.name(),
            Self::FileChanged { .. } => "FileChanged",
            Self::ScoredOtherwise { .. } => "ScoredOtherwise",
            Self::RowsLost { .. } => "RowsLost",
        }
    }
}
