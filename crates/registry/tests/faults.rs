//! Every call of the store fails, lies or kills, one after the other. Then the operation is repeated,
//! and everything must be as if nothing had happened.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::*;
use millrace_contract::Version;
use millrace_registry::{Action, Candidate, Registry, RegistryError, Request, State, Target};
use millrace_store::Store;
use millrace_store::faults::Fault;

type Operation = fn(&Registry, &Candidate, &Request) -> Result<(), RegistryError>;

/// Each changes the registry that `prepared` makes.
const OPERATIONS: [(&str, Operation); 8] = [
    ("register", |registry, candidate, request| {
        registry.register(candidate, request).map(drop)
    }),
    ("register as rejected", |registry, candidate, request| {
        let mut candidate = candidate.clone();
        candidate.rejected_because.push("attempts used up".into());
        registry.register(&candidate, request).map(drop)
    }),
    ("promote to staging", |registry, _, request| {
        registry
            .promote(version("v1.0.3"), Target::Staging, request)
            .map(drop)
    }),
    ("promote to live", |registry, _, request| {
        registry
            .promote(version("v1.0.3"), Target::Live, request)
            .map(drop)
    }),
    ("reject", |registry, _, request| {
        let request = request.clone().because("a leak");
        registry.reject(version("v1.0.0"), &request).map(drop)
    }),
    ("roll back", |registry, _, request| {
        registry.rollback(request).map(drop)
    }),
    ("set an alias", |registry, _, request| {
        registry
            .set_alias("challenger", version("v1.0.3"), request)
            .map(drop)
    }),
    ("prune", |registry, _, request| {
        registry.prune(1, request).map(drop)
    }),
];

/// Five versions: one retired, one the way back, one live, two candidates; and the files of a sixth
/// run. Pruning all but the newest takes the older candidate.
fn prepared() -> (Store, Candidate) {
    let store = Store::memory();
    let registry = registry(&store);
    for number in 0..5 {
        let version = register(&store, &format!("r{number}"), number);
        if number < 3 {
            registry
                .promote(version, Target::Live, &request(number))
                .unwrap();
        }
    }
    registry
        .set_alias("challenger", version("v1.0.0"), &request(5))
        .unwrap();
    let candidate = candidate(&store, "r5");
    (store, candidate)
}

/// Fails the call with this number, and counts all calls.
fn failing(store: &Store, number: u64, fault: Fault) -> (Store, Arc<AtomicU64>) {
    let calls = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&calls);
    let store = store.clone().with_faults(move |operation| {
        counter.fetch_max(operation.number + 1, Ordering::SeqCst);
        if operation.number == number {
            fault.clone()
        } else {
            Fault::None
        }
    });
    (store, calls)
}

type Line = (
    Action,
    Option<Version>,
    Option<State>,
    Option<State>,
    Option<Version>,
);

/// The history without what differs from process to process.
fn story(store: &Store) -> Vec<Line> {
    let history = registry(store).history().unwrap();
    let line = |e: millrace_registry::Entry| (e.action, e.version, e.from, e.to, e.live_after);
    history.into_iter().map(line).collect()
}

/// All objects of all versions, which must come out the same to the byte.
fn versions(store: &Store) -> Vec<millrace_store::ObjectInfo> {
    store.list("models/engagement/v").unwrap()
}

/// Runs the operation once with each fault at each call; gives the number of calls it makes.
fn at_every_call(operation: Operation, fault: &Fault, repeat: bool) -> u64 {
    let asked = request(60).as_operation("operation-1");
    let (undisturbed, candidate) = prepared();
    let (counted, calls) = failing(&undisturbed, u64::MAX, Fault::None);
    let before = story(&undisturbed);
    operation(&registry(&counted), &candidate, &asked).unwrap();
    assert!(
        story(&undisturbed).len() > before.len(),
        "the operation does nothing"
    );
    let count = calls.load(Ordering::SeqCst);
    for number in 0..count {
        let (store, candidate) = prepared();
        let (faulty, _) = failing(&store, number, fault.clone());
        let result = operation(&registry(&faulty), &candidate, &asked);
        check_laws(&store, &engagement());
        if repeat {
            assert_eq!(
                result.unwrap_err().name(),
                "StoreCrashed",
                "at call {number}"
            );
            operation(&registry(&store), &candidate, &asked).unwrap();
            check_laws(&store, &engagement());
        } else {
            result.unwrap_or_else(|error| panic!("{fault:?} at call {number}: {error}"));
        }
        assert_eq!(
            story(&store),
            story(&undisturbed),
            "{fault:?} at call {number}"
        );
        assert_eq!(
            versions(&store),
            versions(&undisturbed),
            "{fault:?} at call {number}"
        );
    }
    count
}

