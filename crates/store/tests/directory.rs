//! What only a directory can do wrong: links, leftovers, odd names, folders in the way.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use millrace_skip::skip;
use millrace_store::{Hidden, Key, Location, Store, StoreError};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn open(folder: &Path) -> Store {
    Store::open(folder.to_str().unwrap()).unwrap()
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        }
        found.push(path.to_str().unwrap().to_owned());
    }
    found
}

#[test]
fn writing_leaves_only_the_object_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let etag = store.put(&key("object"), "1").unwrap();
    store.put_if_absent(&key("object"), "2").unwrap_err();
    store
        .replace_if_unchanged(&key("object"), "3", &etag)
        .unwrap();
    store
        .replace_if_unchanged(&key("object"), "4", &etag)
        .unwrap_err();
    store
        .put_file(&key("object"), Path::new("/nowhere"))
        .unwrap_err();
    store.delete(&key("other")).unwrap();
    assert_eq!(
        files_below(folder.path()),
        [folder.path().join("object").to_str().unwrap()]
    );
    store.put(&key("a/b/c"), "1").unwrap();
    store.delete(&key("a/b/c")).unwrap();
    assert_eq!(files_below(folder.path()).len(), 1, "emptied folders go");
    assert_eq!(fs::read(folder.path().join("object")).unwrap(), b"3");
}

#[test]
fn reading_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("not/yet");
    let store = open(&root);
    store.get(&key("a")).unwrap_err();
    store.delete(&key("a")).unwrap();
    assert!(store.list("").unwrap().is_empty());
    assert!(!root.exists());
}

/// A store that is opened anew stands for another process: locks hold between open files, not threads.
#[test]
fn sixteen_handles_on_one_folder_lose_no_update() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).put(&key("counter"), "").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let store = open(folder.path());
                loop {
                    let object = store.get(&key("counter")).unwrap();
                    let longer = [object.bytes.as_ref(), b"x"].concat();
                    match store.replace_if_unchanged(&key("counter"), longer, &object.etag) {
                        Ok(_) => return,
                        Err(StoreError::Changed { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    assert_eq!(
        open(folder.path()).get(&key("counter")).unwrap().bytes,
        "x".repeat(16)
    );
}

/// Puts and deletes of the last object of a folder, which make and remove that folder all the time.
#[test]
fn a_folder_that_comes_and_goes_disturbs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    std::thread::scope(|scope| {
        for number in 0..8 {
            let store = &store;
            scope.spawn(move || {
                let name = key(&format!("a/b/{number}"));
                for _ in 0..50 {
                    store.put_if_absent(&name, "1").unwrap();
                    assert_eq!(store.get(&name).unwrap().bytes, "1");
                    store.delete(&name).unwrap();
                }
            });
        }
    });
    assert!(store.list("").unwrap().is_empty());
}

/// A file whose lock is free has no writer any more, however young it is.
#[test]
fn what_a_dead_writer_left_is_ignored_and_goes_with_the_next_write() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    let leftover = |name: &str| {
        let path = folder.path().join(name);
        File::create(&path).unwrap();
        path
    };
    let dead = leftover(".tmp-millrace-dead");
    let deep = leftover("deep/.tmp-millrace-dead");
    let foreign = leftover(".tmp-of-another-program");
    let living = leftover(".tmp-millrace-living");
    let held = File::open(&living).unwrap();
    held.lock().unwrap();
    let store = open(folder.path());
    assert!(store.list("").unwrap().is_empty());
    assert!(dead.exists(), "reading removes nothing");
    store.put(&key("a"), "1").unwrap();
    let there = || [&dead, &deep, &foreign, &living].map(|path| path.exists());
    assert_eq!(there(), [false, true, true, true]);

    let uri = |path: &Path| format!("file://{}", path.canonicalize().unwrap().display());
    let (deep_uri, living_uri) = (uri(&deep), uri(&living));
    let unnameable = Hidden::Unnameable {
        uri: uri(&foreign),
        path: Some(foreign.canonicalize().unwrap()),
    };
    let abandoned = |is_removed: bool| Hidden::Abandoned {
        uri: deep_uri.clone(),
        is_removed,
    };
    let writing = Hidden::Writing { uri: living_uri };
    let expected = [writing, abandoned(false), unnameable];
    assert_eq!(store.hidden(false).unwrap(), expected);
    assert_eq!(store.hidden(true).unwrap()[1], abandoned(true));
    assert_eq!(there(), [false, false, true, true]);
    assert_eq!(store.list("").unwrap().len(), 1);
}

/// Until it is whole and in its place, an object has no name that a process could leave behind.
#[cfg(target_os = "linux")]
#[test]
fn what_is_being_written_has_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, stop) = std::sync::mpsc::channel::<()>();
    let source = folder.path().join("source");
    fs::write(&source, vec![7; 64 << 20]).unwrap();
    let root = folder.path().join("store");
    let seen = std::thread::scope(|scope| {
        let root = &root;
        let watch = scope.spawn(move || {
            let mut seen = Vec::new();
            while stop.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                if root.is_dir() {
                    seen.extend(files_below(root));
                }
            }
            seen
        });
        let store = open(root);
        store.put_file(&key("a/large"), &source).unwrap();
        drop(pipe);
        watch.join().unwrap()
    });
    assert!(seen.iter().all(|name| !name.contains(".tmp-")), "{seen:?}");
    assert!(root.join("a/large").is_file());
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_store() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (root, outside) = (
        folder.path().join("root"),
        folder.path().join("root-outside"),
    );
    fs::create_dir_all(root.join("inside")).unwrap();
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "secret").unwrap();
    symlink(&outside, root.join("folder")).unwrap();
    symlink(outside.join("secret"), root.join("file")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    let store = open(&root);

    let denied =
        |error: StoreError| assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    for name in ["folder/secret", "file"] {
        denied(store.get(&key(name)).unwrap_err());
        denied(store.head(&key(name)).unwrap_err());
        denied(store.read_range(&key(name), 0..1).unwrap_err());
        assert_eq!(store.local_path(&key(name)), None);
    }
    for name in ["folder/new", "folder/secret", "folder/deep/new"] {
        denied(store.put(&key(name), "x").unwrap_err());
        denied(store.put_if_absent(&key(name), "x").unwrap_err());
        denied(
            store
                .put_file(&key(name), &outside.join("secret"))
                .unwrap_err(),
        );
    }
    denied(store.delete(&key("folder/secret")).unwrap_err());
    assert!(store.list("").unwrap().is_empty());
    assert!(store.list("folder/").unwrap().is_empty());
    assert!(matches!(
        store.get(&key("dangling")),
        Err(StoreError::NotFound { .. })
    ));
    assert!(store.get(&key("loop")).is_err());
    assert!(store.put(&key("dangling/below"), "x").is_err());
    assert_eq!(files_below(&outside).len(), 1);
    assert_eq!(fs::read(outside.join("secret")).unwrap(), b"secret");

    // A link's name can be taken by an object: the link goes, and what it led to stays.
    store.put(&key("file"), "mine").unwrap();
    assert_eq!(store.get(&key("file")).unwrap().bytes, "mine");
    assert_eq!(fs::read(outside.join("secret")).unwrap(), b"secret");
}

