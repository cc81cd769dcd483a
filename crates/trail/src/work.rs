//! A stage at work: what it writes is remembered, so that its record can vouch for it.

use std::path::Path;

use millrace_contract::{Digest, ObjectRef, RunId};
use millrace_store::{Bytes, Etag, Key, Store, StoreError, digest_of_file};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{StageRecord, TrailError, finished, to_json};

/// Local files up to this size are written in one step.
const HELD_BYTES: u64 = 64 << 20;
/// How often an object may be there and gone again.
const TRIES: u32 = 4;

/// The folder of a stage that is at work. Dropped without `finish`, the stage is not done.
#[derive(Debug)]
pub struct Work {
    store: Store,
    run_id: RunId,
    stage: String,
    folder: Key,
    input_digest: Digest,
    objects: Vec<ObjectRef>,
}

impl Work {
    pub(crate) fn new(
        store: Store,
        run_id: RunId,
        stage: String,
        folder: Key,
        input_digest: Digest,
    ) -> Work {
        Work {
            store,
            run_id,
            stage,
            folder,
            input_digest,
            objects: Vec::new(),
        }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn run_id(&self) -> &RunId {
        &self.run_id
    }

    /// Writes an object of the stage. What an attempt left that did not finish is replaced; what a finished
    /// stage vouches for is not, even by a process that was overtaken and wakes up late.
    pub fn put(&mut self, name: &str, bytes: impl Into<Bytes>) -> Result<ObjectRef, TrailError> {
        let bytes = bytes.into();
        let key = self.folder.join(name)?;
        let reference = ObjectRef::of(key.as_ref(), &bytes);
        for _ in 0..TRIES {
            match self.store.put_if_absent(&key, bytes.clone()) {
                Err(StoreError::AlreadyExists { .. }) => {}
                result => return result.map(|_| self.remember(reference)).map_err(Into::into),
            }
            let Some(found) = self.store.find(&key)? else {
                continue;
            };
            if found.bytes == bytes || self.is_overtaken()? {
                return Ok(self.remember(reference));
            }
            // Not where another process has put its own meanwhile.
            let replaced = self
                .store
                .replace_if_unchanged(&key, bytes.clone(), &found.etag);
            match replaced {
                Err(StoreError::Changed { .. }) => {}
                result => return result.map(|_| self.remember(reference)).map_err(Into::into),
            }
        }
        Err(self.restless(&key))
    }

    fn restless(&self, key: &Key) -> TrailError {
        TrailError::Store(StoreError::Unavailable {
            uri: self.store.object_uri(key),
            detail: "others write it and remove it again and again".to_owned(),
        })
    }

    /// Whether another process has finished this stage meanwhile: then nothing of it may change any more.
    pub fn is_overtaken(&self) -> Result<bool, TrailError> {
        match self.store.head(&self.folder.join("output.json")?) {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes an object of the stage as readable JSON.
    pub fn put_json<T: Serialize>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<ObjectRef, TrailError> {
        self.put(name, to_json(value)?)
    }

    /// Writes a local file of any size as an object of the stage. Up to 64 MiB it replaces what an attempt left that did
    /// not finish, as `put` does; above it what is there stays, as with `put_file`.
    pub fn put_local(&mut self, name: &str, file: &Path) -> Result<ObjectRef, TrailError> {
        let unreadable = |error: std::io::Error| unreadable(file, &error);
        match std::fs::metadata(file).map_err(unreadable)?.len() {
            0..=HELD_BYTES => self.put(name, std::fs::read(file).map_err(unreadable)?),
            _ => self.put_file(name, file),
        }
    }

    /// Writes a local file of any size as an object of the stage.
    pub fn put_file(&mut self, name: &str, file: &Path) -> Result<ObjectRef, TrailError> {
        let key = self.folder.join(name)?;
        self.put_file_at(&key, file)
    }

    /// Writes a local file to a key outside the stage's folder; the record vouches for it all the same. What is
    /// there is never replaced: other bytes there are an error.
    pub fn put_file_at(&mut self, key: &Key, file: &Path) -> Result<ObjectRef, TrailError> {
        Ok(self.put_file_marked(key, file)?.0)
    }

    /// The same, with the mark of the object that was written or found: whoever finds that mark later finds these bytes.
    pub fn put_file_marked(
        &mut self,
        key: &Key,
        file: &Path,
    ) -> Result<(ObjectRef, Etag), TrailError> {
        let (bytes, sha256) = digest_of_file(file).map_err(|error| unreadable(file, &error))?;
        let reference = ObjectRef {
            key: key.to_string(),
            bytes,
            sha256,
        };
        for _ in 0..TRIES {
            match self.store.put_file_if_absent(key, file) {
                Ok(etag) => return Ok((self.remember(reference), etag)),
                Err(StoreError::AlreadyExists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(etag) = self.agrees(key, &reference)? {
                return Ok((self.remember(reference), etag));
            }
        }
        Err(self.restless(key))
    }

    /// Somebody put this object before: an attempt that did not finish, or a process that overtook this one. The
    /// same input gives the same bytes, so what is there is what this one would write. Where it is not, nothing is
    /// replaced: a finished stage may vouch for it, now or a moment later, and rows may be shown from it. Gives its
    /// mark; nothing when it is gone again.
    fn agrees(&self, key: &Key, ours: &ObjectRef) -> Result<Option<Etag>, TrailError> {
        let (info, found) = match self.store.digest(key) {
            Err(StoreError::NotFound { .. }) => return Ok(None),
            found => found?,
        };
        if found == ours.sha256 {
            return Ok(Some(info.etag));
        }
        if self.is_overtaken()? {
            tracing::warn!(key = %key, "this process was overtaken: its own bytes differ and are dropped");
            return Ok(Some(info.etag));
        }
        Err(TrailError::OutputDiffers {
            uri: self.store.object_uri(key),
            expected: ours.sha256.short().to_owned(),
            found: found.short().to_owned(),
        })
    }

    /// Something that changes while the stage works, such as its progress: not vouched for.
    pub fn note<T: Serialize>(&self, name: &str, value: &T) -> Result<(), TrailError> {
        self.store.put(&self.folder.join(name)?, to_json(value)?)?;
        Ok(())
    }

    /// Ends the stage: from here on it is done. Gives the output that holds, which is another process's
    /// where that was quicker.
    pub fn finish<Output: Serialize + DeserializeOwned>(
        self,
        output: Output,
    ) -> Result<Output, TrailError> {
        let record = StageRecord {
            run_id: self.run_id,
            stage: self.stage,
            input_digest: self.input_digest,
            objects: self.objects,
            output,
        };
        let key = self.folder.join("output.json")?;
        match self.store.put_if_absent(&key, to_json(&record)?) {
            Err(error @ StoreError::AlreadyExists { .. }) => {
                let (run_id, stage) = (&record.run_id, &record.stage);
                let first = finished(&self.store, &key, run_id, stage, &record.input_digest)?;
                Ok(first.ok_or(error)?.output)
            }
            result => {
                result?;
                Ok(record.output)
            }
        }
    }

    fn remember(&mut self, reference: ObjectRef) -> ObjectRef {
        self.objects.retain(|known| known.key != reference.key);
        self.objects.push(reference.clone());
        reference
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> TrailError {
    TrailError::Unreadable {
        uri: file.display().to_string(),
        what: "a file",
        detail: error.to_string(),
    }
}
