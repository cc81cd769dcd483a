//! Opening a file of the local disk that must be a file: a pipe, a device or a socket would block for ever, or
//! do something when it is opened.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a regular file, or the one that a link leads to. Anything else is `ErrorKind::Unsupported` (a folder is
/// `IsADirectory`), and is not opened.
pub fn open(path: &Path) -> io::Result<File> {
    check(&fs::metadata(path)?)?;
    let file = without_waiting().open(path)?;
    // Another thing may have come in its place meanwhile.
    check(&file.metadata()?)?;
    Ok(file)
}

/// What is at the path, in a word for people; nothing for a regular file and for a folder.
pub fn other_kind(metadata: &Metadata) -> Option<&'static str> {
    (!metadata.is_file() && !metadata.is_dir()).then(|| kind(metadata))
}

fn check(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    match other_kind(metadata) {
        None => Ok(()),
        Some(kind) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("it is {kind} and not a file"),
        )),
    }
}

/// A pipe that takes a file's place after the first look is opened at once, and seen by the second.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn without_waiting() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    #[cfg(target_os = "linux")]
    const O_NONBLOCK: i32 = 0o4000;
    #[cfg(target_os = "macos")]
    const O_NONBLOCK: i32 = 4;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(O_NONBLOCK);
    options
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    match (kind.is_fifo(), kind.is_socket()) {
        (true, _) => "a pipe",
        (_, true) => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn kind(_: &Metadata) -> &'static str {
    "something else"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "1").unwrap();
        assert!(open(&file).is_ok());
        let kind = |path: &Path| open(path).unwrap_err().kind();
        assert_eq!(kind(folder.path()), io::ErrorKind::IsADirectory);
        assert_eq!(kind(Path::new("/dev/null")), io::ErrorKind::Unsupported);
        let gone = folder.path().join("gone");
        assert_eq!(kind(&gone), io::ErrorKind::NotFound);
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        let error = open(&folder.path().join("socket")).unwrap_err();
        assert_eq!(error.to_string(), "it is a socket and not a file");
    }

    /// Opening a pipe that nobody writes to would wait for ever: this test would not end.
    #[test]
    fn a_pipe_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = open(&pipe).unwrap_err();
        assert_eq!(error.to_string(), "it is a pipe and not a file");
        // Also when it takes the place of a file after the first look.
        let opened = without_waiting().open(&pipe).unwrap();
        assert!(check(&opened.metadata().unwrap()).is_err());
    }
}
