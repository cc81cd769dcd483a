//! A file that is being written. On Linux it has no name until it is whole, so that a process that dies leaves
//! nothing of it. Where a name is unavoidable (it replaces an object, or the file system knows no files without
//! names) it is hidden and locked: whoever finds one whose lock is free knows that its writer is dead.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::{NamedTempFile, TempPath};

/// Begins with what `Key` refuses, so that no object can ever have such a name.
pub(crate) const TEMPORARY_PREFIX: &str = ".tmp-millrace-";
/// Where files cannot be locked, one that nobody has written to for so long belongs to a process that has died.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);
/// How often a new name may be swept away before it is locked.
const ATTEMPTS: usize = 100;

/// The content of an object to be. Dropped, it is gone.
#[derive(Debug)]
pub(crate) enum Aside {
    Unnamed(File),
    Named(NamedTempFile),
}

impl Aside {
    /// For an object in `folder`. Names lie in `root` where that is the same file system, so that one look there
    /// finds all that was left.
    pub(crate) fn make(root: &Path, folder: &Path) -> io::Result<Aside> {
        match unnamed(folder)? {
            Some(file) => Ok(Aside::Unnamed(file)),
            None => named(hiding_place(root, folder)).map(Aside::Named),
        }
    }

    pub(crate) fn file(&mut self) -> &mut File {
        match self {
            Aside::Unnamed(file) => file,
            Aside::Named(file) => file.as_file_mut(),
        }
    }

    /// Gives it its name, whatever has that name now.
    pub(crate) fn place(self, root: &Path, target: &Path) -> io::Result<()> {
        match self {
            Aside::Named(file) => file.persist(target).map(drop).map_err(|error| error.error),
            Aside::Unnamed(file) => match link(&file, target) {
                // Only a rename replaces, and only what has a name can be renamed.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let folder = target.parent().unwrap_or(root);
                    let path = linked(&file, hiding_place(root, folder))?;
                    path.persist(target).map_err(|error| error.error)
                }
                result => result,
            },
        }
    }

    /// Gives it its name where nothing has that name: the kernel refuses to replace, so that even a writer
    /// that knows of no lock is not overwritten.
    pub(crate) fn place_if_absent(self, target: &Path) -> io::Result<()> {
        match self {
            Aside::Named(file) => file
                .persist_noclobber(target)
                .map(drop)
                .map_err(|error| error.error),
            Aside::Unnamed(file) => link(&file, target),
        }
    }
}

fn hiding_place<'a>(root: &'a Path, folder: &'a Path) -> &'a Path {
    match is_same_device(root, folder) {
        true => root,
        false => folder,
    }
}

#[cfg(unix)]
fn is_same_device(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    device(one).is_some_and(|found| Some(found) == device(other))
}

#[cfg(not(unix))]
fn is_same_device(_: &Path, _: &Path) -> bool {
    false
}

/// A file without a name, where the file system and the kernel can make one and name it later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::OpenOptionsExt;
    if !has_descriptors() {
        return Ok(None);
    }
    let opened = fs::OpenOptions::new()
        .read(true)
        .write(true)
        // An object is as readable as any new file of this user, not only for the user.
        .mode(0o666)
        .custom_flags(rustix::fs::OFlags::TMPFILE.bits().cast_signed())
        .open(folder);
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if knows_none(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What kernels and file systems answer that have no files without names.
#[cfg(target_os = "linux")]
fn knows_none(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let answers = [Errno::OPNOTSUPP, Errno::ISDIR, Errno::INVAL, Errno::NOSYS];
    answers
        .iter()
        .any(|answer| error.raw_os_error() == Some(answer.raw_os_error()))
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

/// Whether this process can name what it has open.
#[cfg(target_os = "linux")]
pub(crate) fn has_descriptors() -> bool {
    static FOUND: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *FOUND.get_or_init(|| Path::new(DESCRIPTORS).is_dir())
}

#[cfg(target_os = "linux")]
const DESCRIPTORS: &str = "/proc/self/fd";

/// The path under which this process, and no other, finds an open file again.
#[cfg(target_os = "linux")]
pub(crate) fn path_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    Path::new(DESCRIPTORS).join(file.as_raw_fd().to_string())
}

#[cfg(target_os = "linux")]
fn link(file: &File, target: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let linked = linkat(CWD, path_of(file), CWD, target, AtFlags::SYMLINK_FOLLOW);
    linked.map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// A hidden name for a file that has none. The lock comes first, so that nobody takes it for abandoned.
fn linked(file: &File, folder: &Path) -> io::Result<TempPath> {
    lock(file)?;
    let made = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .rand_bytes(16)
        .make_in(folder, |path| link(file, path));
    Ok(made?.into_temp_path())
}

/// A hidden file with a name, locked.
pub(crate) fn named(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).rand_bytes(16);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    for _ in 1..ATTEMPTS {
        let file = builder.tempfile_in(folder)?;
        lock(file.as_file())?;
        // Between its making and its lock somebody may have taken it for abandoned.
        if file.path().exists() {
            return Ok(file);
        }
    }
    Err(io::Error::new(
        ErrorKind::ResourceBusy,
        "others remove every file that is made there",
    ))
}

/// File systems without locks keep the old rule: a day without a write.
fn lock(file: &File) -> io::Result<()> {
    match file.lock() {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        result => result,
    }
}

/// Whether a file's name is one of those that only files have that are being written.
pub(crate) fn is_temporary(name: &std::ffi::OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX))
}

/// The file, locked against its writer, when whoever wrote it has died; nothing while it is being written.
fn abandoned(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Error(_)) => {
            let modified = file.metadata().and_then(|metadata| metadata.modified());
            let age = SystemTime::now().duration_since(modified.ok()?).ok()?;
            (age > ABANDONED_AFTER).then_some(file)
        }
    }
}

/// Whether the file's writer has died; with `remove` the file is gone then.
pub(crate) fn is_abandoned(path: &Path, remove: bool) -> io::Result<bool> {
    // The lock is held until the file is gone, or its writer could get it in between.
    let Some(_held) = abandoned(path) else {
        return Ok(false);
    };
    if remove {
        fs::remove_file(path)?;
        tracing::info!(file = %path.display(), "removed what a writer that died had left");
    }
    Ok(true)
}

/// Removes what dead writers left in a folder: it may be rows that nobody else looks for.
pub(crate) fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // Opening anything else than a file could block for ever, in a folder where others write too.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_temporary(&entry.file_name()) {
            // Another may have been quicker; what cannot be removed is told by `Store::hidden`.
            let _ = is_abandoned(&entry.path(), true);
        }
    }
}
