//! What a store holds and no listing shows: whoever must find every copy of something looks here as well.

use std::path::PathBuf;

/// Bytes that are no object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hidden {
    /// Somebody writes it at this moment.
    Writing { uri: String },
    /// Its writer died. It was of no use, and may be gone by now.
    Abandoned { uri: String, is_removed: bool },
    /// Parts of a large object, kept by S3 until the upload ends, is given up, or the bucket's rule drops it.
    Upload { uri: String, begun: String },
    /// Its name cannot be a key, so that nothing reads it as an object; `path` where it is a file of this
    /// machine.
    Unnameable { uri: String, path: Option<PathBuf> },
}

/// How long a store keeps what was replaced or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OlderVersions {
    /// It does not.
    NotKept,
    /// For so many days after the replacement, and until the rule is carried out, which S3 does daily.
    Days(u32),
    ForEver,
    /// It could not be asked; why.
    Unknown(String),
}
