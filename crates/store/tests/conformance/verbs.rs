//! Single calls, one after the other.

use std::ops::Range;

use millrace_contract::Digest;
use millrace_store::{Key, Store, StoreError};

pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// Bytes without a pattern that a mix-up of parts could hide in.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(step).collect();
    bytes.truncate(length);
    bytes
}

pub fn what_is_put_is_what_is_got(store: &Store) {
    for (name, content) in [
        ("empty", Vec::new()),
        ("one", vec![0]),
        ("text.json", b"{\"a\": 1}".to_vec()),
        ("deep/er/and/deeper", vec![255; 3]),
        ("snapshot_date=2026-01-01/part-0.parquet", noise(100_000)),
        ("odd,name+with@signs:1", b"x".to_vec()),
        (".hidden", b"y".to_vec()),
    ] {
        let etag = store.put(&key(name), content.clone()).unwrap();
        let object = store.get(&key(name)).unwrap();
        assert_eq!(object.bytes, content, "{name}");
        assert_eq!(object.etag, etag, "{name}");
    }
}

pub fn put_replaces(store: &Store) {
    store.put(&key("a"), "a longer first content").unwrap();
    store.put(&key("a"), "second").unwrap();
    assert_eq!(store.get(&key("a")).unwrap().bytes, "second");
    assert_eq!(store.list("").unwrap().len(), 1);
}

pub fn an_absent_object_is_not_found(store: &Store) {
    let not_found =
        |error: StoreError| assert!(matches!(error, StoreError::NotFound { .. }), "{error:?}");
    not_found(store.get(&key("a/b")).unwrap_err());
    not_found(store.head(&key("a/b")).unwrap_err());
    not_found(store.read_range(&key("a/b"), 0..1).unwrap_err());
    assert!(store.list("").unwrap().is_empty());
    // A folder of that name is no object, and neither is what would be below an object.
    store.put(&key("a/b/c"), "1").unwrap();
    not_found(store.get(&key("a/b")).unwrap_err());
    not_found(store.head(&key("a")).unwrap_err());
    not_found(store.read_range(&key("a/b"), 0..1).unwrap_err());
    not_found(store.get(&key("a/b/c/d")).unwrap_err());
}

pub fn head_agrees_with_get(store: &Store) {
    store.put(&key("a"), "12345").unwrap();
    let info = store.head(&key("a")).unwrap();
    assert_eq!((info.key, info.bytes), (key("a"), 5));
    assert_eq!(info.etag, store.get(&key("a")).unwrap().etag);
}

pub fn marks_follow_the_content(store: &Store) {
    let first = store.put(&key("a"), "1").unwrap();
    let second = store.put(&key("a"), "2").unwrap();
    assert_ne!(first, second);
    assert_eq!(store.head(&key("a")).unwrap().etag, second);
    assert!(!second.as_str().is_empty());
}

pub fn ranges_are_cut_back_to_the_object(store: &Store) {
    store.put(&key("a"), "0123456789").unwrap();
    for (range, expected) in [
        (0..1, "0"),
        (0..10, "0123456789"),
        (3..7, "3456"),
        (9..10, "9"),
        (8..100, "89"),
        (0..u64::MAX, "0123456789"),
    ] {
        assert_eq!(
            store.read_range(&key("a"), range.clone()).unwrap(),
            expected,
            "{range:?}"
        );
    }
}

pub fn ranges_outside_are_refused(store: &Store) {
    store.put(&key("a"), "0123456789").unwrap();
    store.put(&key("empty"), "").unwrap();
    let reversed = Range { start: 5, end: 2 };
    for (name, range) in [
        ("a", 10..11),
        ("a", 3..3),
        ("a", reversed),
        ("a", 0..0),
        ("a", u64::MAX - 1..u64::MAX),
        ("empty", 0..1),
    ] {
        let error = store.read_range(&key(name), range.clone()).unwrap_err();
        assert!(
            matches!(error, StoreError::InvalidRange { .. }),
            "{name} {range:?}: {error:?}"
        );
    }
}

