//! Listings: complete, sorted, and of what the prefix says.

use std::thread;

use millrace_store::Store;

use crate::verbs::key;

fn names(store: &Store, prefix: &str) -> Vec<String> {
    store
        .list(prefix)
        .unwrap()
        .into_iter()
        .map(|info| info.key.into())
        .collect()
}

pub fn a_prefix_is_plain_text(store: &Store) {
    for name in [
        "b",
        "a/b/c",
        "a/b-c",
        "a/bc",
        "a.b",
        "ab/c",
        "a/b/d",
        "A",
        "runs/r1/x",
        "runs/r10/x",
    ] {
        store.put(&key(name), name.to_owned()).unwrap();
    }
    let all = [
        "A",
        "a.b",
        "a/b-c",
        "a/b/c",
        "a/b/d",
        "a/bc",
        "ab/c",
        "b",
        "runs/r1/x",
        "runs/r10/x",
    ];
    assert_eq!(
        names(store, ""),
        all,
        "in the order of bytes, not folder by folder"
    );
    assert_eq!(
        names(store, "a"),
        ["a.b", "a/b-c", "a/b/c", "a/b/d", "a/bc", "ab/c"]
    );
    assert_eq!(names(store, "a/"), ["a/b-c", "a/b/c", "a/b/d", "a/bc"]);
    assert_eq!(names(store, "a/b"), ["a/b-c", "a/b/c", "a/b/d", "a/bc"]);
    assert_eq!(names(store, "a/b/"), ["a/b/c", "a/b/d"]);
    assert_eq!(names(store, "a/b/c"), ["a/b/c"]);
    assert_eq!(names(store, "runs/r1"), ["runs/r1/x", "runs/r10/x"]);
    assert_eq!(names(store, "runs/r1/"), ["runs/r1/x"]);
    for nothing in [
        "b/", "c", "a/b/c/", "a/b/c/d", ".", "..", "a/..", "runs/r2/",
    ] {
        assert_eq!(names(store, nothing), [""; 0], "{nothing}");
    }
    for info in store.list("").unwrap() {
        assert_eq!(info.bytes, info.key.as_str().len() as u64);
    }
}

pub fn a_listing_has_every_page(store: &Store) {
    const OBJECTS: usize = 1_100;
    let expected: Vec<String> = (0..OBJECTS)
        .map(|number| format!("many/part-{number:04}"))
        .collect();
    thread::scope(|scope| {
        for chunk in expected.chunks(OBJECTS.div_ceil(8)) {
            scope.spawn(|| {
                chunk
                    .iter()
                    .for_each(|name| drop(store.put(&key(name), "x").unwrap()))
            });
        }
    });
    store.put(&key("more"), "x").unwrap();
    assert_eq!(names(store, "many/"), expected);
    assert_eq!(names(store, "many/part-10"), expected[1_000..]);
    assert_eq!(store.list("").unwrap().len(), OBJECTS + 1);
}
