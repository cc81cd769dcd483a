//! Sixteen writers at once: no lost version, no two equal numbers, one line of history.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;

use common::*;
use millrace_contract::{Digest, ModelName, Version};
use millrace_keys::Context;
use millrace_registry::{Registry, RegistryError, State, Target};
use millrace_skip::s3_or_skip;
use millrace_store::faults::{Fault, Verb};
use millrace_store::{Store, StoreError};

const WRITERS: usize = 16;
const RUNS_EACH: usize = 2;

/// Every writer registers, promotes, names and rolls back. What a registry may answer to a crowd is
/// success, or that another writer got there first.
fn crowd(store: &Store, name: &ModelName) -> BTreeMap<String, Version> {
    let barrier = Barrier::new(WRITERS);
    let mut registered = BTreeMap::new();
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    one_writer(store, name, writer)
                })
            })
            .collect();
        for handle in handles {
            registered.extend(handle.join().unwrap());
        }
    });
    registered
}

fn one_writer(store: &Store, name: &ModelName, writer: usize) -> Vec<(String, Version)> {
    let registry = Registry::open(&Context::unsigned(store), name.clone());
    let mut registered = Vec::new();
    for number in 0..RUNS_EACH {
        let run = format!("{name}-{writer}-{number}");
        let mut candidate = candidate(store, &run);
        if writer.is_multiple_of(3) {
            lineage(&mut candidate).data_digest = Digest::of(run.as_bytes());
        }
        let request = request(number as i64);
        let version = registry.register(&candidate, &request).unwrap().version;
        registry.set_alias("newest", version, &request).unwrap();
        registry
            .promote(version, Target::Staging, &request)
            .unwrap();
        registry.promote(version, Target::Live, &request).unwrap();
        if writer.is_multiple_of(4) {
            match registry.rollback(&request) {
                Ok(_) | Err(RegistryError::LiveChanged { .. }) => {}
                Err(RegistryError::NoPreviousLive { .. }) => {}
                // The target became live by another hand between reading and writing.
                Err(RegistryError::MoveNotAllowed { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        registered.push((run, version));
    }
    registered
}

fn check(store: &Store, name: &ModelName, registered: &BTreeMap<String, Version>) {
    let numbers: BTreeSet<&Version> = registered.values().collect();
    assert_eq!(
        numbers.len(),
        WRITERS * RUNS_EACH,
        "two runs have one number"
    );
    let document = Registry::open(&Context::unsigned(store), name.clone())
        .document()
        .unwrap();
    for (run, version) in registered {
        assert_eq!(
            document.versions[version].run_id.as_str(),
            run,
            "a version is lost"
        );
    }
    assert_eq!(document.versions.len(), registered.len());
    assert!(document.reservations.is_empty());
    let live = document
        .versions
        .values()
        .filter(|entry| entry.state == State::Live);
    assert_eq!(live.count(), 1);
    check_laws(store, name);
}

fn crowd_and_check(store: &Store, name: &ModelName) {
    let registered = crowd(store, name);
    check(store, name, &registered);
}

#[test]
fn in_memory() {
    crowd_and_check(&Store::memory(), &engagement());
}

#[test]
fn in_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    crowd_and_check(&store, &engagement());
}

#[test]
fn on_s3() {
    let Some(uri) = s3_or_skip() else { return };
    let store = match Store::open(&uri) {
        Err(error @ StoreError::Unsupported { .. }) => {
            panic!("MILLRACE_TEST_S3 is set, so add `--features millrace-store/s3`: {error}")
        }
        store => store.unwrap(),
    };
    let unique = format!("crowd_{:x}", rand::random::<u64>());
    crowd_and_check(&store, &ModelName::new(unique).unwrap());
}

/// Answers are lost and calls fail at random, for all sixteen. Whoever is told of a failure repeats
/// the registration, as a retried stage does.
#[test]
fn with_lost_answers() {
    let sound = Store::memory();
    let faulty = sound.clone().with_faults(|operation| {
        let dice = rand::random_range(0..100);
        match (operation.verb, dice) {
            (Verb::ReplaceIfUnchanged, 0..20) => Fault::ErrorAfter,
            (_, 20..23) => Fault::ErrorBefore,
            (_, 23..25) => Fault::ErrorAfter,
            (Verb::Get, 25..27) => Fault::Truncate(40),
            _ => Fault::None,
        }
    });
    let name = engagement();
    let barrier = Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (faulty, sound, name, barrier) = (&faulty, &sound, &name, &barrier);
            scope.spawn(move || {
                let candidate = candidate(sound, &format!("run-{writer}"));
                let registry = Registry::open(&Context::unsigned(faulty), name.clone());
                barrier.wait();
                let again = |act: &dyn Fn() -> Result<Version, RegistryError>| {
                    for _ in 0..20 {
                        match act() {
                            Ok(version) => return version,
                            Err(error) if error.is_transient() => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                    panic!("twenty failures in a row");
                };
                let request = request(0).as_operation(format!("promote-{writer}"));
                let version = again(&|| Ok(registry.register(&candidate, &request)?.version));
                again(&|| {
                    registry
                        .promote(version, Target::Live, &request)
                        .map(|_| version)
                });
            });
        }
    });
    let document = Registry::open(&Context::unsigned(&sound), name.clone())
        .document()
        .unwrap();
    assert_eq!(document.versions.len(), WRITERS);
    // Each run was reserved once, registered once and promoted once, and all but one were retired.
    let history = Registry::open(&Context::unsigned(&sound), name.clone())
        .history()
        .unwrap();
    assert_eq!(history.len(), WRITERS * 4 - 1);
    check_laws(&sound, &name);
}