pub fn a_digest_is_of_the_whole_object(store: &Store) {
    for length in [0, 1, (8 << 20) - 1, 8 << 20, (17 << 20) + 3] {
        let (name, content) = (key(&format!("digests/{length}")), noise(length));
        store.put(&name, content.clone()).unwrap();
        let (info, digest) = store.digest(&name).unwrap();
        assert_eq!(info, store.head(&name).unwrap());
        assert_eq!(digest, Digest::of(&content), "{length} bytes");
    }
    let absent = store.digest(&key("digests/none")).unwrap_err();
    assert!(matches!(absent, StoreError::NotFound { .. }), "{absent:?}");
}

pub fn deleting_is_final_and_repeatable(store: &Store) {
    store.delete(&key("never/was")).unwrap();
    store.put(&key("a/b"), "1").unwrap();
    store.put(&key("a/c"), "1").unwrap();
    store.delete(&key("a")).unwrap();
    store.delete(&key("a/b/below")).unwrap();
    assert_eq!(
        store.list("").unwrap().len(),
        2,
        "a folder is not an object"
    );
    store.delete(&key("a/b")).unwrap();
    store.delete(&key("a/b")).unwrap();
    assert!(matches!(
        store.get(&key("a/b")),
        Err(StoreError::NotFound { .. })
    ));
    assert_eq!(store.get(&key("a/c")).unwrap().bytes, "1");
    store.delete(&key("a/c")).unwrap();
    // With its last object a folder is gone, and its name is free.
    store.put(&key("a"), "2").unwrap();
    assert_eq!(store.get(&key("a")).unwrap().bytes, "2");
}

pub fn small_and_large_files_are_put_whole(store: &Store) {
    let folder = tempfile::tempdir().unwrap();
    for length in [0, 7, 20 << 20] {
        let content = noise(length);
        let file = folder.path().join("file");
        std::fs::write(&file, &content).unwrap();
        let name = key(&format!("files/{length}"));
        store.put(&name, "before").unwrap();
        let etag = store.put_file(&name, &file).unwrap();
        assert!(file.exists(), "the local file stays");
        let object = store.get(&name).unwrap();
        assert!(object.bytes == content, "{length} bytes differ");
        assert_eq!(object.etag, etag);
        assert_eq!(store.head(&name).unwrap().bytes, length as u64);
    }
    let (start, end) = ((16 << 20) - 5, (16 << 20) + 5);
    let across_parts = store
        .read_range(
            &key(&format!("files/{}", 20 << 20)),
            start as u64..end as u64,
        )
        .unwrap();
    assert_eq!(across_parts, noise(20 << 20)[start..end]);
    let etag = store
        .head(&key(&format!("files/{}", 20 << 20)))
        .unwrap()
        .etag;
    store
        .replace_if_unchanged(&key(&format!("files/{}", 20 << 20)), "after", &etag)
        .unwrap();
}

pub fn a_missing_local_file_is_named(store: &Store) {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().join("absent.parquet"),
        folder.path().to_path_buf(),
    ] {
        let error = store.put_file(&key("a"), &path).unwrap_err();
        assert_eq!(error.name(), "StoreLocalFileUnreadable", "{error}");
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
    assert!(store.list("").unwrap().is_empty());
}

pub fn the_uri_opens_the_same_store(store: &Store) {
    store.put(&key("a"), "1").unwrap();
    let again = Store::open(&store.uri()).unwrap();
    assert_eq!(again.get(&key("a")).unwrap().bytes, "1");
    assert_eq!(again.uri(), store.uri());
    assert_eq!(store.clone().get(&key("a")).unwrap().bytes, "1");
}

pub fn messages_name_the_object(store: &Store) {
    let error = store.get(&key("runs/r1/output.json")).unwrap_err();
    let uri = format!("{}/runs/r1/output.json", store.uri());
    assert!(error.to_string().contains(&uri), "{error}");
    assert_eq!(error.name(), "StoreObjectNotFound");
    assert!(!error.is_transient());
}
