//! Copies of every accepted document, so that a damaged one can be restored.
//!
//! Only what was accepted is ever copied: a writer copies its document after the compare-and-set, and,
//! because it may have died before that, the next writer first copies the document that it read. So
//! every document but the current one surely has its copy, and the current one has it once its writer
//! has been told that the change was made.

use millrace_contract::{Digest, ObjectRef};
use millrace_store::{Bytes, Key, ObjectInfo, StoreError};

use crate::document::Document;
use crate::error::RegistryError;
use crate::keys;
use crate::reading::{READS, write_once};
use crate::registry::Registry;

impl Registry {
    pub(crate) fn copy_accepted(&self, revision: u64, bytes: &Bytes) -> Result<(), RegistryError> {
        let object = self.object_of_copy(revision, bytes)?;
        write_once(&self.store, &self.patience, &object, bytes, true)?;
        Ok(())
    }

    /// The same, but cheaper where the copy is there, as it nearly always is.
    pub(crate) fn ensure_copied(&self, revision: u64, bytes: &Bytes) -> Result<(), RegistryError> {
        let key = Key::new(self.object_of_copy(revision, bytes)?.key)?;
        match self.patience.call(|| self.store.head(&key)) {
            Ok(info) if info.bytes == bytes.len() as u64 => Ok(()),
            Ok(_) | Err(RegistryError::Store(StoreError::NotFound { .. })) => {
                self.copy_accepted(revision, bytes)
            }
            Err(error) => Err(error),
        }
    }

    fn object_of_copy(&self, revision: u64, bytes: &Bytes) -> Result<ObjectRef, RegistryError> {
        let digest = Digest::of(bytes);
        let key = keys::copy(&self.name, revision, digest.short())?;
        Ok(ObjectRef {
            key: key.into(),
            bytes: bytes.len() as u64,
            sha256: digest,
        })
    }

    /// The copies, newest first, each with its revision.
    pub(crate) fn copies(&self) -> Result<Vec<(u64, ObjectInfo)>, RegistryError> {
        let prefix = keys::copies_prefix(&self.name);
        let listed = self.patience.call(|| self.store.list(&prefix))?;
        let mut copies: Vec<_> = listed
            .into_iter()
            .filter_map(|info| keys::revision_of_copy(&info.key).map(|revision| (revision, info)))
            .collect();
        copies.reverse();
        Ok(copies)
    }

    /// The newest copy that is sound.
    pub(crate) fn last_good_copy(&self) -> Result<Option<(Key, Document)>, RegistryError> {
        for (revision, info) in self.copies()? {
            match self.read_copy(&info.key)? {
                Some(document) if document.revision == revision => {
                    return Ok(Some((info.key, document)));
                }
                _ => tracing::warn!(key = %info.key, "a copy of the registry document is damaged"),
            }
        }
        Ok(None)
    }

    /// Read again where it seems damaged, for an older copy must not be taken because of a short read.
    fn read_copy(&self, key: &Key) -> Result<Option<Document>, RegistryError> {
        for attempt in 0..READS {
            if attempt > 0 {
                self.patience.pause(attempt);
            }
            let bytes = match self.patience.call(|| self.store.get(key)) {
                Err(RegistryError::Store(StoreError::NotFound { .. })) => return Ok(None),
                object => object?.bytes,
            };
            if let Ok(document) = self.decode(&bytes) {
                return Ok(Some(document));
            }
        }
        Ok(None)
    }
}
