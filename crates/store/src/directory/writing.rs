//! Writing aside, then into place in one step: what makes a crash at any moment harmless.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use sha2::{Digest, Sha256};

use super::aside::{self, Aside};
use super::faults_of_files::write_error;
use super::{DirectoryBackend, folder, is_taken, leads_outside, listing};
use crate::backend::{Backend, Condition};
use crate::{Etag, Key, StoreError, regular};

const BLOCK_BYTES: usize = 1 << 20;

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
        let parent = self.folder_of(key);
        let mut aside = self.aside_of(&parent, &uri)?;
        let etag = fill(aside.file())?;
        aside.file().sync_all().map_err(failed)?;

        // What has no name keeps no folder: it may be gone by now. From here to the end no other writer may come
        // between the check and the rename, and nobody removes the folder.
        let (_held, folder) = folder::prepare(&self.root, &parent, &uri, folder::lock)?;
        let target = folder.join(key.file_name());
        match condition {
            Condition::Always => aside.place(&self.root, &target).map_err(failed)?,
            Condition::Absent => place_if_absent(aside, &target, &uri)?,
            Condition::Unchanged(expected) => {
                if !is_in_state(&target, expected).map_err(failed)? {
                    return Err(StoreError::Changed { uri });
                }
                aside.place(&self.root, &target).map_err(failed)?;
            }
        }
        folder::sync(&folder).map_err(failed)?;
        Ok(etag)
    }

    fn folder_of(&self, key: &Key) -> PathBuf {
        let inside = key.parent().map(|parent| self.root.join(parent.as_str()));
        inside.unwrap_or_else(|| self.root.clone())
    }

    /// Where the content is written first.
    fn aside_of(&self, parent: &Path, uri: &str) -> Result<Aside, StoreError> {
        let (aside, folder) = folder::prepare(&self.root, parent, uri, |folder| {
            Aside::make(&self.root, folder)
        })?;
        self.sweep(&self.root);
        self.sweep(&folder);
        Ok(aside)
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

    /// Once for each folder and handle: what writers left that died, which may be rows.
    fn sweep(&self, folder: &Path) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.insert(folder.to_path_buf()) {
            drop(swept);
            aside::sweep(folder);
        }
    }
}

fn place_if_absent(aside: Aside, target: &Path, uri: &str) -> Result<(), StoreError> {
    match aside.place_if_absent(target) {
        Ok(()) => Ok(()),
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
        Err(error) => Err(write_error(uri.to_owned(), &error)),
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

/// A folder exists only for the objects in it. Whoever is about to fill it holds it.
fn remove_empty_folders(folder: &Path, root: &Path) {
    for emptied in folder.ancestors().take_while(|path| *path != root) {
        let removed = folder::lock(emptied).and_then(|_held| fs::remove_dir(emptied));
        if removed.is_err() {
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
