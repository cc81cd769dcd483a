//! Where the files go: the caller's store, or a directory.

use std::io;
use std::path::PathBuf;

/// Takes finished files. A path is relative, with `/` between its parts.
pub trait Sink {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()>;
}

impl<F: FnMut(&str, Vec<u8>) -> io::Result<()>> Sink for F {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        self(path, bytes)
    }
}

/// Files in a directory. Each is written aside and then renamed: a reader never sees half of one.
#[derive(Debug, Clone)]
pub struct Directory(pub PathBuf);

impl Sink for Directory {
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        let target = self.0.join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let aside = target.with_extension("partial");
        std::fs::write(&aside, bytes)?;
        std::fs::rename(&aside, &target)
    }
}
