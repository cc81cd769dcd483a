//! Conditional writes: of several writers exactly one wins, and nothing is lost.

use std::sync::Barrier;
use std::thread;

use millrace_store::{Etag, Store, StoreError};

use crate::verbs::key;

const WRITERS: usize = 16;

/// Runs `act` in sixteen threads that begin together.
fn race<T: Send>(act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(WRITERS);
    thread::scope(|scope| {
        let spawn = |number| {
            let (start, act) = (&start, &act);
            scope.spawn(move || {
                start.wait();
                act(number)
            })
        };
        let threads: Vec<_> = (0..WRITERS).map(spawn).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn one_winner(
    results: &[Result<Etag, StoreError>],
    is_loss: impl Fn(&StoreError) -> bool,
) -> usize {
    let winners: Vec<usize> = (0..results.len())
        .filter(|&number| results[number].is_ok())
        .collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    let losses = results.iter().filter_map(|result| result.as_ref().err());
    losses.for_each(|error| assert!(is_loss(error), "{error:?}"));
    winners[0]
}

pub fn put_if_absent_never_replaces(store: &Store) {
    let etag = store.put_if_absent(&key("a/b"), "first").unwrap();
    let error = store.put_if_absent(&key("a/b"), "second").unwrap_err();
    assert!(
        matches!(error, StoreError::AlreadyExists { .. }),
        "{error:?}"
    );
    let same = store.put_if_absent(&key("a/b"), "first").unwrap_err();
    assert!(
        matches!(same, StoreError::AlreadyExists { .. }),
        "equal content is no excuse: {same:?}"
    );
    let object = store.get(&key("a/b")).unwrap();
    assert_eq!((object.bytes.as_ref(), object.etag), (&b"first"[..], etag));
    store.delete(&key("a/b")).unwrap();
    store.put_if_absent(&key("a/b"), "third").unwrap();
}

/// Also where it goes up in parts.
pub fn a_file_is_put_only_where_nothing_is(store: &Store) {
    let folder = tempfile::tempdir().unwrap();
    for length in [3, 20 << 20] {
        let write = |name: &str, byte: u8| {
            let file = folder.path().join(name);
            std::fs::write(&file, vec![byte; length]).unwrap();
            file
        };
        let name = key(&format!("files/{length}"));
        let (first, second) = (write("first", 1), write("second", 2));
        let etag = store.put_file_if_absent(&name, &first).unwrap();
        let error = store.put_file_if_absent(&name, &second).unwrap_err();
        assert!(
            matches!(error, StoreError::AlreadyExists { .. }),
            "{length}: {error:?}"
        );
        let object = store.get(&name).unwrap();
        assert_eq!(object.etag, etag, "{length}");
        assert!(object.bytes.iter().all(|byte| *byte == 1), "{length}");
    }
}

pub fn ranges_are_of_one_state(store: &Store) {
    let name = key("a/b");
    let etag = store.put(&name, "0123456789").unwrap();
    let read = |range| store.read_range_if_unchanged(&name, range, &etag);
    assert_eq!(read(2..5).unwrap(), "234");
    assert_eq!(read(8..50).unwrap(), "89");
    // As long as before, and still another object.
    store.put(&name, "0123456780").unwrap();
    let error = read(2..5).unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error:?}");
    store.delete(&name).unwrap();
    let error = read(2..5).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Changed { .. } | StoreError::NotFound { .. }
        ),
        "{error:?}"
    );
    store.put(&name, "0123456789").unwrap();
    let etag = store.head(&name).unwrap().etag;
    assert_eq!(
        store.read_range_if_unchanged(&name, 0..1, &etag).unwrap(),
        "0"
    );
}

pub fn ranges_are_of_the_state_of_a_listing(store: &Store) {
    let name = key("a/b");
    store.put(&name, "0123456789").unwrap();
    let etag = store.list("a/").unwrap().remove(0).etag;
    let read = |range| store.read_range_if_unchanged(&name, range, &etag);
    assert_eq!(read(2..5).unwrap(), "234");
    store.put(&name, "9876543210").unwrap();
    let error = read(2..5).unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error:?}");
}

fn changed(result: Result<Etag, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::Changed { .. })),
        "{result:?}"
    );
}

