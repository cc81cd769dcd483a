//! A customer's right to be forgotten, against documents that vouch for every byte.
//!
//! Whoever takes a customer's rows out of an object notes it first: `erasures/objects/<key>.json` says
//! what the object was and what it has become. Whoever then finds another digest than a document names
//! asks that note, and takes the object only if it became so by erasures alone. The documents
//! themselves, manifests and their signatures among them, stay as they were written.
//!
//! Only tables of rows can be explained so. A model, a recipe or a verdict never can.

mod step;

use millrace_contract::NamedError;
use millrace_store::StoreError;

pub use step::{Step, explains_digest, explains_size, note};

/// What can be wrong with the notes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{uri}, which says what was erased, cannot be read ({detail}): bring back an older version of it"
    )]
    NoteUnreadable { uri: String, detail: String },
    #[error("{uri} was changed by others {tries} times in a row: erase again when they are done")]
    Busy { uri: String, tries: u32 },
}

impl ErasureError {
    /// The name that `Catch` and `Retry` of a state machine match.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Store(error) => error.name(),
            Self::NoteUnreadable { .. } => "ErasureNoteUnreadable",
            Self::Busy { .. } => "ErasureBusy",
        }
    }
}

impl NamedError for ErasureError {
    fn name(&self) -> &str {
        ErasureError::name(self)
    }
}