#[cfg(unix)]
#[test]
fn links_inside_the_store_and_to_the_store_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    open(&root).put(&key("a/real"), "1").unwrap();
    symlink("real", root.join("a/link")).unwrap();
    symlink(&root, folder.path().join("other-name")).unwrap();
    let store = open(&folder.path().join("other-name"));
    assert_eq!(store.get(&key("a/link")).unwrap().bytes, "1");
    assert_eq!(store.list("a/l").unwrap().len(), 1);
}

#[test]
fn an_object_and_a_folder_cannot_share_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.put(&key("a/b"), "1").unwrap();
    let conflict =
        |error: StoreError| assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}");
    conflict(store.put(&key("a"), "2").unwrap_err());
    conflict(store.put_if_absent(&key("a"), "2").unwrap_err());
    conflict(store.put(&key("a/b/c"), "2").unwrap_err());
    conflict(store.put_if_absent(&key("a/b/c/d"), "2").unwrap_err());
    assert_eq!(files_below(folder.path()).len(), 2);
}

#[test]
fn files_that_cannot_be_keys_are_left_out_of_listings() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["my file.csv", "caf\u{e9}", "100%", "good.csv"] {
        fs::write(folder.path().join(name), "1").unwrap();
    }
    let listed = open(folder.path()).list("").unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|info| info.key.as_str())
            .collect::<Vec<_>>(),
        ["good.csv"]
    );
}

#[test]
fn a_file_is_no_store_and_odd_folders_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "1").unwrap();
    assert_eq!(
        Store::open(file.to_str().unwrap()).unwrap_err().name(),
        "StoreUriInvalid"
    );
    let odd = open(&folder.path().join("100% caf\u{e9}"));
    odd.put(&key("a"), "1").unwrap();
    assert_eq!(
        Store::open(&odd.uri())
            .unwrap()
            .get(&key("a"))
            .unwrap()
            .bytes,
        "1"
    );
    assert!(odd.local_path(&key("a")).unwrap().is_file());
}

