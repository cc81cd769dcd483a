//! The mark of one state of an object: it changes when the content does.

use std::fmt;

use sha2::{Digest, Sha256};

/// An opaque mark to hand back to `replace_if_unchanged`. Compare marks of one store only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Etag(String);

impl Etag {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The mark that directory and memory stores use: the SHA-256 of the content. An object that was
    /// changed and changed back carries its old mark again, which is harmless: it is the same object.
    pub(crate) fn of_content(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for Etag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
