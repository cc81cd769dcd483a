//! Folders: made durably, checked to be inside the root, locked between processes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::faults_of_files::write_error;
use super::leads_outside;
use crate::StoreError;

/// Makes `folder` below `root` where it is missing, and gives its real path. No link may lead outside.
pub(super) fn prepare(root: &Path, folder: &Path, uri: &str) -> Result<PathBuf, StoreError> {
    let failed = |error: io::Error| write_error(uri.to_owned(), &error);
    make_durably(root).map_err(failed)?;
    let real_root = root.canonicalize().map_err(failed)?;
    let nearest = nearest_existing(folder).canonicalize().map_err(failed)?;
    if !nearest.starts_with(&real_root) {
        return Err(leads_outside(uri.to_owned()));
    }
    make_durably(folder).map_err(failed)?;
    let real_folder = folder.canonicalize().map_err(failed)?;
    if !real_folder.starts_with(&real_root) {
        return Err(leads_outside(uri.to_owned()));
    }
    Ok(real_folder)
}

/// The folder itself, or the closest one above it that exists.
fn nearest_existing(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(folder)
}

/// Like `create_dir_all`, but a crash afterwards does not lose the new folders.
fn make_durably(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|path| !path.is_dir())
        .collect();
    fs::create_dir_all(folder)?;
    for made in missing.iter().rev() {
        if let Some(parent) = made.parent() {
            sync(parent)?;
        }
    }
    Ok(())
}

/// Makes the names in a folder durable. That some file systems cannot is not the caller's concern.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Holds a folder against every other writer, of this process and others, until it is dropped. The
/// system frees it when the process dies. The folder itself is what is locked: nothing is left behind.
#[derive(Debug)]
pub(super) struct FolderLock {
    _held: File,
}

pub(super) fn lock(folder: &Path) -> io::Result<FolderLock> {
    loop {
        let held = File::open(folder)?;
        held.lock()?;
        // While this one waited, the folder may have been removed, emptied, and made again.
        if is_same(&held, folder)? {
            return Ok(FolderLock { _held: held });
        }
    }
}

#[cfg(unix)]
fn is_same(held: &File, folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (ours, current) = (held.metadata()?, fs::metadata(folder)?);
    Ok(ours.ino() == current.ino() && ours.dev() == current.dev())
}

#[cfg(not(unix))]
fn is_same(_held: &File, _folder: &Path) -> io::Result<bool> {
    Ok(true)
}
