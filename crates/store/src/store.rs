//! The one type that everything else uses: a cheap handle on a directory, S3 or memory.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::backend::{Backend, Condition};
use crate::faults::{Fault, FaultyBackend, Operation};
use crate::key::check_prefix;
use crate::memory::{self, MemoryBackend};
use crate::{Etag, Hidden, Key, OlderVersions, StoreError, uri};

/// Objects by name. Clones share the same store. All calls block: from async code use `spawn_blocking`.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
}

/// An object as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub bytes: Bytes,
    pub etag: Etag,
}

/// What a store knows of an object without handing out its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    pub key: Key,
    /// The size.
    pub bytes: u64,
    /// On a directory `list` does not read the files, so its marks are made of size, time and inode:
    /// they differ from those of `get` and `head`, and `replace_if_unchanged` takes either.
    pub etag: Etag,
}

impl Store {
    /// Opens `folder`, `file:folder`, `file:///absolute/folder`, `s3://bucket/prefix` or `memory:`.
    /// Nothing is created or contacted yet: a folder that does not exist is made by the first write.
    pub fn open(uri: &str) -> Result<Store, StoreError> {
        uri::open(uri)
    }

    /// A new, empty store in memory. Its `uri` opens it again while any handle on it lives.
    pub fn memory() -> Store {
        Self::from_shared(MemoryBackend::open(""))
    }

    pub(crate) fn from_backend(backend: impl Backend + 'static) -> Store {
        Store {
            backend: Arc::new(backend),
        }
    }

    pub(crate) fn from_shared(backend: Arc<dyn Backend>) -> Store {
        Store { backend }
    }

    /// The absolute URI that opens this store again.
    pub fn uri(&self) -> String {
        self.backend.uri()
    }

    /// The URI of an object, for messages and references.
    pub fn object_uri(&self, key: &Key) -> String {
        self.backend.object_uri(key)
    }

    /// Where the object is, or would be, on this machine: only for a directory store. Read through it
    /// freely; write through `put` and `put_file` only, or readers may see half an object.
    pub fn local_path(&self, key: &Key) -> Option<PathBuf> {
        self.backend.local_path(key)
    }

    pub fn get(&self, key: &Key) -> Result<Object, StoreError> {
        self.backend.get(key)
    }

