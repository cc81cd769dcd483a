//! How the document changes: read, decide, replace if nobody else did. All changes go through here.

use millrace_contract::Version;
use millrace_store::{Bytes, StoreError};
use serde::Serialize;

use crate::document::entry::{Draft, Entry};
use crate::document::{Document, seal};
use crate::error::RegistryError;
use crate::keys;
use crate::registry::{Loaded, Registry, fresh_id};
use crate::request::Request;

/// So many unanswered writes in a row are reported as such, not as a busy registry.
const UNANSWERED_WRITES: u32 = 5;

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// It was so before: nothing was written this time.
    pub already: bool,
    /// Of the document that holds the change.
    pub revision: u64,
    pub live: Option<Version>,
    /// What was appended to the history; empty when it was so before.
    pub entries: Vec<Entry>,
}

/// Whether a first document may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Create {
    Allowed,
    No,
}

impl Registry {
    /// `decide` changes the document and says what goes into the history; nothing if all is well as
    /// it is. It is called again with a newer document whenever another writer was quicker.
    ///
    /// An answer that was lost is recognised by the change's id, which stays the same for all tries:
    /// the history is read back before anything is tried again.
    pub(crate) fn change(
        &self,
        request: &Request,
        create: Create,
        mut decide: impl FnMut(&mut Document) -> Result<Vec<Draft>, RegistryError>,
    ) -> Result<Changed, RegistryError> {
        request.check()?;
        let change_id = request.operation_id.clone().unwrap_or_else(fresh_id);
        let mut sequence_before = None;
        let mut unanswered = 0;
        for attempt in 0..self.patience.attempts {
            if attempt > 0 {
                self.patience.pause(attempt);
            }
            let loaded = match create {
                Create::Allowed => self.load_or_new()?,
                Create::No => self.load()?,
            };
            let first_seen =
                *sequence_before.get_or_insert_with(|| loaded.document.last_sequence());
            if let Some(done) =
                self.find_change(&loaded.document, &change_id, attempt, first_seen)?
            {
                return Ok(done);
            }
            let mut document = loaded.document.clone();
            let drafts = decide(&mut document)?;
            if drafts.is_empty() {
                return Ok(unchanged(&loaded.document));
            }
            let live_before = loaded.document.live();
            self.archive_oldest(&mut document)?;
            document.record(drafts, live_before, request, &self.writer_id, &change_id);
            match self.replace(&loaded, &document) {
                Ok(()) => return Ok(self.changed(&document, &change_id)),
                Err(RegistryError::Store(
                    StoreError::Changed { .. } | StoreError::AlreadyExists { .. },
                )) => unanswered = 0,
                Err(RegistryError::Store(error)) if error.is_transient() => {
                    unanswered += 1;
                    if unanswered == UNANSWERED_WRITES {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(RegistryError::RegistryBusy {
            name: self.name.clone(),
            attempts: self.patience.attempts,
        })
    }

    pub(crate) fn replace(
        &self,
        loaded: &Loaded,
        document: &Document,
    ) -> Result<(), RegistryError> {
        let bytes = Bytes::from(seal::encode(document).map_err(|fault| self.damaged(fault))?);
        let key = keys::document(&self.name)?;
        match &loaded.etag {
            Some(etag) => {
                if loaded.document.revision > 0 {
                    self.ensure_copied(loaded.document.revision, &loaded.bytes)?;
                }
                self.store.replace_if_unchanged(&key, bytes.clone(), etag)?;
            }
            None => {
                self.store.put_if_absent(&key, bytes.clone())?;
            }
        }
        if let Err(error) = self.copy_accepted(document.revision, &bytes) {
            if matches!(error, RegistryError::Store(StoreError::Crashed { .. })) {
                return Err(error);
            }
            // The change is made all the same; the next writer copies it, or says why it cannot.
            tracing::warn!(model = %self.name, %error, "the accepted registry document has no copy yet");
        }
        Ok(())
    }

    fn changed(&self, document: &Document, change_id: &str) -> Changed {
        let ours = |entry: &&Entry| entry.change_id == change_id;
        let entries: Vec<Entry> = document.history.iter().filter(ours).cloned().collect();
        for entry in &entries {
            tracing::info!(
                model = %self.name, sequence = entry.sequence, action = %entry.action,
                version = entry.version.map(|version| version.to_string()), who = %entry.who,
                "the registry changed"
            );
            if entry.clock_said.is_some() {
                tracing::warn!(model = %self.name, sequence = entry.sequence,
                    "the clock is behind the history; the entry has the time of the one before");
            }
        }
        Changed {
            already: false,
            revision: document.revision,
            live: document.live(),
            entries,
        }
    }

    /// What an earlier call with the same operation id did.
    pub(crate) fn done_before(&self, document: &Document, request: &Request) -> Option<Changed> {
        let id = request.operation_id.as_deref()?;
        self.find_change(document, id, 0, 0).ok().flatten()
    }

    /// The change, if it is in the history already: from an earlier call with the same operation id,
    /// or from an earlier try of this call whose answer was lost.
    fn find_change(
        &self,
        document: &Document,
        change_id: &str,
        attempt: u32,
        first_seen: u64,
    ) -> Result<Option<Changed>, RegistryError> {
        let candidates = if attempt == 0 {
            document.history.clone()
        } else {
            self.entries_after(document, first_seen)?
        };
        let ours = |entry: &Entry| entry.change_id == change_id;
        let entries: Vec<Entry> = candidates.into_iter().filter(ours).collect();
        Ok((!entries.is_empty()).then(|| Changed {
            already: attempt == 0,
            revision: document.revision,
            live: document.live(),
            entries,
        }))
    }
}

fn unchanged(document: &Document) -> Changed {
    Changed {
        already: true,
        revision: document.revision,
        live: document.live(),
        entries: Vec::new(),
    }
}
