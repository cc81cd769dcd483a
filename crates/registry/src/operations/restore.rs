//! Replacing a damaged document by its last good copy.

use millrace_contract::Digest;
use millrace_store::{Bytes, Etag, Key, StoreError};
use serde::Serialize;

use crate::document::Document;
use crate::document::entry::{Action, Draft};
use crate::error::RegistryError;
use crate::keys;
use crate::registry::{Found, Loaded, Registry, fresh_id};
use crate::request::Request;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The document is sound: nothing was done.
    pub already: bool,
    /// For `--dry-run`: this is what would be done.
    pub dry_run: bool,
    /// What was wrong.
    pub damage: Option<String>,
    /// The copy that was taken, and its revision.
    pub copy: Option<String>,
    pub copied_revision: Option<u64>,
    /// Where the damaged document is kept.
    pub damaged_kept_as: Option<String>,
    /// Of the document as it is now.
    pub revision: u64,
}

impl Registry {
    pub fn plan_restore(&self, request: &Request) -> Result<Restored, RegistryError> {
        self.restore_or_plan(request, true)
    }

    /// The damaged document is kept beside the copies. A change whose writer died before it could copy
    /// its document may be lost; every change that was acknowledged is in the copy.
    pub fn restore(&self, request: &Request) -> Result<Restored, RegistryError> {
        self.restore_or_plan(request, false)
    }

    fn restore_or_plan(&self, request: &Request, dry_run: bool) -> Result<Restored, RegistryError> {
        request.check()?;
        for attempt in 0..self.patience.attempts {
            if attempt > 0 {
                self.patience.pause(attempt);
            }
            let (detail, object) = match self.find()? {
                Found::Sound(loaded) => return Ok(sound(&loaded)),
                Found::Nothing => {
                    return Err(RegistryError::ModelNotFound {
                        name: self.name.clone(),
                        store: self.store.uri(),
                    });
                }
                Found::Damaged { detail, object } => (detail, object),
            };
            let Some((copy, good)) = self.last_good_copy()? else {
                return Err(RegistryError::NothingToRestore {
                    name: self.name.clone(),
                    folder: keys::copies_prefix(&self.name),
                });
            };
            let mut restored = Restored {
                already: false,
                dry_run,
                damage: Some(detail),
                copy: Some(copy.to_string()),
                copied_revision: Some(good.revision),
                damaged_kept_as: None,
                revision: good.revision,
            };
            if dry_run {
                return Ok(restored);
            }
            let kept = object.as_ref().map(|(bytes, _)| self.keep_damaged(bytes));
            restored.damaged_kept_as = kept.transpose()?.map(String::from);
            let document = self.next_after(good, &copy, request)?;
            match self.put_restored(object, &document) {
                Ok(()) => {
                    tracing::warn!(model = %self.name, %copy, "a damaged registry document was restored");
                    restored.revision = document.revision;
                    return Ok(restored);
                }
                Err(RegistryError::Store(
                    StoreError::Changed { .. } | StoreError::AlreadyExists { .. },
                )) => {}
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error),
            }
        }
        Err(RegistryError::RegistryBusy {
            name: self.name.clone(),
            attempts: self.patience.attempts,
        })
    }

    fn keep_damaged(&self, bytes: &Bytes) -> Result<Key, RegistryError> {
        let key = keys::damaged(&self.name, Digest::of(bytes).short())?;
        match self
            .patience
            .call(|| self.store.put_if_absent(&key, bytes.clone()))
        {
            Err(RegistryError::Store(StoreError::AlreadyExists { .. })) => Ok(key),
            Err(error) => Err(error),
            Ok(_) => Ok(key),
        }
    }

    /// The copy with the restoration in its history, under a revision that was never used.
    fn next_after(
        &self,
        mut document: Document,
        copy: &Key,
        request: &Request,
    ) -> Result<Document, RegistryError> {
        let highest = self.copies()?.first().map_or(0, |(revision, _)| *revision);
        document.revision = document.revision.max(highest);
        let request = Request {
            why: Some(match &request.why {
                Some(why) => format!("{why} (from {copy})"),
                None => format!("from {copy}"),
            }),
            ..request.clone()
        };
        let live = document.live();
        let drafts = vec![Draft::of(Action::Restored)];
        document.record(drafts, live, &request, &self.writer_id, &fresh_id());
        Ok(document)
    }

    fn put_restored(
        &self,
        object: Option<(Bytes, Etag)>,
        document: &Document,
    ) -> Result<(), RegistryError> {
        let (bytes, etag) = match object {
            Some((bytes, etag)) => (bytes, Some(etag)),
            None => (Bytes::new(), None),
        };
        // A new document has revision 0, so that what is replaced is not copied as an accepted one.
        let replaced = Loaded {
            document: Document::new(self.name.clone()),
            bytes,
            etag,
        };
        self.replace(&replaced, document)
    }
}

fn sound(loaded: &Loaded) -> Restored {
    Restored {
        already: true,
        dry_run: false,
        damage: None,
        copy: None,
        copied_revision: None,
        damaged_kept_as: None,
        revision: loaded.document.revision,
    }
}