pub fn a_copy_is_of_the_state_that_was_seen(store: &Store) {
    let (from, to) = (key("copied/a+b=c@d:e,f"), key("copies/one"));
    store.put(&from, "first").unwrap();
    let first = store.head(&from).unwrap();
    let etag = store.copy(&first, &to).unwrap();
    let copy = store.get(&to).unwrap();
    assert_eq!((&copy.bytes[..], copy.etag), (&b"first"[..], etag));
    store.put(&from, "other").unwrap();
    changed(store.copy(&first, &to));
    assert_eq!(store.get(&to).unwrap().bytes, "first");
    let second = store.head(&from).unwrap();
    store.copy(&second, &to).unwrap();
    assert_eq!(store.get(&to).unwrap().bytes, "other", "a copy replaces");
    assert_eq!(store.get(&from).unwrap().bytes, "other");
    store.delete(&from).unwrap();
    let gone = store.copy(&second, &to).unwrap_err();
    assert!(matches!(gone, StoreError::NotFound { .. }), "{gone:?}");
    assert_eq!(store.get(&to).unwrap().bytes, "other");
}

pub fn replace_needs_the_current_mark(store: &Store) {
    let first = store.put(&key("a"), "1").unwrap();
    let second = store.replace_if_unchanged(&key("a"), "2", &first).unwrap();
    changed(store.replace_if_unchanged(&key("a"), "3", &first));
    assert_eq!(store.get(&key("a")).unwrap().bytes, "2");
    store.put(&key("a"), "4").unwrap();
    changed(store.replace_if_unchanged(&key("a"), "5", &second));
    store.delete(&key("a")).unwrap();
    changed(store.replace_if_unchanged(&key("a"), "6", &second));
    assert!(
        matches!(store.get(&key("a")), Err(StoreError::NotFound { .. })),
        "it is not made again"
    );
}

pub fn replace_takes_a_mark_from_a_listing(store: &Store) {
    store.put(&key("a"), "1").unwrap();
    let listed = store.list("a").unwrap().remove(0).etag;
    store
        .replace_if_unchanged(&key("a"), "22", &listed)
        .unwrap();
    let error = store
        .replace_if_unchanged(&key("a"), "3", &listed)
        .unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error:?}");
}

pub fn of_sixteen_creators_one_wins(store: &Store) {
    for round in 0..5 {
        let name = key(&format!("round-{round}/object"));
        let results = race(|number| store.put_if_absent(&name, format!("writer {number}")));
        let winner = one_winner(&results, |error| {
            matches!(error, StoreError::AlreadyExists { .. })
        });
        assert_eq!(store.get(&name).unwrap().bytes, format!("writer {winner}"));
    }
}

pub fn of_sixteen_replacers_one_wins(store: &Store) {
    for round in 0..5 {
        let name = key(&format!("round-{round}/object"));
        let etag = store.put(&name, "start").unwrap();
        let results =
            race(|number| store.replace_if_unchanged(&name, format!("writer {number}"), &etag));
        let winner = one_winner(&results, |error| {
            matches!(error, StoreError::Changed { .. })
        });
        assert_eq!(store.get(&name).unwrap().bytes, format!("writer {winner}"));
    }
}

/// Read, add one, replace if unchanged, else again: the way in which the registry changes.
pub fn sixteen_counters_lose_nothing(store: &Store) {
    const ADDITIONS: usize = 3;
    store.put(&key("counter"), "0").unwrap();
    race(|_| {
        for _ in 0..ADDITIONS {
            add_one(store);
        }
    });
    assert_eq!(
        store.get(&key("counter")).unwrap().bytes,
        (WRITERS * ADDITIONS).to_string()
    );
}

fn add_one(store: &Store) {
    loop {
        let object = store.get(&key("counter")).unwrap();
        let count: u64 = str::from_utf8(&object.bytes).unwrap().parse().unwrap();
        match store.replace_if_unchanged(&key("counter"), (count + 1).to_string(), &object.etag) {
            Ok(_) => return,
            Err(StoreError::Changed { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// While others replace an object, every read gives one of its contents, whole.
pub fn readers_see_whole_objects(store: &Store) {
    let content = |number: usize| vec![b'a' + number as u8; 10_000 + 1_000 * number];
    store.put(&key("a"), content(0)).unwrap();
    race(|number| {
        for _ in 0..5 {
            if number < WRITERS / 2 {
                store.put(&key("a"), content(number)).unwrap();
                continue;
            }
            let seen = store.get(&key("a")).unwrap().bytes;
            let writer = usize::from(seen[0] - b'a');
            assert_eq!(seen, content(writer));
        }
    });
    assert_eq!(store.list("").unwrap().len(), 1, "nothing is left over");
}
