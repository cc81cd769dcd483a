//! Disks that are full, read-only or somebody else's, met by the command itself: errors by name, nothing half
//! written, and a run that is taken up when there is room again.
//!
//! The disks are mounted in a name space of the test's own. Root heeds no permissions, so where the tests run
//! as root the command runs as nobody.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use millrace_skip::skip;
use support::quick::{digests, quick_spec};
use support::{Workshop, program};

const FOLDER: &str = "MILLRACE_TEST_DISK";
const RUN: [&str; 5] = ["run", "--run-id", "k", "--at", "2026-11-01T08:00:00Z"];
const NOBODY: &str = "65534";

/// Runs one of the tests below in a name space of its own, in which it may mount.
fn inside(test: &str, workshop: &Workshop) {
    let apart = ["--user", "--map-root-user", "--mount"];
    let can_mount = Command::new("unshare").args(apart).arg("true").output();
    if !can_mount.is_ok_and(|output| output.status.success()) {
        skip("this machine does not let us mount a disk");
        return;
    }
    let output = Command::new("unshare")
        .args(apart)
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test, "--nocapture"])
        .env(FOLDER, workshop.path(""))
        .output()
        .unwrap();
    let told = told(&output);
    println!("{told}");
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The folder that `inside` was given.
fn folder() -> PathBuf {
    PathBuf::from(std::env::var(FOLDER).unwrap())
}

fn shell(command: &str) {
    let output = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(output.status.success(), "{command}: {}", told(&output));
}

fn millrace(store: &Path, arguments: &[&str]) -> Output {
    Command::new(program("millrace"))
        .env(support::OTHER_CLOCK, "1")
        .arg("--store")
        .arg(store)
        .args(arguments)
        .current_dir(store.parent().unwrap())
        .output()
        .unwrap()
}

/// The name of the error that the command ended with.
#[track_caller]
fn failed(output: &Output) -> String {
    let said = told(output);
    assert!(!output.status.success(), "{said}");
    let line = said.lines().find_map(|line| line.strip_prefix("error: "));
    let name = line.and_then(|line| line.split(':').next());
    name.unwrap_or_else(|| panic!("no name: {said}")).to_owned()
}

/// What `millrace run` is given in that folder.
fn whole_run(folder: &Path) -> Vec<String> {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let fixed = RUN.iter().map(|word| (*word).to_owned());
    let data = ["--data".into(), path("customers")];
    let spec = ["--spec".into(), path("models/engagement.toml")];
    fixed.chain(data).chain(spec).collect()
}

fn prepared() -> Workshop {
    let workshop = Workshop::default();
    workshop.customers("customers", 1_000);
    quick_spec(&workshop);
    workshop
}

/// Every file is whole: a document can be read, a table ends as it must, nothing lies aside.
fn check_whole(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            check_whole(&path);
            continue;
        }
        let (name, bytes) = (path.display().to_string(), fs::read(&path).unwrap());
        assert!(!name.contains(".tmp-"), "{name} lies aside");
        if name.ends_with(".json") {
            let values = serde_json::Deserializer::from_slice(&bytes);
            for value in values.into_iter::<serde_json::Value>() {
                assert!(value.is_ok(), "{name} is not whole");
            }
        }
        if name.ends_with(".parquet") {
            assert!(bytes.ends_with(b"PAR1"), "{name} is not whole");
        }
        assert!(
            !bytes.is_empty() || name.contains(".lock"),
            "{name} is empty"
        );
    }
}

#[test]
fn a_disk_that_is_full_at_any_moment_is_named_and_the_run_taken_up() {
    inside("inside_a_full_disk", &prepared());
}

#[test]
#[ignore = "is started by the test before it, where it may mount"]
fn inside_a_full_disk() {
    let (folder, plenty) = (folder(), folder().join("plenty"));
    let run = whole_run(&folder);
    let run: Vec<&str> = run.iter().map(String::as_str).collect();
    let output = millrace(&plenty, &run);
    assert!(output.status.success(), "{}", told(&output));
    let expected = digests(&plenty);
    let mut kilobytes = 24;
    let mut names = Vec::new();
    loop {
        let store = folder.join(format!("disk-{kilobytes}"));
        fs::create_dir(&store).unwrap();
        let place = store.display();
        shell(&format!(
            "mount -t tmpfs -o size={kilobytes}k tmpfs {place}"
        ));
        let output = millrace(&store, &run);
        if output.status.success() {
            break;
        }
        names.push((kilobytes, failed(&output)));
        check_whole(&store);
        shell(&format!("mount -o remount,size=100m {place}"));
        let resumed = millrace(&store, &["resume", "k"]);
        if !resumed.status.success() {
            assert_eq!(failed(&resumed), "RunNotFound");
            let output = millrace(&store, &run);
            assert!(output.status.success(), "{}", told(&output));
        }
        assert_eq!(digests(&store), expected, "{kilobytes} KiB");
        shell(&format!("umount {place}"));
        kilobytes = kilobytes * 3 / 2;
    }
    println!("full at so many KiB: {names:?}");
    assert!(names.len() > 4, "{names:?}");
    assert!(
        names.iter().all(|(_, name)| name == "StoreFull"),
        "{names:?}"
    );
}

