//! The laws themselves are tried: each is broken once, and must be noticed.

use millrace_keys::Context;
use millrace_registry::Registry;
use millrace_store::{Key, Store};

use crate::fate::Fate;
use crate::world::World;
use crate::{laws, process};

fn ended(world: &World) -> Store {
    let place = world.fresh();
    process::run(&place, &world.asked(), &Fate::kind()).unwrap();
    place.store
}

/// The version that the run made live.
fn live(store: &Store) -> String {
    let registry = Registry::open(&Context::unsigned(store), "small".parse().unwrap());
    registry.document().unwrap().live().unwrap().to_string()
}

fn key(store: &Store, prefix: &str, end: &str) -> Key {
    let objects = store.list(prefix).unwrap();
    let found = objects
        .into_iter()
        .find(|info| info.key.as_str().ends_with(end));
    found.unwrap_or_else(|| panic!("{prefix}...{end}")).key
}

#[test]
fn a_broken_law_is_noticed() {
    let world = World::new("checks");
    let sound = ended(&world);
    assert_eq!(laws::breaches(&sound), Vec::<String>::new());
    assert_eq!(world.differences(&sound), Vec::<String>::new());
    let altered = |store: &Store, key: Key| {
        let mut bytes = store.get(&key).unwrap().bytes.to_vec();
        bytes.push(b' ');
        store.put(&key, bytes).unwrap();
    };
    type Breach = (&'static str, fn(&Store, &dyn Fn(&Store, Key)));
    let breaches: [Breach; 6] = [
        ("scores that are shown are gone", |store, _| {
            let scores = "tables/predictions/model=small/scored_on=2026-11-01/run=r-inference/";
            store.delete(&key(store, scores, ".parquet")).unwrap();
        }),
        ("a second file lies beside the scores", |store, _| {
            let scores = "tables/predictions/model=small/scored_on=2026-11-01/run=r-inference/";
            let bytes = store.get(&key(store, scores, ".parquet")).unwrap().bytes;
            let second = Key::new(format!("{scores}part-00001.parquet")).unwrap();
            store.put(&second, bytes).unwrap();
        }),
        ("a file of a version is altered", |store, alter| {
            let folder = format!("models/small/{}/", live(store));
            alter(store, key(store, &folder, "model.ubj"));
        }),
        (
            "an object of a finished stage is altered",
            |store, alter| {
                alter(
                    store,
                    key(store, "runs/r-training/quality-gate-1/", "verdict.json"),
                );
            },
        ),
        ("the registry's document is damaged", |store, _| {
            let document = Key::new("models/small/registry.json").unwrap();
            store.put(&document, "{").unwrap();
        }),
        (
            "scores are shown of a version that there is not",
            |store, _| {
                let served = Key::new("tables/served/small.json").unwrap();
                let bytes = store.get(&served).unwrap().bytes;
                let text = String::from_utf8(bytes.to_vec()).unwrap();
                let other = text.replace(&live(store), "v9.9.9");
                assert_ne!(text, other);
                store.put(&served, other).unwrap();
            },
        ),
    ];
    for (what, break_it) in breaches {
        let store = ended(&world);
        break_it(&store, &altered);
        assert!(!laws::breaches(&store).is_empty(), "{what}: unnoticed");
    }
    let store = ended(&world);
    store
        .put(&Key::new("runs/r-training/more.json").unwrap(), "{}")
        .unwrap();
    altered(&store, key(&store, "runs/r-inference/", "end.json"));
    assert_eq!(world.differences(&store).len(), 2);
}
