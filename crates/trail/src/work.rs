//! A stage at work: what it writes is remembered, so that its record can vouch for it.

use std::io::Read;
use std::path::Path;

use millrace_contract::{Digest, ObjectRef, RunId};
use millrace_store::{Bytes, Key, Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::{StageRecord, TrailError, finished, to_json};

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
        match self.store.put_if_absent(&key, bytes.clone()) {
            Err(StoreError::AlreadyExists { .. }) => self.put_again(&key, bytes)?,
            result => drop(result?),
        }
        Ok(self.remember(reference))
    }

    fn put_again(&self, key: &Key, bytes: Bytes) -> Result<(), TrailError> {
        let is_there = match self.store.get(key) {
            Ok(object) => object.bytes == bytes,
            Err(StoreError::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        if !is_there && !self.is_overtaken()? {
            self.store.put(key, bytes)?;
        }
        Ok(())
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

    /// Writes a local file of any size as an object of the stage.
    pub fn put_file(&mut self, name: &str, file: &Path) -> Result<ObjectRef, TrailError> {
        let key = self.folder.join(name)?;
        self.put_file_at(&key, file)
    }

    /// Writes a local file to a key outside the stage's folder; the record vouches for it all the same.
    pub fn put_file_at(&mut self, key: &Key, file: &Path) -> Result<ObjectRef, TrailError> {
        let (bytes, sha256) = digest_of_file(file)?;
        self.store.put_file(key, file)?;
        Ok(self.remember(ObjectRef {
            key: key.to_string(),
            bytes,
            sha256,
        }))
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

fn digest_of_file(file: &Path) -> Result<(u64, Digest), TrailError> {
    let unreadable = |error: std::io::Error| TrailError::Unreadable {
        uri: file.display().to_string(),
        what: "a file",
        detail: error.to_string(),
    };
    let mut reader = std::fs::File::open(file).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; 1 << 18];
    let mut bytes = 0u64;
    loop {
        let read = reader.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
    Ok((bytes, Digest::from_hasher(hasher)))
}