#[test]
fn a_full_scratch_disk_is_named() {
    inside("inside_a_full_scratch_disk", &prepared());
}

#[test]
#[ignore = "is started by the test before it, where it may mount"]
fn inside_a_full_scratch_disk() {
    let (store, scratch) = (folder().join("store"), folder().join("scratch"));
    let run = whole_run(&folder());
    let run: Vec<&str> = run.iter().map(String::as_str).collect();
    assert!(millrace(&store, &run).status.success());
    fs::create_dir(&scratch).unwrap();
    shell(&format!(
        "mount -t tmpfs -o size=4k tmpfs {}",
        scratch.display()
    ));
    let score = Command::new(program("millrace"))
        .env(support::OTHER_CLOCK, "1")
        .arg("--store")
        .arg(&store)
        .args(["score", "--run-id", "s", "--data", run[6]])
        .env("TMPDIR", &scratch)
        .output()
        .unwrap();
    let name = failed(&score);
    assert!(["NoScratch", "TableUnwritable"].contains(&&*name), "{name}");
    assert!(!store.join("runs/s/score-00000/output.json").exists());
}

#[test]
fn a_disk_that_is_read_only_is_named_and_can_be_asked() {
    inside("inside_a_read_only_disk", &prepared());
}

#[test]
#[ignore = "is started by the test before it, where it may mount"]
fn inside_a_read_only_disk() {
    let store = folder().join("store");
    fs::create_dir(&store).unwrap();
    let place = store.display();
    shell(&format!("mount -t tmpfs tmpfs {place}"));
    let run = whole_run(&folder());
    let run: Vec<&str> = run.iter().map(String::as_str).collect();
    assert!(millrace(&store, &run).status.success());
    shell(&format!("mount -o remount,ro {place}"));
    let before = digests(&store);
    let again: Vec<&str> = run
        .iter()
        .map(|word| if *word == "k" { "other" } else { word })
        .collect();
    assert_eq!(failed(&millrace(&store, &again)), "StoreReadOnly");
    let score = ["score", "--run-id", "s", "--data", run[6]];
    assert_eq!(failed(&millrace(&store, &score)), "StoreReadOnly");
    assert_eq!(failed(&millrace(&store, &["resume", "k"])), "StoreReadOnly");
    let query = millrace(&store, &["query", "SELECT count(*) FROM predictions"]);
    assert!(query.status.success(), "{}", told(&query));
    assert_eq!(digests(&store), before);
}

#[test]
fn a_store_of_somebody_else_is_named() {
    let workshop = prepared();
    let (folder, store) = (workshop.path(""), workshop.path("store"));
    let run = whole_run(&folder);
    let run: Vec<&str> = run.iter().map(String::as_str).collect();
    assert!(millrace(&store, &run).status.success());
    let before = digests(&store);
    // Everybody may read, nobody may write; the program may lie where nobody else can go.
    shell(&format!("chmod -R a+rX,a-w {}", folder.display()));
    let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    open(&folder, 0o755).unwrap();
    let copy = folder.join("millrace");
    fs::copy(program("millrace"), &copy).unwrap();
    open(&copy, 0o755).unwrap();
    let is_root = fs::metadata(&folder).unwrap().uid() == 0;
    let as_nobody = |arguments: &[&str]| {
        let mut command = if is_root {
            let ids = [&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}")];
            let mut command = Command::new("setpriv");
            command.args(ids).arg("--clear-groups").arg(&copy);
            command
        } else {
            Command::new(&copy)
        };
        command.arg("--store").arg(&store).args(arguments);
        command.env(support::OTHER_CLOCK, "1");
        command.current_dir(&folder).output().unwrap()
    };
    let query = as_nobody(&["query", "SELECT count(*) FROM predictions"]);
    assert!(query.status.success(), "{}", told(&query));
    let score = ["score", "--run-id", "s", "--data", run[6]];
    assert_eq!(failed(&as_nobody(&score)), "StoreAccessDenied");
    let again: Vec<&str> = run
        .iter()
        .map(|word| if *word == "k" { "other" } else { word })
        .collect();
    assert_eq!(failed(&as_nobody(&again)), "StoreAccessDenied");
    assert_eq!(digests(&store), before);
    // So that the folder can be removed.
    shell(&format!("chmod -R u+w {}", folder.display()));
}