/// Root heeds no permissions, so a test of them that finds itself to be root runs once more as nobody.
#[cfg(unix)]
fn as_nobody(test: &str) {
    use std::os::unix::fs::PermissionsExt;
    const NOBODY: &str = "65534";
    let Ok(tried) = Command::new("setpriv").arg("--version").output() else {
        return skip("this user may write anywhere, and there is no setpriv to become another one");
    };
    assert!(tried.status.success());
    // The program of the tests may lie where nobody else can go.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let ids = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
    let ended = Command::new("setpriv")
        .args(ids)
        .arg("--clear-groups")
        .arg(&program)
        .args(["--exact", test])
        .env("TMPDIR", folder.path())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned()
        + &String::from_utf8_lossy(&ended.stderr);
    assert!(
        ended.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn refused_access_has_its_name() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.put(&key("guarded/a"), "1").unwrap();
    let guarded = folder.path().join("guarded");
    fs::set_permissions(&guarded, fs::Permissions::from_mode(0o500)).unwrap();
    if File::create(guarded.join("probe")).is_ok() {
        return as_nobody("refused_access_has_its_name");
    }
    assert!(matches!(
        store.put(&key("guarded/b"), "1"),
        Err(StoreError::Denied { .. })
    ));
    assert!(matches!(
        store.delete(&key("guarded/a")),
        Err(StoreError::Denied { .. })
    ));
    assert_eq!(store.get(&key("guarded/a")).unwrap().bytes, "1");
    fs::set_permissions(&guarded, fs::Permissions::from_mode(0o000)).unwrap();
    assert!(matches!(
        store.get(&key("guarded/a")),
        Err(StoreError::Denied { .. })
    ));
    assert!(matches!(store.list(""), Err(StoreError::Denied { .. })));
    fs::set_permissions(&guarded, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_new_object_is_as_readable_as_any_new_file() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).put(&key("object"), "1").unwrap();
    fs::write(folder.path().join("plain"), "1").unwrap();
    let mode = |name: &str| {
        fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
    };
    assert_eq!(mode("object"), mode("plain"));
}

#[test]
fn a_location_is_an_object_or_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    open(folder.path())
        .put(&key("data/day=1/part.parquet"), "1")
        .unwrap();
    open(folder.path())
        .put(&key("data/day=2/part.parquet"), "22")
        .unwrap();

    let one = Location::parse(&path("data/day=2/part.parquet")).unwrap();
    assert_eq!(one.key, Some(key("part.parquet")));
    assert_eq!(
        one.objects()
            .unwrap()
            .iter()
            .map(|info| info.bytes)
            .collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(
        Location::parse(&one.uri()).unwrap().objects().unwrap(),
        one.objects().unwrap()
    );

    for text in [
        path("data"),
        path("data/"),
        format!("file://{}", path("data")),
    ] {
        let all = Location::parse(&text).unwrap();
        assert_eq!(all.key, None, "{text}");
        assert_eq!(all.objects().unwrap().len(), 2, "{text}");
    }
    let absent = Location::parse(&path("new.parquet")).unwrap();
    assert_eq!(absent.key, Some(key("new.parquet")));
    assert!(matches!(absent.objects(), Err(StoreError::NotFound { .. })));
    absent.store.put(&key("new.parquet"), "1").unwrap();
    assert!(Path::new(&path("new.parquet")).is_file());
    assert_eq!(Location::parse(&path("new-folder/")).unwrap().key, None);
    assert_eq!(Location::parse("..").unwrap().key, None);
    let spaced = Location::parse(&path("my file.csv")).unwrap();
    let name = spaced.key.as_ref().map(|key| key.as_str());
    assert_eq!(name, Some("my file.csv"));
    assert_eq!(Location::parse("").unwrap_err().name(), "StoreUriInvalid");
}

#[cfg(feature = "s3")]
#[test]
fn a_location_in_s3_is_understood_without_asking() {
    let one = Location::parse("s3://bucket/a/b.parquet").unwrap();
    assert_eq!(
        (one.store.uri().as_str(), one.key.as_ref().unwrap().as_str()),
        ("s3://bucket/a", "b.parquet")
    );
    assert_eq!(one.uri(), "s3://bucket/a/b.parquet");
    let top = Location::parse("s3://bucket/b.parquet").unwrap();
    assert_eq!(
        (top.store.uri().as_str(), top.uri().as_str()),
        ("s3://bucket", "s3://bucket/b.parquet")
    );
    let folder = Location::parse("s3://bucket/a/").unwrap();
    assert_eq!(
        (folder.store.uri().as_str(), folder.key),
        ("s3://bucket/a", None)
    );
    assert_eq!(Location::parse("s3://bucket").unwrap().key, None);
}

#[cfg(not(feature = "s3"))]
#[test]
fn without_s3_the_error_says_how_to_get_it() {
    let error = Store::open("s3://bucket/a").unwrap_err();
    assert_eq!(error.name(), "StoreUnsupported");
    assert!(error.to_string().contains("feature `s3`"), "{error}");
}
