//! Older history, moved out of the document so that it stays small.

use millrace_contract::{Digest, ObjectRef};
use millrace_store::Bytes;

use crate::document::entry::Entry;
use crate::document::{Archive, Document, HISTORY_IN_DOCUMENT, HISTORY_LEFT_IN_DOCUMENT};
use crate::error::RegistryError;
use crate::keys;
use crate::reading::{read_vouched, write_once};
use crate::registry::Registry;

impl Registry {
    /// Moves the oldest entries out if there are many. What is moved depends on the document alone, so
    /// that writers who race for the next change write the same archive.
    pub(crate) fn archive_oldest(&self, document: &mut Document) -> Result<(), RegistryError> {
        if document.history.len() <= HISTORY_IN_DOCUMENT {
            return Ok(());
        }
        let moved = document.history.len() - HISTORY_LEFT_IN_DOCUMENT;
        let oldest = &document.history[..moved];
        let (Some(first), Some(last)) = (oldest.first(), oldest.last()) else {
            return Ok(());
        };
        let (first_sequence, last_sequence) = (first.sequence, last.sequence);
        let bytes = serde_json::to_vec(oldest).map_err(|error| self.damaged(error.to_string()))?;
        let digest = Digest::of(&bytes);
        let key = keys::archive(&self.name, first_sequence, last_sequence, digest.short())?;
        let object = ObjectRef::of(key.as_str(), &bytes);
        // Its name holds its digest: what has that name and other content is damaged.
        write_once(
            &self.store,
            &self.patience,
            &object,
            &Bytes::from(bytes),
            true,
        )?;
        document.archives.push(Archive {
            first_sequence,
            last_sequence,
            object,
        });
        document.history.drain(..moved);
        Ok(())
    }

    /// All entries with a larger sequence number, oldest first; archives are read only if needed.
    pub(crate) fn entries_after(
        &self,
        document: &Document,
        sequence: u64,
    ) -> Result<Vec<Entry>, RegistryError> {
        let mut entries = Vec::new();
        let wanted = |archive: &&Archive| archive.last_sequence > sequence;
        for archive in document.archives.iter().filter(wanted) {
            entries.extend(self.read_archive(archive)?);
        }
        entries.extend(document.history.iter().cloned());
        entries.retain(|entry| entry.sequence > sequence);
        Ok(entries)
    }

    fn read_archive(&self, archive: &Archive) -> Result<Vec<Entry>, RegistryError> {
        let remedy = "recover it from a backup or an older object version";
        let damaged = |detail: String| self.damaged(format!("{}: {detail}", archive.object.key));
        let bytes = read_vouched(&self.store, &self.patience, &archive.object, remedy).map_err(
            |error| match error {
                RegistryError::ModelFilesAltered { detail, .. } => {
                    damaged(format!("{detail}; {remedy}"))
                }
                other => other,
            },
        )?;
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))
    }
}
