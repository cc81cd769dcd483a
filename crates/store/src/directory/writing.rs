//! Writing aside, then into place in one step: what makes a crash at any moment harmless.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, PersistError};

use super::faults_of_files::write_error;
use super::{DirectoryBackend, folder, is_taken, leads_outside, listing};
use crate::backend::{Backend, Condition};
use crate::{Etag, Key, StoreError, regular};

/// Begins with what `Key` refuses, so that no object can ever have such a name.
pub(super) const TEMPORARY_PREFIX: &str = ".tmp-millrace-";
/// A file that nobody has written to for so long belongs to a process that has died.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);
const BLOCK_BYTES: usize = 1 << 20;
/// How often a folder may be removed under our feet, by deletes of its last object, before we give up.
const FOLDER_ATTEMPTS: usize = 100;

impl DirectoryBackend {
    /// `fill` writes the content and gives its mark.
    pub(super) fn write(
        &self,
        key: &Key,
        condition: &Condition,
        fill: impl FnOnce(&mut File) -> Result<Etag, StoreError>,
    ) -> Result<Etag, StoreError> {
        let uri = self.object_uri(key);
        let failed = |error: io::Error| write_error(uri.clone(), &error);
        let (mut temporary, folder) = self.temporary_beside(key, &uri)?;
        let etag = fill(temporary.as_file_mut())?;
        temporary.as_file().sync_all().map_err(failed)?;

        let target = folder.join(key.file_name());
        // From here to the end no other writer may come between the check and the rename.
        let _held = folder::lock(&folder).map_err(failed)?;
        match condition {
            Condition::Always => place(temporary, &target, &uri)?,
            Condition::Absent => place_if_absent(temporary, &target, &uri)?,
            Condition::Unchanged(expected) => {
                if !is_in_state(&target, expected).map_err(failed)? {
                    return Err(StoreError::Changed { uri });
                }
                place(temporary, &target, &uri)?;
            }
        }
        folder::sync(&folder).map_err(failed)?;
        Ok(etag)
    }

    fn temporary_beside(
        &self,
        key: &Key,
        uri: &str,
    ) -> Result<(NamedTempFile, std::path::PathBuf), StoreError> {
        let parent = key.parent().map_or_else(
            || self.root.clone(),
            |parent| self.root.join(parent.as_str()),
        );
        let mut attempts = 0;
        loop {
            attempts += 1;
            let made = folder::prepare(&self.root, &parent, uri).and_then(|folder| {
                let temporary = new_temporary(&folder).map_err(|error| (error, folder.clone()));
                match temporary {
                    Ok(temporary) => Ok(Some((temporary, folder))),
                    Err((error, _)) if error.kind() == ErrorKind::NotFound => Ok(None),
                    Err((error, _)) => Err(write_error(uri.to_owned(), &error)),
                }
            })?;
            if let Some((temporary, folder)) = made {
                self.sweep(&folder);
                return Ok((temporary, folder));
            }
            if attempts == FOLDER_ATTEMPTS {
                let detail = "its folder is removed again and again by others".to_owned();
                return Err(StoreError::Unavailable {
                    uri: uri.to_owned(),
                    detail,
                });
            }
        }
    }

    pub(super) fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let uri = self.object_uri(key);
        let Ok(root) = self.root.canonicalize() else {
            return Ok(());
        };
        let parent = key
            .parent()
            .map_or_else(|| root.clone(), |parent| root.join(parent.as_str()));
        let Ok(folder) = parent.canonicalize() else {
            return Ok(());
        };
        if !folder.starts_with(&root) {
            return Err(leads_outside(uri));
        }
        let removed = folder::lock(&folder).and_then(|_held| {
            let target = folder.join(key.file_name());
            if target.is_dir() && !target.is_symlink() {
                return Ok(()); // A folder is not an object.
            }
            fs::remove_file(&target)?;
            folder::sync(&folder)
        });
        match removed {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(())
            }
            Err(error) => Err(write_error(uri, &error)),
            Ok(()) => {
                remove_empty_folders(&folder, &root);
                Ok(())
            }
        }
    }

    /// Once for each folder and handle: a crashed writer's leftovers cost space, nothing else.
    fn sweep(&self, folder: &Path) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if !swept.insert(folder.to_path_buf()) {
            return;
        }
        drop(swept);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_ours = name
                .to_str()
                .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX));
            if is_ours && is_abandoned(&entry) && fs::remove_file(entry.path()).is_ok() {
                tracing::info!(file = %entry.path().display(), "removed what a crashed writer left");
            }
        }
    }
}

fn is_abandoned(entry: &fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    let age = modified
        .ok()
        .and_then(|time| SystemTime::now().duration_since(time).ok());
    age.is_some_and(|age| age > ABANDONED_AFTER)
}

fn new_temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).rand_bytes(16);
    // An object is as readable as any new file of this user, not only for the user.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn place(temporary: NamedTempFile, target: &Path, uri: &str) -> Result<(), StoreError> {
    let placed = temporary.persist(target);
    placed
        .map(drop)
        .map_err(|PersistError { error, .. }| write_error(uri.to_owned(), &error))
}

/// The kernel refuses to replace, so that even a writer that knows of no lock is not overwritten.
fn place_if_absent(temporary: NamedTempFile, target: &Path, uri: &str) -> Result<(), StoreError> {
    match temporary.persist_noclobber(target) {
        Ok(_) => Ok(()),
        Err(_) if is_folder(target) => {
            let detail = "there is a folder of that name".to_owned();
            Err(StoreError::Conflict {
                uri: uri.to_owned(),
                detail,
            })
        }
        Err(_) if is_taken(target) => Err(StoreError::AlreadyExists {
            uri: uri.to_owned(),
        }),
        Err(PersistError { error, .. }) => Err(write_error(uri.to_owned(), &error)),
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Whether the object is there, in the state that `expected` marks.
fn is_in_state(target: &Path, expected: &Etag) -> io::Result<bool> {
    let current = match regular::open(target) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
            return Ok(false);
        }
        opened => opened?,
    };
    let metadata = current.metadata()?;
    if listing::is_listing_mark(expected) {
        return Ok(listing::mark(&metadata) == *expected);
    }
    Ok(digest(current)?.1 == *expected)
}

/// A folder exists only for the objects in it. Whoever fills it at this moment makes the removal fail.
fn remove_empty_folders(folder: &Path, root: &Path) {
    for emptied in folder.ancestors().take_while(|path| *path != root) {
        if fs::remove_dir(emptied).is_err() {
            return;
        }
    }
}

pub(super) enum CopyFailure {
    Reading(io::Error),
    Writing(io::Error),
}

/// Copies and digests in one pass, a block at a time.
pub(super) fn copy(source: &mut impl Read, target: &mut impl Write) -> Result<Etag, CopyFailure> {
    let mut digest = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let length = match source.read(&mut block) {
            Ok(0) => return Ok(Etag::new(hex::encode(digest.finalize()))),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyFailure::Reading(error)),
        };
        digest.update(&block[..length]);
        target
            .write_all(&block[..length])
            .map_err(CopyFailure::Writing)?;
    }
}

/// Size and mark of a file's content.
pub(super) fn digest(file: File) -> io::Result<(u64, Etag)> {
    let mut counter = Counter(0);
    let mut reader = BufReader::new(file);
    match copy(&mut reader, &mut counter) {
        Ok(etag) => Ok((counter.0, etag)),
        Err(CopyFailure::Reading(error) | CopyFailure::Writing(error)) => Err(error),
    }
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, block: &[u8]) -> io::Result<usize> {
        self.0 += block.len() as u64;
        Ok(block.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
