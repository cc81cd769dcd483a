//! The objects of a directory: every file whose path is a valid key, and nothing else.

use std::fs::{self, DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::faults_of_files::read_error;
use crate::{Etag, Key, ObjectInfo, StoreError};

/// A listing does not read files, so its marks are of another kind than the digests of content.
const MARK_PREFIX: &str = "stat-";

pub(super) fn list(root: &Path, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
    let Ok(real_root) = root.canonicalize() else {
        return Ok(Vec::new()); // Nothing has been written yet.
    };
    // Only the folder that the prefix names can hold what begins with it.
    let start = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = real_root.join(start);
    let inside = folder
        .canonicalize()
        .is_ok_and(|path| path.starts_with(&real_root));
    if !inside {
        return Ok(Vec::new());
    }
    let mut walk = Walk {
        root: &real_root,
        prefix,
        found: Vec::new(),
    };
    let mut folders = vec![(folder, start.to_owned())];
    while let Some((path, key)) = folders.pop() {
        let entered = walk.visit(&path, &key, &mut folders);
        entered.map_err(|error| read_error(format!("file://{}", path.display()), &error))?;
    }
    walk.found
        .sort_unstable_by(|left, right| left.key.cmp(&right.key));
    Ok(walk.found)
}

struct Walk<'a> {
    root: &'a Path,
    prefix: &'a str,
    found: Vec<ObjectInfo>,
}

impl Walk<'_> {
    fn visit(
        &mut self,
        folder: &Path,
        folder_key: &str,
        folders: &mut Vec<(PathBuf, String)>,
    ) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if is_gone(&error) => return Ok(()), // Removed meanwhile.
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Some(key) = key_of(&entry, folder_key) else {
                continue;
            };
            if !key.as_str().starts_with(self.prefix) && !self.prefix.starts_with(key.as_str()) {
                continue;
            }
            match self.metadata(&entry) {
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
                Ok(None) => {}
                Ok(Some(metadata)) if metadata.is_dir() => folders.push((entry.path(), key.into())),
                Ok(Some(metadata)) => self.add(key, &metadata),
            }
        }
        Ok(())
    }

    fn add(&mut self, key: Key, metadata: &Metadata) {
        if metadata.is_file() && key.as_str().starts_with(self.prefix) {
            self.found.push(ObjectInfo {
                key,
                bytes: metadata.len(),
                etag: mark(metadata),
            });
        }
    }

    /// Links to files inside the root count as files. Links to folders are not followed: they could
    /// lead round in circles, and what they lead to is listed under its own name.
    fn metadata(&self, entry: &DirEntry) -> io::Result<Option<Metadata>> {
        if !entry.file_type()?.is_symlink() {
            return entry.metadata().map(Some);
        }
        let Ok(target) = entry.path().canonicalize() else {
            return Ok(None);
        };
        if !target.starts_with(self.root) || !target.is_file() {
            return Ok(None);
        }
        target.metadata().map(Some)
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn key_of(entry: &DirEntry, folder_key: &str) -> Option<Key> {
    let name = entry.file_name();
    let path = match (name.to_str(), folder_key) {
        (None, _) => None,
        (Some(name), "") => Some(name.to_owned()),
        (Some(name), folder) => Some(format!("{folder}/{name}")),
    };
    let key = path.and_then(|path| Key::new(path).ok());
    if key.is_none() && !super::aside::is_temporary(&name) {
        tracing::warn!(path = %entry.path().display(), "left out of the listing: its name cannot be a key");
    }
    key
}

pub(super) fn is_listing_mark(etag: &Etag) -> bool {
    etag.as_str().starts_with(MARK_PREFIX)
}

pub(super) fn mark(metadata: &Metadata) -> Etag {
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanoseconds = modified.unwrap_or_default().as_nanos();
    Etag::new(format!(
        "{MARK_PREFIX}{:x}-{nanoseconds:x}-{:x}",
        metadata.len(),
        inode(metadata)
    ))
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &Metadata) -> u64 {
    0
}