#[test]
fn a_crash_at_any_call_and_a_repetition_come_to_the_same() {
    for (name, operation) in OPERATIONS {
        let before = at_every_call(operation, &Fault::CrashBefore, true);
        let after = at_every_call(operation, &Fault::CrashAfter, true);
        println!("{name}: {before} + {after} crashes");
    }
}

#[test]
fn one_failed_or_unanswered_call_is_not_noticed() {
    for (_, operation) in OPERATIONS {
        at_every_call(operation, &Fault::ErrorBefore, false);
        at_every_call(operation, &Fault::ErrorAfter, false);
    }
}

#[test]
fn one_read_that_is_cut_short_is_not_noticed() {
    for (_, operation) in OPERATIONS {
        at_every_call(operation, &Fault::Truncate(0), false);
        at_every_call(operation, &Fault::Truncate(57), false);
    }
}

#[test]
fn the_first_registration_of_a_model_survives_a_crash_too() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::ErrorAfter] {
        for number in 0..40 {
            let store = Store::memory();
            let candidate = candidate(&store, "r1");
            let (faulty, _) = failing(&store, number, fault.clone());
            let _first = registry(&faulty).register(&candidate, &request(0));
            check_laws(&store, &engagement());
            let registered = registry(&store).register(&candidate, &request(0)).unwrap();
            assert_eq!(
                registered.version,
                Version::FIRST,
                "{fault:?} at call {number}"
            );
            assert_eq!(story(&store).len(), 2, "{fault:?} at call {number}");
            check_laws(&store, &engagement());
        }
    }
}

#[test]
fn a_store_that_stays_away_is_reported_by_name_and_nothing_is_half_done() {
    let (store, candidate) = prepared();
    let away = store.clone().with_faults(|operation| {
        if operation.verb.writes() {
            Fault::ErrorBefore
        } else {
            Fault::None
        }
    });
    for (name, operation) in OPERATIONS {
        let before = store.list("").unwrap();
        let error = operation(&registry(&away), &candidate, &request(60)).unwrap_err();
        assert_eq!(error.name(), "StoreUnavailable", "{name}");
        assert!(error.is_transient());
        assert_eq!(store.list("").unwrap(), before, "{name}");
    }
}

#[test]
fn restoring_survives_a_crash_at_any_call() {
    for fault in [
        Fault::CrashBefore,
        Fault::CrashAfter,
        Fault::ErrorAfter,
        Fault::Truncate(9),
    ] {
        for number in 0..16 {
            let (store, _) = prepared();
            let before = story(&store);
            let live = registry(&store).document().unwrap().live();
            store
                .put(&key("models/engagement/registry.json"), "{\"sha256\":")
                .unwrap();
            let (faulty, _) = failing(&store, number, fault.clone());
            let _first = registry(&faulty).restore(&request(60));
            registry(&store).restore(&request(60)).unwrap();
            assert_eq!(registry(&store).document().unwrap().live(), live);
            let mut after = story(&store);
            assert_eq!(
                after.pop().unwrap().0,
                Action::Restored,
                "{fault:?} at call {number}"
            );
            assert_eq!(after, before, "{fault:?} at call {number}");
            check_laws(&store, &engagement());
        }
    }
}

#[test]
fn a_registry_that_others_always_change_first_is_reported_as_busy() {
    let store = Store::memory();
    let first = register(&store, "r1", 0);
    let rival = registry(&store);
    let count = Arc::new(AtomicU64::new(0));
    let contested = store.clone().with_faults(move |operation| {
        if operation.verb == millrace_store::faults::Verb::ReplaceIfUnchanged {
            let alias = format!("a{}", count.fetch_add(1, Ordering::SeqCst));
            rival.set_alias(&alias, first, &request(1)).unwrap();
        }
        Fault::None
    });
    let error = registry(&contested)
        .set_alias("mine", first, &request(2))
        .unwrap_err();
    assert_eq!(error.name(), "RegistryBusy", "{error}");
    assert!(
        !registry(&store)
            .document()
            .unwrap()
            .aliases
            .contains_key("mine")
    );
    check_laws(&store, &engagement());
}

#[test]
fn two_operators_never_roll_back_twice() {
    let (store, _) = prepared();
    let rival = registry(&store);
    let first_write = AtomicU64::new(0);
    let contested = store.clone().with_faults(move |operation| {
        let writes = operation.verb == millrace_store::faults::Verb::ReplaceIfUnchanged;
        if writes && first_write.fetch_add(1, Ordering::SeqCst) == 0 {
            rival.rollback(&request(60)).unwrap();
        }
        Fault::None
    });
    let error = registry(&contested).rollback(&request(60)).unwrap_err();
    assert!(
        matches!(error, RegistryError::LiveChanged { .. }),
        "{error}"
    );
    assert_eq!(
        registry(&store).document().unwrap().live(),
        Some(version("v1.0.1"))
    );
    check_laws(&store, &engagement());
}
