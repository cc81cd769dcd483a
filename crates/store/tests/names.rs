//! Whatever can be written can be read, listed, replaced and deleted, however it is called; and so can every file that
//! a person names, whatever other programs called it.
#![allow(clippy::unwrap_used)]

use std::fs;

use millrace_store::{Key, Location, Store, StoreError};
use proptest::prelude::*;

/// Segments that keys may have, the odd ones often.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-_.=+@:,a-zA-Z0-9]{1,12}",
        Just("runs".to_owned()),
        Just("...".to_owned()),
        Just("a=b".to_owned()),
    ]
}

/// Names of files as people and other programs make them.
fn file_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,20}",
        "\\PC{1,20}",
        Just("my file.csv".to_owned()),
        Just("100%20.csv".to_owned()),
        Just("a#b?c&d+e.csv".to_owned()),
        Just("caf\u{e9} \u{1f600}.parquet".to_owned()),
        Just("\"quoted\" 'name'.csv".to_owned()),
        Just("file:x.csv".to_owned()),
        Just("~".to_owned()),
    ]
}

/// Written, read, listed, replaced, and gone.
fn lives(store: &Store, key: &Key) {
    store.put_if_absent(key, "one").unwrap();
    let found = store.get(key).unwrap();
    assert_eq!(found.bytes, "one");
    let listed = store.list("").unwrap();
    assert_eq!(
        listed.iter().map(|info| &info.key).collect::<Vec<_>>(),
        [key]
    );
    store.replace_if_unchanged(key, "two", &found.etag).unwrap();
    assert_eq!(store.get(key).unwrap().bytes, "two");
    store.delete(key).unwrap();
    assert!(store.list("").unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_a_key_can_be_written_read_listed_replaced_and_deleted(
        segments in prop::collection::vec(segment(), 1..5),
    ) {
        let Ok(key) = Key::new(segments.join("/")) else {
            return Ok(());
        };
        let folder = tempfile::tempdir().unwrap();
        lives(&Store::open(folder.path().to_str().unwrap()).unwrap(), &key);
        lives(&Store::memory(), &key);
    }

    #[test]
    fn whatever_file_a_person_names_can_be_read_and_replaced(name in file_name()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(&name);
        // What is no name of a file in this folder.
        if name.contains('/') || name == "." || name == ".." || fs::write(&path, "one").is_err() {
            return Ok(());
        }
        let location = Location::of_path(&path);
        if name.to_ascii_lowercase().starts_with(".tmp-") {
            prop_assert_eq!(location.unwrap_err().name(), "StoreKeyInvalid");
            return Ok(());
        }
        let location = location.unwrap();
        let key = location.key.unwrap();
        prop_assert_eq!(location.store.object_uri(&key), format!("file://{}", path.canonicalize().unwrap().display()));
        let found = location.store.get(&key).unwrap();
        location.store.replace_if_unchanged(&key, "two", &found.etag).unwrap();
        prop_assert_eq!(fs::read(&path).unwrap(), b"two");
        prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // Its URI names it again, as `file:` URIs are taken as they are written.
        let again = Location::parse(&location.store.object_uri(&key)).unwrap();
        prop_assert_eq!(again.store.get(&again.key.unwrap()).unwrap().bytes, "two");
    }
}

#[test]
fn a_name_that_would_break_a_message_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a\nb.csv", "a\u{1b}[2J.csv", "a\u{85}.csv"] {
        let path = folder.path().join(name);
        fs::write(&path, "one").unwrap();
        let error = Location::of_path(&path).unwrap_err();
        assert!(matches!(error, StoreError::InvalidKey { .. }), "{error:?}");
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
}
