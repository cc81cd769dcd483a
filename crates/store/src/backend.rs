//! What a kind of store must be able to do. `Store` adds the checks that all kinds share.

use std::fmt::Debug;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::{Etag, Hidden, Key, Object, ObjectInfo, OlderVersions, StoreError};

/// When a write may take effect.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Always,
    /// Only if there is no such object: else `AlreadyExists`.
    Absent,
    /// Only if the object is still in this state: else, or if it is gone, `Changed`.
    Unchanged(Etag),
}

pub(crate) trait Backend: Debug + Send + Sync {
    fn uri(&self) -> String;

    fn object_uri(&self, key: &Key) -> String {
        format!("{}/{key}", self.uri())
    }

    fn local_path(&self, _key: &Key) -> Option<PathBuf> {
        None
    }

    fn get(&self, key: &Key) -> Result<Object, StoreError>;
    /// `range` is never empty. An end beyond the object is cut back to it. An object that is not in the
    /// state `expected` is `Changed`, and no byte of it is given.
    fn read_range(
        &self,
        key: &Key,
        range: Range<u64>,
        expected: Option<&Etag>,
    ) -> Result<Bytes, StoreError>;
    fn head(&self, key: &Key) -> Result<ObjectInfo, StoreError>;
    fn put(&self, key: &Key, bytes: Bytes, condition: Condition) -> Result<Etag, StoreError>;
    fn put_file(&self, key: &Key, file: &Path, condition: Condition) -> Result<Etag, StoreError>;
    /// `from` is as `head` gave it: of an object in another state nothing is copied, and it is `Changed`.
    fn copy(&self, from: &ObjectInfo, to: &Key) -> Result<Etag, StoreError>;
    /// `prefix` has been checked. The answer is sorted by key.
    fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError>;
    fn delete(&self, key: &Key) -> Result<(), StoreError>;

    /// Bytes that are no object. Only what no living writer has may be removed.
    fn hidden(&self, _remove_abandoned: bool) -> Result<Vec<Hidden>, StoreError> {
        Ok(Vec::new())
    }

    fn older_versions(&self) -> OlderVersions {
        OlderVersions::NotKept
    }
}

/// The same refusal for every kind of store: the first byte asked for is not in the object.
pub(crate) fn beyond_end(uri: String, range: &Range<u64>, size: Option<u64>) -> StoreError {
    let reason = match size {
        Some(bytes) => format!("the object has only {bytes} bytes"),
        None => "the object is shorter".to_owned(),
    };
    StoreError::InvalidRange {
        uri,
        start: range.start,
        end: range.end,
        reason,
    }
}

pub(crate) fn local_file_error(file: &Path, error: &std::io::Error) -> StoreError {
    StoreError::LocalFile {
        path: file.display().to_string(),
        detail: error.to_string(),
    }
}
