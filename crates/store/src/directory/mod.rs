//! A store in a directory. What it promises holds between processes, and through a crash at any moment:
//! a file appears whole, under its own name, or not at all.

pub(crate) mod aside;
mod faults_of_files;
mod folder;
mod hidden;
mod listing;
mod writing;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bytes::Bytes;

use crate::backend::{Backend, Condition, beyond_end, local_file_error};
use crate::{Etag, Hidden, Key, Object, ObjectInfo, StoreError, regular};
use faults_of_files::{read_error, write_error};

#[derive(Debug)]
pub(crate) struct DirectoryBackend {
    root: PathBuf,
    /// Folders in which this handle has already looked for what crashed writers left.
    swept: Mutex<HashSet<PathBuf>>,
}

impl DirectoryBackend {
    /// The reason, where `path` cannot be the root of a store.
    pub(crate) fn new(path: &Path) -> Result<Self, String> {
        let absolute = std::path::absolute(path).map_err(|error| error.to_string())?;
        // A root that does not exist yet is made, and its links are resolved, by the first write.
        let root = absolute.canonicalize().unwrap_or(absolute);
        if root.to_str().is_none() {
            return Err("its path is not valid UTF-8".to_owned());
        }
        Ok(Self {
            root,
            swept: Mutex::default(),
        })
    }

    /// The real path of an object that exists, never outside the root.
    fn existing(&self, key: &Key) -> Result<PathBuf, StoreError> {
        let uri = || self.object_uri(key);
        let root = self
            .root
            .canonicalize()
            .map_err(|error| read_error(uri(), &error))?;
        let path = root
            .join(key.as_str())
            .canonicalize()
            .map_err(|error| read_error(uri(), &error))?;
        if !path.starts_with(&root) {
            return Err(leads_outside(uri()));
        }
        let metadata = path.metadata().map_err(|error| read_error(uri(), &error))?;
        if let Some(kind) = regular::other_kind(&metadata) {
            return Err(StoreError::Unsupported {
                uri: uri(),
                reason: format!("it is {kind} and not a file"),
            });
        }
        if !metadata.is_file() {
            return Err(StoreError::NotFound { uri: uri() });
        }
        Ok(path)
    }

    /// A range of the object in the state that `expected` marks, of one read of the whole file: a file has no
    /// state that the system would compare for us.
    fn part_of(&self, key: &Key, range: Range<u64>, expected: &Etag) -> Result<Bytes, StoreError> {
        let uri = || self.object_uri(key);
        let failed = |error: std::io::Error| read_error(uri(), &error);
        let mut file = self.open(key)?;
        let mark = |file: &File| Ok(listing::mark(&file.metadata()?));
        let before = mark(&file).map_err(failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let found = match listing::is_listing_mark(expected) {
            true if mark(&file).map_err(failed)? == before => before,
            true => return Err(StoreError::Changed { uri: uri() }),
            false => Etag::of_content(&bytes),
        };
        if found != *expected {
            return Err(StoreError::Changed { uri: uri() });
        }
        let size = bytes.len() as u64;
        if range.start >= size {
            return Err(beyond_end(uri(), &range, Some(size)));
        }
        // Both fit: they are at most the length of something in memory.
        Ok(Bytes::from(bytes).slice(range.start as usize..range.end.min(size) as usize))
    }

    fn open(&self, key: &Key) -> Result<File, StoreError> {
        regular::open(&self.existing(key)?)
            .map_err(|error| read_error(self.object_uri(key), &error))
    }
}

fn leads_outside(uri: String) -> StoreError {
    StoreError::Denied {
        uri,
        detail: "a symbolic link leads out of the store's folder".to_owned(),
    }
}

impl Backend for DirectoryBackend {
    fn uri(&self) -> String {
        format!("file://{}", self.root.display())
    }

    fn local_path(&self, key: &Key) -> Option<PathBuf> {
        match self.existing(key) {
            Err(StoreError::Denied { .. }) => None,
            Ok(path) => Some(path),
            Err(_) => Some(self.root.join(key.as_str())),
        }
    }

    fn get(&self, key: &Key) -> Result<Object, StoreError> {
        let mut bytes = Vec::new();
        let mut file = self.open(key)?;
        file.read_to_end(&mut bytes)
            .map_err(|error| read_error(self.object_uri(key), &error))?;
        let etag = Etag::of_content(&bytes);
        Ok(Object {
            bytes: bytes.into(),
            etag,
        })
    }

    fn read_range(
        &self,
        key: &Key,
        range: Range<u64>,
        expected: Option<&Etag>,
    ) -> Result<Bytes, StoreError> {
        if let Some(expected) = expected {
            return self.part_of(key, range, expected);
        }
        let failed = |error: std::io::Error| read_error(self.object_uri(key), &error);
        let mut file = self.open(key)?;
        let size = file.metadata().map_err(failed)?.len();
        if range.start >= size {
            return Err(beyond_end(self.object_uri(key), &range, Some(size)));
        }
        let length = range.end.min(size) - range.start;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.seek(SeekFrom::Start(range.start)).map_err(failed)?;
        file.take(length).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 != length {
            let detail = format!(
                "the file became shorter while it was read: {} of {length} bytes",
                bytes.len()
            );
            return Err(StoreError::Unavailable {
                uri: self.object_uri(key),
                detail,
            });
        }
        Ok(bytes.into())
    }

    fn head(&self, key: &Key) -> Result<ObjectInfo, StoreError> {
        let (bytes, etag) = writing::digest(self.open(key)?)
            .map_err(|error| read_error(self.object_uri(key), &error))?;
        Ok(ObjectInfo {
            key: key.clone(),
            bytes,
            etag,
        })
    }

    fn put(&self, key: &Key, bytes: Bytes, condition: Condition) -> Result<Etag, StoreError> {
        let etag = Etag::of_content(&bytes);
        self.write(key, &condition, |file| {
            std::io::Write::write_all(file, &bytes)
                .map_err(|error| write_error(self.object_uri(key), &error))?;
            Ok(etag)
        })
    }

    fn copy(&self, from: &ObjectInfo, to: &Key) -> Result<Etag, StoreError> {
        let changed = || StoreError::Changed {
            uri: self.object_uri(&from.key),
        };
        let path = self.local_path(&from.key).ok_or_else(changed)?;
        if self.head(&from.key)?.etag != from.etag {
            return Err(changed());
        }
        // The mark is a digest here: what was copied has it, or was written meanwhile.
        let copied = self.put_file(to, &path, Condition::Always)?;
        match copied == from.etag {
            true => Ok(copied),
            false => Err(changed()),
        }
    }

    fn put_file(&self, key: &Key, file: &Path, condition: Condition) -> Result<Etag, StoreError> {
        let mut source = regular::open(file).map_err(|error| local_file_error(file, &error))?;
        self.write(key, &condition, |target| {
            writing::copy(&mut source, target).map_err(|failure| match failure {
                writing::CopyFailure::Reading(error) => local_file_error(file, &error),
                writing::CopyFailure::Writing(error) => write_error(self.object_uri(key), &error),
            })
        })
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
        listing::list(&self.root, prefix)
    }

    fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.remove(key)
    }

    fn hidden(&self, remove_abandoned: bool) -> Result<Vec<Hidden>, StoreError> {
        hidden::find(&self.root, remove_abandoned)
    }
}

/// Whether a path names something, even a link that leads nowhere.
fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
