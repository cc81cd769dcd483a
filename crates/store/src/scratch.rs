//! Room for what is too large for memory and belongs to one process: gone when the process ends, however it ends.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::directory::aside;

/// A file of this process alone, in the folder for temporary files (TMPDIR).
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _held: Held,
}

/// What keeps the file alive.
#[derive(Debug)]
enum Held {
    /// It has no name: the system frees it with its last handle, also when the process is killed.
    Unnamed { _file: File },
    /// Where this process cannot name what it has open. A process that is killed leaves it; the next one
    /// finds its lock free, and removes it.
    Named { _file: NamedTempFile },
}

impl Scratch {
    pub fn new() -> io::Result<Scratch> {
        Scratch::within(&std::env::temp_dir())
    }

    fn within(folder: &Path) -> io::Result<Scratch> {
        aside::sweep(folder);
        #[cfg(target_os = "linux")]
        if aside::has_descriptors() {
            let file = tempfile::tempfile_in(folder)?;
            return Ok(Scratch {
                path: aside::path_of(&file),
                _held: Held::Unnamed { _file: file },
            });
        }
        Scratch::named(folder)
    }

    fn named(folder: &Path) -> io::Result<Scratch> {
        let file = aside::named(folder)?;
        Ok(Scratch {
            path: file.path().to_path_buf(),
            _held: Held::Named { _file: file },
        })
    }

    /// The path under which this process may write and read it, and no other can.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    #[test]
    fn scratch_is_written_and_read_by_its_path_and_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::within(folder.path()).unwrap();
        fs::write(scratch.path(), "rows").unwrap();
        assert_eq!(fs::read(scratch.path()).unwrap(), b"rows");
        #[cfg(target_os = "linux")]
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        drop(scratch);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn scratch_with_a_name_is_removed_by_the_next_start_once_its_process_is_dead() {
        let folder = tempfile::tempdir().unwrap();
        let names = || fs::read_dir(folder.path()).unwrap().count();
        let living = Scratch::named(folder.path()).unwrap();
        // What a process leaves that was killed: the file is there, and nobody holds its lock.
        let dead = Scratch::named(folder.path()).unwrap();
        let left = dead.path().to_path_buf();
        let content = fs::read(&left).unwrap();
        drop(dead);
        fs::write(&left, content).unwrap();
        assert_eq!(names(), 2);
        let _next = Scratch::within(folder.path()).unwrap();
        assert!(living.path().exists() && !left.exists());
    }
}
