//! Folders: made durably, checked to be inside the root, locked between processes.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::faults_of_files::write_error;
use super::leads_outside;
use crate::StoreError;

/// How often a folder may be removed under our feet, by deletes of its last object, before we give up.
const ATTEMPTS: usize = 100;

/// Makes `folder` below `root` where it is missing, uses it, and gives its real path too. No link may lead outside. While
/// others remove the folder, all of it is tried again.
pub(super) fn prepare<T>(
    root: &Path,
    folder: &Path,
    uri: &str,
    take: impl Fn(&Path) -> io::Result<T>,
) -> Result<(T, PathBuf), StoreError> {
    let taken = || -> io::Result<Option<(T, PathBuf)>> {
        let Some(real) = made(root, folder)? else {
            return Ok(None);
        };
        Ok(Some((take(&real)?, real)))
    };
    for _ in 0..ATTEMPTS {
        match taken() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(write_error(uri.to_owned(), &error)),
            Ok(taken) => return taken.ok_or_else(|| leads_outside(uri.to_owned())),
        }
    }
    Err(StoreError::Unavailable {
        uri: uri.to_owned(),
        detail: "its folder is removed again and again by others".to_owned(),
    })
}

/// Nothing when a link leads outside.
fn made(root: &Path, folder: &Path) -> io::Result<Option<PathBuf>> {
    make_durably(root)?;
    let real_root = root.canonicalize()?;
    if !nearest_existing(folder)
        .canonicalize()?
        .starts_with(&real_root)
    {
        return Ok(None);
    }
    make_durably(folder)?;
    let real_folder = folder.canonicalize()?;
    Ok(real_folder.starts_with(&real_root).then_some(real_folder))
}

/// The folder itself, or the closest one above it that exists.
fn nearest_existing(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(folder)
}

/// Like `create_dir_all`, but a crash of the machine afterwards does not lose the folders: also not those that
/// another process made and had no time to make durable.
fn make_durably(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|path| !path.is_dir())
        .collect();
    if !missing.is_empty() {
        fs::create_dir_all(folder)?;
    }
    for (made, parent) in unproven(folder)?.iter().rev() {
        match sync(parent) {
            // Where others may not look, nobody else's folder can be made durable.
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied
                    && !missing.contains(&made.path.as_path()) => {}
            result => {
                result?;
                proven().insert(made.clone());
            }
        }
    }
    Ok(())
}

/// A folder as it is now: one that is removed and made again under its name is another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Made {
    path: PathBuf,
    device: u64,
    inode: u64,
    born: Option<SystemTime>,
}

impl Made {
    fn at(path: &Path) -> io::Result<Made> {
        let metadata = fs::metadata(path)?;
        let (device, inode) = numbers(&metadata);
        Ok(Made {
            path: path.to_path_buf(),
            device,
            inode,
            // Numbers of inodes are given again.
            born: metadata.created().ok(),
        })
    }
}

/// The folders whose names this process has made durable.
fn proven() -> MutexGuard<'static, HashSet<Made>> {
    static PROVEN: LazyLock<Mutex<HashSet<Made>>> = LazyLock::new(Mutex::default);
    PROVEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder and those above it that this process has not made durable, from the folder upwards, each with the
/// one that has its name. Above a mount there are no names of ours.
fn unproven(folder: &Path) -> io::Result<Vec<(Made, &Path)>> {
    let mut found = Vec::new();
    for (path, parent) in folder.ancestors().zip(folder.ancestors().skip(1)) {
        let made = Made::at(path)?;
        let is_mount = numbers(&fs::metadata(parent)?).0 != made.device;
        if is_mount || proven().contains(&made) {
            break;
        }
        found.push((made, parent));
    }
    Ok(found)
}

/// Makes the names in a folder durable. That some file systems cannot is not the caller's concern.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(test)]
    tests::SYNCED.with_borrow_mut(|synced| synced.push(folder.to_path_buf()));
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

fn is_same(held: &File, folder: &Path) -> io::Result<bool> {
    Ok(numbers(&held.metadata()?) == numbers(&fs::metadata(folder)?))
}

/// Of the device and of the inode.
#[cfg(unix)]
fn numbers(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn numbers(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::cell::RefCell;

    thread_local! {
        /// Every folder that was made durable, in order.
        pub(super) static SYNCED: RefCell<Vec<PathBuf>> = const { RefCell::new(Vec::new()) };
    }

    fn synced(act: impl FnOnce()) -> Vec<PathBuf> {
        SYNCED.take();
        act();
        SYNCED.take()
    }

    #[test]
    fn folders_that_another_process_made_are_made_durable_too() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("store");
        // Another process came as far as this, and died.
        let deep = root.join("runs/r1");
        fs::create_dir_all(&deep).unwrap();
        let prepare = || drop(prepare(&root, &deep, "uri", |_| Ok(())).unwrap());
        let first = synced(prepare);
        let wanted = [folder.path().to_path_buf(), root.clone(), root.join("runs")];
        for parent in &wanted {
            assert!(first.contains(parent), "{parent:?} is not in {first:?}");
        }
        assert_eq!(synced(prepare), Vec::<PathBuf>::new(), "once is enough");

        // The same name, another folder.
        fs::remove_dir(&deep).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::create_dir(&deep).unwrap();
        assert_eq!(synced(prepare), [root.join("runs")]);
    }

    #[test]
    fn folders_that_this_process_makes_are_made_durable() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("store");
        let deep = root.join("runs/r1");
        let all = synced(|| drop(prepare(&root, &deep, "uri", |_| Ok(())).unwrap()));
        for parent in [folder.path(), &root, &root.join("runs")] {
            assert!(all.iter().any(|path| path == parent), "{parent:?}");
        }
    }
}
