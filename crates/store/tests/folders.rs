//! Folders come with their first object and go with their last.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::thread;

use millrace_store::{Key, Store};

/// Whether somebody waits for a lock of the file with this inode: the kernel lists them behind an arrow.
fn is_waited_for(inode: u64) -> bool {
    let listed = fs::read_to_string("/proc/locks").unwrap();
    let ending = format!(":{inode} 0 EOF");
    listed
        .lines()
        .any(|line| line.contains("-> FLOCK") && line.ends_with(&ending))
}

/// Whoever is about to fill a folder holds it, and meets it as it was until it lets go.
#[test]
fn an_empty_folder_that_somebody_holds_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    let key = Key::new("outer/inner/1").unwrap();
    store.put(&key, "1").unwrap();
    let outer = folder.path().join("outer");
    let held = File::open(&outer).unwrap();
    held.lock().unwrap();
    let inode = held.metadata().unwrap().ino();

    thread::scope(|scope| {
        let deleting = scope.spawn(|| store.delete(&key));
        while !deleting.is_finished() && !is_waited_for(inode) {
            thread::yield_now();
        }
        assert!(!outer.join("inner").exists(), "nobody held it");
        assert!(outer.is_dir(), "it was removed while it was held");
        fs::write(outer.join("2"), "2").unwrap();
        held.unlock().unwrap();
        deleting.join().unwrap().unwrap();
    });
    let left = store.get(&Key::new("outer/2").unwrap()).unwrap();
    assert_eq!(left.bytes, "2");
    // With its last object it goes.
    store.delete(&Key::new("outer/2").unwrap()).unwrap();
    assert!(!outer.exists() && folder.path().exists());
}
