//! A customer's right to be forgotten, against documents that vouch for every byte.
//!
//! Whoever takes a customer's rows out of an object notes it first: `erasures/objects/<key>.json` says
//! what the object was and what it has become. Whoever finds an object that a document names asks that note
//! ([`vouches`]): it is taken if it is what was written, or became so by erasures alone. Once rows were erased, the
//! bytes of before are refused, for somebody put the rows back. The documents themselves, manifests and their
//! signatures among them, stay as they were written.
//!
//! Only tables of rows, and the examples of a validation's report, can be explained so. A model, a recipe or a
//! verdict never can. What an erasure did as a whole, its [`Receipt`] says.

pub mod example;
mod notes;
mod receipt;
mod whom;

use millrace_contract::NamedError;
use millrace_store::StoreError;

pub use notes::{
    Notes, Standing, Step, StepState, begin, can_be_erased, explains_size, is_report, settle,
    vouches,
};
pub use receipt::{
    FOLDER, Influence, Influenced, Looked, MayHold, NotCleaned, Receipt, Signed, State,
    check_signature, finish, receipt_key,
};
pub use whom::{IsAbout, Whom};

/// What can be wrong with notes and receipts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErasureError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{uri}, which says what was erased, cannot be read ({detail}): bring back an older version of it"
    )]
    NoteUnreadable { uri: String, detail: String },
    #[error(
        "{uri} cannot be read as a receipt of an erasure ({detail}): bring back an older version of it"
    )]
    ReceiptUnreadable { uri: String, detail: String },
    #[error("{uri} was changed by others {tries} times in a row: erase again when they are done")]
    Busy { uri: String, tries: u32 },
    #[error(
        "{uri} is what it was before rows were erased from it ({erasures}): somebody brought them back; erase those customers again, in this order"
    )]
    RowsReturned { uri: String, erasures: String },
}

impl ErasureError {
    /// The name that `Catch` and `Retry` of a state machine match.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Store(error) => error.name(),
            Self::NoteUnreadable { .. } => "ErasureNoteUnreadable",
            Self::ReceiptUnreadable { .. } => "ReceiptUnreadable",
            Self::Busy { .. } => "ErasureBusy",
            Self::RowsReturned { .. } => "ErasedRowsReturned",
        }
    }
}

impl NamedError for ErasureError {
    fn name(&self) -> &str {
        ErasureError::name(self)
    }
}
