//! What is said of a document (contract or spec) that cannot be used.

/// A contract or a spec that was refused: where, what and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("{kind}: {origin}: {detail}")]
    Syntax {
        kind: &'static str,
        origin: String,
        detail: String,
    },
    #[error("{kind}: {origin}: {place}: {detail}")]
    Meaning {
        kind: &'static str,
        origin: String,
        place: String,
        detail: String,
    },
}

impl DocumentError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        let (Self::Syntax { kind, .. } | Self::Meaning { kind, .. }) = self;
        kind
    }
}

/// The name of every refusal of a contract.
pub const INVALID_CONTRACT: &str = "InvalidContract";
/// The name of every refusal of a spec.
pub const INVALID_SPEC: &str = "InvalidSpec";

/// An error with the name that `Catch` and `Retry` of a state machine match.
pub trait NamedError: std::error::Error {
    fn name(&self) -> &str;
}

impl NamedError for DocumentError {
    fn name(&self) -> &'static str {
        DocumentError::name(self)
    }
}

impl NamedError for crate::names::NameError {
    fn name(&self) -> &'static str {
        "InvalidName"
    }
}