    /// The same where being absent is an answer.
    pub fn find(&self, key: &Key) -> Result<Option<Object>, StoreError> {
        match self.get(key) {
            Ok(object) => Ok(Some(object)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The bytes of `range`, cut back to the object's end. A range that is empty or begins beyond the
    /// end is refused with `InvalidRange`.
    pub fn read_range(&self, key: &Key, range: Range<u64>) -> Result<Bytes, StoreError> {
        self.not_empty(key, &range)?;
        self.backend.read_range(key, range, None)
    }

    /// The same, of the object in the state that `etag` marks and no other: else `Changed`. So several
    /// reads give pieces of one object, however often it is written meanwhile. A mark of `list` does as
    /// well as one of `head`. A directory store reads the whole file each time to compare a digest: read
    /// through `local_path` there.
    pub fn read_range_if_unchanged(
        &self,
        key: &Key,
        range: Range<u64>,
        etag: &Etag,
    ) -> Result<Bytes, StoreError> {
        self.not_empty(key, &range)?;
        self.backend.read_range(key, range, Some(etag))
    }

    fn not_empty(&self, key: &Key, range: &Range<u64>) -> Result<(), StoreError> {
        if range.start < range.end {
            return Ok(());
        }
        Err(StoreError::InvalidRange {
            uri: self.object_uri(key),
            start: range.start,
            end: range.end,
            reason: "the range is empty".to_owned(),
        })
    }

    pub fn head(&self, key: &Key) -> Result<ObjectInfo, StoreError> {
        self.backend.head(key)
    }

    pub fn put(&self, key: &Key, bytes: impl Into<Bytes>) -> Result<Etag, StoreError> {
        self.backend.put(key, bytes.into(), Condition::Always)
    }

    /// Writes only if there is no such object yet: of several writers one wins, the others get
    /// `AlreadyExists`. On S3 a writer whose acknowledgement was lost may get that as well, for its
    /// own object: whoever must know compares what is there with what was written.
    pub fn put_if_absent(&self, key: &Key, bytes: impl Into<Bytes>) -> Result<Etag, StoreError> {
        self.backend.put(key, bytes.into(), Condition::Absent)
    }

    /// Writes only if the object is still in the state that `etag` marks: else `Changed`, also when it
    /// has been deleted. Lost acknowledgements show as with `put_if_absent`.
    pub fn replace_if_unchanged(
        &self,
        key: &Key,
        bytes: impl Into<Bytes>,
        etag: &Etag,
    ) -> Result<Etag, StoreError> {
        self.backend
            .put(key, bytes.into(), Condition::Unchanged(etag.clone()))
    }

    /// Writes only if nobody else did since `find` gave this mark, or found nothing: one of the two above.
    pub fn put_if_as_found(
        &self,
        key: &Key,
        bytes: impl Into<Bytes>,
        found: Option<&Etag>,
    ) -> Result<Etag, StoreError> {
        match found {
            Some(etag) => self.replace_if_unchanged(key, bytes, etag),
            None => self.put_if_absent(key, bytes),
        }
    }

    /// Writes a copy of a local file of any size in constant memory. The file itself stays.
    pub fn put_file(&self, key: &Key, file: &Path) -> Result<Etag, StoreError> {
        self.backend.put_file(key, file, Condition::Always)
    }

    /// The same only if there is no such object yet, as `put_if_absent`.
    pub fn put_file_if_absent(&self, key: &Key, file: &Path) -> Result<Etag, StoreError> {
        self.backend.put_file(key, file, Condition::Absent)
    }

    /// Writes a copy of an object of any size without reading it here, where the store can do so. `from` is what `head`
    /// gave: an object that was written since is `Changed`, and nothing of it is copied.
    pub fn copy(&self, from: &ObjectInfo, to: &Key) -> Result<Etag, StoreError> {
        self.backend.copy(from, to)
    }

    /// All objects whose key begins with `prefix` (plain text, as in S3; "" for all), sorted by key.
    pub fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
        check_prefix(prefix)?;
        self.backend.list(prefix)
    }

    /// Removes the object. That it is absent already is fine.
    pub fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.backend.delete(key)
    }

    /// What the store holds beside its objects: half-written files and uploads, and what cannot be an object.
    /// With `remove_abandoned` whatever a writer that died has left is removed; what is being written never is.
    pub fn hidden(&self, remove_abandoned: bool) -> Result<Vec<Hidden>, StoreError> {
        self.backend.hidden(remove_abandoned)
    }

    /// How long what is replaced or deleted lives on, where nobody but an administrator sees it.
    pub fn older_versions(&self) -> OlderVersions {
        self.backend.older_versions()
    }

    /// The same store, but each call first asks `plan` what shall go wrong with it. For tests.
    pub fn with_faults(self, plan: impl Fn(&Operation) -> Fault + Send + Sync + 'static) -> Store {
        Self::from_backend(FaultyBackend::new(self.backend, Box::new(plan)))
    }

    /// The same, and `memory:name` opens it while a handle lives: for what opens its store by a URI, as
    /// containers and readers of data do.
    pub fn with_faults_as(
        self,
        name: &str,
        plan: impl Fn(&Operation) -> Fault + Send + Sync + 'static,
    ) -> Store {
        let faulty = FaultyBackend::new(self.backend, Box::new(plan)).found_at(name);
        let backend: Arc<dyn Backend> = Arc::new(faulty);
        memory::name(name, &backend);
        Self::from_shared(backend)
    }
}
