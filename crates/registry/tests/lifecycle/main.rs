//! A version's life: registered, promoted, compared, rolled back, rejected, pruned.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod live;
mod told;
mod verdicts;

use millrace_contract::Digest;
use millrace_registry::{State, Target};
use millrace_store::Store;

use common::*;

#[test]
fn numbers_follow_from_what_changed() {
    let store = Store::memory();
    assert_eq!(register(&store, "r1", 0), version("v1.0.0"));
    assert_eq!(register(&store, "r2", 1), version("v1.0.1"));
    let mut new_data = candidate(&store, "r3");
    lineage(&mut new_data).data_digest = Digest::of(b"november");
    let third = registry(&store).register(&new_data, &request(2)).unwrap();
    assert_eq!(third.version, version("v1.1.0"));
    let mut other_features = candidate(&store, "r4");
    lineage(&mut other_features).features.push("country".into());
    let fourth = registry(&store)
        .register(&other_features, &request(3))
        .unwrap();
    assert_eq!(
        (fourth.version, fourth.state),
        (version("v2.0.0"), State::Candidate)
    );
    check_laws(&store, &engagement());
}

#[test]
fn a_run_registered_twice_is_one_version() {
    let store = Store::memory();
    let candidate = candidate(&store, "r1");
    let first = registry(&store).register(&candidate, &request(0)).unwrap();
    let objects = store.list("").unwrap();
    let second = registry(&store).register(&candidate, &request(5)).unwrap();
    assert!(!first.already && second.already);
    assert_eq!(first.version, second.version);
    assert_eq!(
        store.list("").unwrap(),
        objects,
        "the second time nothing is written"
    );
}

#[test]
fn unfinished_registrations_are_given_up_after_a_day_and_cleaned() {
    use millrace_store::faults::Fault;
    let store = Store::memory();
    register(&store, "r1", 0);
    let unfinished = candidate(&store, "r2");
    let dying = store.clone().with_faults(|operation| {
        let manifest = operation.key.ends_with("v1.0.1/manifest.json");
        if manifest && operation.verb.writes() {
            Fault::CrashBefore
        } else {
            Fault::None
        }
    });
    registry(&dying)
        .register(&unfinished, &request(1))
        .unwrap_err();
    let registry = registry(&store);
    assert_eq!(registry.list().unwrap().unfinished, [version("v1.0.1")]);
    assert!(
        registry
            .prune(5, &request(60))
            .unwrap()
            .plan
            .abandoned
            .is_empty()
    );
    let pruned = registry.prune(5, &request(60 * 25)).unwrap();
    assert_eq!(
        (pruned.plan.abandoned.len(), pruned.plan.objects.len()),
        (1, 2)
    );
    // The run may come back: under another number, for the old one was given up.
    let late = registry.register(&unfinished, &request(60 * 26)).unwrap();
    assert_eq!(late.version, version("v1.0.2"));
    check_laws(&store, &engagement());
}

#[test]
fn an_operation_repeated_by_its_id_is_done_once() {
    let store = Store::memory();
    let registry = registry(&store);
    for n in 1..=3 {
        let version = register(&store, &format!("r{n}"), n);
        registry
            .promote(version, Target::Live, &request(10 * n))
            .unwrap();
    }
    let request = request(50).as_operation("execution-7/rollback");
    let first = registry.rollback(&request).unwrap();
    let again = registry.rollback(&request).unwrap();
    assert!(!first.change.already && again.change.already);
    assert_eq!((first.from, first.to), (again.from, again.to));
    assert_eq!(registry.document().unwrap().live(), Some(version("v1.0.1")));
}
