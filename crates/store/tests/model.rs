//! Random sequences of calls against the simplest model of a store: a sorted map.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use millrace_store::{Etag, Key, Store, StoreError};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Call {
    Get(Key),
    ReadRange(Key, u64, u64),
    Head(Key),
    Put(Key, Vec<u8>),
    PutIfAbsent(Key, Vec<u8>),
    /// With a mark that this key once had, the last one or an earlier one.
    Replace(Key, Vec<u8>, prop::sample::Index),
    PutFile(Key, Vec<u8>),
    List(String),
    Delete(Key),
}

fn keys() -> impl Strategy<Value = Key> {
    // No name is the folder of another: a directory cannot have both.
    let names = prop::sample::select(vec![
        "a/b", "a/b-c", "a/bb/c", "a.b", "b", "c/d/e/f", "c/d/g",
    ]);
    names.prop_map(|name| Key::new(name).unwrap())
}

fn contents() -> impl Strategy<Value = Vec<u8>> {
    // Few values, so that equal contents come back.
    prop_oneof![
        prop::collection::vec(0_u8..2, 0..3),
        prop::collection::vec(any::<u8>(), 0..50)
    ]
}

fn calls() -> impl Strategy<Value = Call> {
    let prefixes = prop::sample::select(vec![
        "", "a", "a/", "a/b", "a/b/", "c/d", "c/d/", "b", "x", "c/d/e/f",
    ]);
    prop_oneof![
        2 => keys().prop_map(Call::Get),
        2 => (keys(), 0_u64..60, 0_u64..60).prop_map(|(key, start, end)| Call::ReadRange(key, start, end)),
        1 => keys().prop_map(Call::Head),
        3 => (keys(), contents()).prop_map(|(key, content)| Call::Put(key, content)),
        3 => (keys(), contents()).prop_map(|(key, content)| Call::PutIfAbsent(key, content)),
        4 => (keys(), contents(), any::<prop::sample::Index>()).prop_map(|(key, content, mark)| Call::Replace(key, content, mark)),
        1 => (keys(), contents()).prop_map(|(key, content)| Call::PutFile(key, content)),
        2 => prefixes.prop_map(|prefix| Call::List(prefix.to_owned())),
        3 => keys().prop_map(Call::Delete),
    ]
}

/// The store, and what must be in it.
struct Pair {
    store: Store,
    model: BTreeMap<Key, Vec<u8>>,
    /// For each key the marks and contents that were seen.
    seen: BTreeMap<Key, Vec<(Etag, Vec<u8>)>>,
}

impl Pair {
    fn saw(&mut self, key: Key, etag: Etag, content: Vec<u8>) {
        self.seen.entry(key).or_default().push((etag, content));
    }

    fn written(&mut self, key: Key, content: Vec<u8>, etag: Etag) {
        self.saw(key.clone(), etag, content.clone());
        self.model.insert(key, content);
    }

    fn call(&mut self, call: Call) {
        match call {
            Call::Get(key) => match (self.store.get(&key), self.model.get(&key)) {
                (Ok(object), Some(content)) => {
                    assert_eq!(object.bytes, content);
                    let content = content.clone();
                    self.saw(key, object.etag, content);
                }
                (Err(StoreError::NotFound { .. }), None) => {}
                other => panic!("{other:?}"),
            },
            Call::ReadRange(key, start, end) => self.read_range(&key, start, end),
            Call::Head(key) => match (self.store.head(&key), self.model.get(&key)) {
                (Ok(info), Some(content)) => {
                    assert_eq!((&info.key, info.bytes), (&key, content.len() as u64));
                    let content = content.clone();
                    self.saw(key, info.etag, content);
                }
                (Err(StoreError::NotFound { .. }), None) => {}
                other => panic!("{other:?}"),
            },
            Call::Put(key, content) => {
                let etag = self.store.put(&key, content.clone()).unwrap();
                self.written(key, content, etag);
            }
            Call::PutIfAbsent(key, content) => {
                match (
                    self.store.put_if_absent(&key, content.clone()),
                    self.model.contains_key(&key),
                ) {
                    (Ok(etag), false) => self.written(key, content, etag),
                    (Err(StoreError::AlreadyExists { .. }), true) => {}
                    other => panic!("{other:?}"),
                }
            }
            Call::Replace(key, content, mark) => self.replace(key, content, mark),
            Call::PutFile(key, content) => {
                let file = tempfile::NamedTempFile::new().unwrap();
                std::fs::write(file.path(), &content).unwrap();
                let etag = self.store.put_file(&key, file.path()).unwrap();
                self.written(key, content, etag);
            }
            Call::List(prefix) => {
                let listed = self.store.list(&prefix).unwrap();
                let found: Vec<_> = listed
                    .iter()
                    .map(|info| (info.key.clone(), info.bytes))
                    .collect();
                let matching = self
                    .model
                    .iter()
                    .filter(|(key, _)| key.as_str().starts_with(&prefix));
                let expected: Vec<_> = matching
                    .map(|(key, content)| (key.clone(), content.len() as u64))
                    .collect();
                assert_eq!(found, expected);
            }
            Call::Delete(key) => {
                self.store.delete(&key).unwrap();
                self.model.remove(&key);
            }
        }
    }

    fn read_range(&self, key: &Key, start: u64, end: u64) {
        let result = self.store.read_range(key, start..end);
        let size = self.model.get(key).map(|content| content.len() as u64);
        match (result, size) {
            (Err(StoreError::InvalidRange { .. }), _) if start >= end => {}
            (Err(StoreError::NotFound { .. }), None) => {}
            (Err(StoreError::InvalidRange { .. }), Some(size)) if start >= size => {}
            (Ok(bytes), Some(size)) => {
                assert_eq!(
                    bytes,
                    &self.model[key][start as usize..end.min(size) as usize]
                );
            }
            other => panic!("{other:?}"),
        }
    }

    fn replace(&mut self, key: Key, content: Vec<u8>, mark: prop::sample::Index) {
        let Some(marks) = self.seen.get(&key) else {
            return;
        };
        let (etag, seen) = mark.get(marks).clone();
        let is_unchanged = self.model.get(&key) == Some(&seen);
        match (
            self.store
                .replace_if_unchanged(&key, content.clone(), &etag),
            is_unchanged,
        ) {
            (Ok(etag), true) => self.written(key, content, etag),
            (Err(StoreError::Changed { .. }), false) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn follow(store: Store, calls: Vec<Call>) {
    let mut pair = Pair {
        store,
        model: BTreeMap::new(),
        seen: BTreeMap::new(),
    };
    for call in calls {
        pair.call(call);
    }
    pair.call(Call::List(String::new()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn memory_follows_the_model(calls in prop::collection::vec(calls(), 1..60)) {
        follow(Store::memory(), calls);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_directory_follows_the_model(calls in prop::collection::vec(calls(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        follow(Store::open(folder.path().to_str().unwrap()).unwrap(), calls);
    }
}
