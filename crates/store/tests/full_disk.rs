//! A disk that is full, and one that is read-only: real ones, as far as this machine lets us mount them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::env;
use std::path::PathBuf;
use std::process::Command;

use millrace_skip::skip;
use millrace_store::{Key, Store, StoreError};

const FOLDER_VARIABLE: &str = "MILLRACE_TEST_SMALL_DISK";

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Runs one of the tests below in a name space of its own, in which it may mount.
fn run_inside(test: &str, mount: &str) {
    let folder = tempfile::tempdir().unwrap();
    let can_mount = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "true"])
        .output();
    if !can_mount.is_ok_and(|output| output.status.success()) {
        skip("this machine does not let us mount a small disk");
        return;
    }
    let script = format!("{mount} && exec \"$1\" --ignored --exact {test} --nocapture");
    let inside = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            &script,
            "sh",
        ])
        .arg(env::current_exe().unwrap())
        .env(FOLDER_VARIABLE, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&inside.stdout).into_owned()
        + &String::from_utf8_lossy(&inside.stderr);
    assert!(
        inside.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

fn store_inside() -> Store {
    let folder = PathBuf::from(env::var(FOLDER_VARIABLE).expect("started by run_inside"));
    Store::open(folder.to_str().unwrap()).unwrap()
}

#[test]
fn a_full_disk_is_named_and_nothing_is_changed() {
    run_inside(
        "inside_a_full_disk",
        &format!("mount -t tmpfs -o size=256k tmpfs \"${FOLDER_VARIABLE}\""),
    );
}

#[test]
#[ignore = "is started by the test before it, on a small disk"]
fn inside_a_full_disk() {
    let store = store_inside();
    let etag = store.put(&key("old"), vec![1; 100_000]).unwrap();
    let full = |error: StoreError| assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    let large = vec![2; 1_000_000];
    full(store.put(&key("old"), large.clone()).unwrap_err());
    full(store.put_if_absent(&key("new"), large.clone()).unwrap_err());
    full(
        store
            .replace_if_unchanged(&key("old"), large.clone(), &etag)
            .unwrap_err(),
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &large).unwrap();
    full(store.put_file(&key("new"), file.path()).unwrap_err());
    assert_eq!(store.get(&key("old")).unwrap().bytes, vec![1; 100_000]);
    assert_eq!(store.list("").unwrap().len(), 1);
    store
        .put(&key("new"), vec![3; 100_000])
        .expect("the space of failed writes is free again");
}

#[test]
fn a_read_only_disk_is_named_and_can_be_read() {
    let folder = format!("\"${FOLDER_VARIABLE}\"");
    let write = format!("mkdir {folder}/a && printf 1 > {folder}/a/b");
    let mount = format!("mount -t tmpfs tmpfs {folder} && {write} && mount -o remount,ro {folder}");
    run_inside("inside_a_read_only_disk", &mount);
}

#[test]
#[ignore = "is started by the test before it, on a read-only disk"]
fn inside_a_read_only_disk() {
    let store = store_inside();
    let read_only =
        |error: StoreError| assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    let object = store.get(&key("a/b")).unwrap();
    assert_eq!(object.bytes, "1");
    assert_eq!(store.list("").unwrap().len(), 1);
    assert_eq!(store.head(&key("a/b")).unwrap().etag, object.etag);
    read_only(store.put(&key("a/b"), "2").unwrap_err());
    read_only(store.put(&key("new/c"), "2").unwrap_err());
    read_only(store.put_if_absent(&key("a/c"), "2").unwrap_err());
    read_only(
        store
            .replace_if_unchanged(&key("a/b"), "2", &object.etag)
            .unwrap_err(),
    );
    read_only(store.delete(&key("a/b")).unwrap_err());
}
