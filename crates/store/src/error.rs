//! What can go wrong with a store, in the terms that callers act on.

use thiserror::Error;

/// Each message says what was wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    #[error("no object at {uri}: check the name, or whether the step that writes it has run")]
    NotFound { uri: String },
    #[error(
        "an object already exists at {uri}: it was not overwritten; choose another name or read what is there"
    )]
    AlreadyExists { uri: String },
    #[error(
        "{uri} was changed or removed by someone else since it was read: read it again and repeat the change"
    )]
    Changed { uri: String },
    #[error("'{key}' cannot name an object: {reason}; choose another name")]
    InvalidKey { key: String, reason: String },
    #[error(
        "'{uri}' does not name a store: {reason}; write a folder, file:FOLDER, s3://BUCKET/PREFIX or memory:"
    )]
    InvalidUri { uri: String, reason: String },
    #[error(
        "the bytes {start}..{end} of {uri} cannot be read: {reason}; ask for a range inside the object"
    )]
    InvalidRange {
        uri: String,
        start: u64,
        end: u64,
        reason: String,
    },
    #[error(
        "access to {uri} was refused ({detail}): check the permissions or credentials of this user or role"
    )]
    Denied { uri: String, detail: String },
    #[error(
        "no space left to write {uri} ({detail}): free some space or use another store; nothing was changed"
    )]
    Full { uri: String, detail: String },
    #[error(
        "{uri} cannot be written because its file system is read-only ({detail}): use another store"
    )]
    ReadOnly { uri: String, detail: String },
    #[error(
        "{uri} cannot be written ({detail}): one name cannot be both an object and a folder; choose another name"
    )]
    Conflict { uri: String, detail: String },
    #[error("the bucket '{bucket}' of {uri} does not exist: create it, or correct the store's URI")]
    BucketMissing { uri: String, bucket: String },
    #[error(
        "{uri} could not be reached ({detail}): try again; if it goes on, check the network and the endpoint"
    )]
    Unavailable { uri: String, detail: String },
    #[error(
        "the local file {path} could not be read for upload ({detail}): check its path and permissions"
    )]
    LocalFile { path: String, detail: String },
    #[error("{uri} cannot be opened: {reason}")]
    Unsupported { uri: String, reason: String },
    #[error(
        "the process that used {uri} was stopped here by an injected fault: start again with a new store"
    )]
    Crashed { uri: String },
    #[error("{uri} failed unexpectedly ({detail}): look the detail up, and check the store")]
    Failed { uri: String, detail: String },
}

impl StoreError {
    /// Every name that `name` can give, for state machines and the operator's handbook.
    pub const NAMES: [&str; 16] = [
        "StoreObjectNotFound",
        "StoreObjectAlreadyExists",
        "StoreObjectChanged",
        "StoreKeyInvalid",
        "StoreUriInvalid",
        "StoreRangeInvalid",
        "StoreAccessDenied",
        "StoreFull",
        "StoreReadOnly",
        "StoreKeyConflict",
        "StoreBucketMissing",
        "StoreUnavailable",
        "StoreLocalFileUnreadable",
        "StoreUnsupported",
        "StoreCrashed",
        "StoreFailed",
    ];

    /// The name that `Catch` and `Retry` of a state machine match.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "StoreObjectNotFound",
            Self::AlreadyExists { .. } => "StoreObjectAlreadyExists",
            Self::Changed { .. } => "StoreObjectChanged",
            Self::InvalidKey { .. } => "StoreKeyInvalid",
            Self::InvalidUri { .. } => "StoreUriInvalid",
            Self::InvalidRange { .. } => "StoreRangeInvalid",
            Self::Denied { .. } => "StoreAccessDenied",
            Self::Full { .. } => "StoreFull",
            Self::ReadOnly { .. } => "StoreReadOnly",
            Self::Conflict { .. } => "StoreKeyConflict",
            Self::BucketMissing { .. } => "StoreBucketMissing",
            Self::Unavailable { .. } => "StoreUnavailable",
            Self::LocalFile { .. } => "StoreLocalFileUnreadable",
            Self::Unsupported { .. } => "StoreUnsupported",
            Self::Crashed { .. } => "StoreCrashed",
            Self::Failed { .. } => "StoreFailed",
        }
    }

    /// Whether the same call may well succeed a moment later. After a write the effect may already be
    /// there: the acknowledgement, not the write, is what was surely lost.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl millrace_contract::NamedError for StoreError {
    fn name(&self) -> &'static str {
        StoreError::name(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_names_is_complete_and_each_message_says_where() {
        let (uri, detail) = ("s3://bucket/a".to_owned(), String::new);
        let all = [
            StoreError::NotFound { uri: uri.clone() },
            StoreError::AlreadyExists { uri: uri.clone() },
            StoreError::Changed { uri: uri.clone() },
            StoreError::InvalidKey {
                key: uri.clone(),
                reason: detail(),
            },
            StoreError::InvalidUri {
                uri: uri.clone(),
                reason: detail(),
            },
            StoreError::InvalidRange {
                uri: uri.clone(),
                start: 0,
                end: 0,
                reason: detail(),
            },
            StoreError::Denied {
                uri: uri.clone(),
                detail: detail(),
            },
            StoreError::Full {
                uri: uri.clone(),
                detail: detail(),
            },
            StoreError::ReadOnly {
                uri: uri.clone(),
                detail: detail(),
            },
            StoreError::Conflict {
                uri: uri.clone(),
                detail: detail(),
            },
            StoreError::BucketMissing {
                uri: uri.clone(),
                bucket: detail(),
            },
            StoreError::Unavailable {
                uri: uri.clone(),
                detail: detail(),
            },
            StoreError::LocalFile {
                path: uri.clone(),
                detail: detail(),
            },
            StoreError::Unsupported {
                uri: uri.clone(),
                reason: detail(),
            },
            StoreError::Crashed { uri: uri.clone() },
            StoreError::Failed {
                uri: uri.clone(),
                detail: detail(),
            },
        ];
        assert_eq!(all.each_ref().map(StoreError::name), StoreError::NAMES);
        for error in all {
            assert!(error.to_string().contains(&uri), "{error:?}");
        }
    }
}
