//! Publishing and rejecting at the same moment: each at every call that the other makes of the store, also
//! where one of the two dies on its way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use millrace_contract::NamedError;
use millrace_contract::stages::PublishShards;
use millrace_registry::State;
use millrace_served::{Serving, visible};
use millrace_store::Store;
use millrace_store::faults::{Fault, Operation};

use super::desk::{Desk, publish_in, registry_in, request};

/// A desk with a run of the second version that waits to be published.
fn waiting() -> (Desk, PublishShards) {
    let desk = Desk::new(2);
    let asked = desk.scored("r1", "2026-11-01T01:00:00Z", desk.versions[1]);
    (desk, asked)
}

fn reject_in(store: &Store, desk: &Desk) -> bool {
    let registry = registry_in(store);
    Serving::of(&registry)
        .reject(desk.versions[1], &request())
        .is_ok()
}

/// The store of a process to which something happens at its call number `call`.
fn at_call(
    store: &Store,
    call: u64,
    happens: impl Fn() -> Fault + Send + Sync + 'static,
) -> (Store, Arc<AtomicBool>) {
    let happened = Arc::new(AtomicBool::new(false));
    let flag = happened.clone();
    let disturbed =
        store.clone().with_faults(
            move |operation: &Operation| match operation.number == call {
                true => {
                    flag.store(true, Ordering::SeqCst);
                    happens()
                }
                false => Fault::None,
            },
        );
    (disturbed, happened)
}

fn sees_rejected(store: &Store, desk: &Desk) -> bool {
    let document = registry_in(store).document().unwrap();
    let rejected = document.versions[&desk.versions[1]].state == State::Rejected;
    rejected && !visible(store).unwrap().is_empty()
}

#[test]
fn a_version_that_is_rejected_while_its_run_is_published_is_never_seen_afterwards() {
    let (desk, asked) = waiting();
    let mut call = 0;
    loop {
        let mine = Arc::new(desk.copy());
        let (other, seen) = (mine.clone(), Arc::new(AtomicU64::new(0)));
        let acted = AtomicBool::new(false);
        let count = seen.clone();
        // Before every call a reader looks.
        let store = mine
            .store
            .clone()
            .with_faults(move |operation: &Operation| {
                if operation.number == call {
                    assert!(reject_in(&other.store, &other));
                    acted.store(true, Ordering::SeqCst);
                }
                if acted.load(Ordering::SeqCst) && sees_rejected(&other.store, &other) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                Fault::None
            });
        let published = publish_in(&store, asked.clone());
        if mine
            .registry()
            .standing()
            .unwrap()
            .may_serve(&mine.versions[1].to_string())
            .is_ok()
        {
            assert!(published.unwrap().changed, "{call} is beyond its last call");
            break;
        }
        assert_eq!(
            published.unwrap_err().name(),
            "VersionMayNotServe",
            "{call}"
        );
        assert_eq!(
            seen.load(Ordering::SeqCst),
            0,
            "rejected at call {call}, and seen"
        );
        assert!(mine.seen().is_empty(), "rejected at call {call}, and seen");
        call += 1;
    }
    println!("{call} calls");
    assert!(call > 8, "{call}");
}

#[test]
fn a_run_that_is_published_while_its_version_is_rejected_is_not_seen_in_the_end() {
    let (desk, asked) = waiting();
    let mut call = 0;
    loop {
        let mine = Arc::new(desk.copy());
        let (other, asked) = (mine.clone(), asked.clone());
        let (store, happened) = at_call(&mine.store, call, move || {
            let _ = publish_in(&other.store, asked.clone());
            Fault::None
        });
        assert!(reject_in(&store, &mine));
        if !happened.load(Ordering::SeqCst) {
            break;
        }
        assert!(
            mine.seen().is_empty(),
            "published at call {call} of the rejection"
        );
        call += 1;
    }
    println!("{call} calls");
    assert!(call > 8, "{call}");
}

/// The rejection is told to nobody; whoever publishes notices it all the same.
#[test]
fn a_rejection_that_dies_on_its_way_leaves_nothing_visible_either() {
    let (desk, asked) = waiting();
    let mut played = 0;
    for dies_at in 0.. {
        let mut died = false;
        for call in 0.. {
            let mine = Arc::new(desk.copy());
            let other = mine.clone();
            let flag = Arc::new(AtomicBool::new(false));
            let dead = flag.clone();
            let (store, happened) = at_call(&mine.store, call, move || {
                for crash in [Fault::CrashBefore, Fault::CrashAfter] {
                    let crash = crash.clone();
                    let (rejecting, dies) = at_call(&other.store, dies_at, move || crash.clone());
                    reject_in(&rejecting, &other);
                    dead.fetch_or(dies.load(Ordering::SeqCst), Ordering::SeqCst);
                }
                Fault::None
            });
            let _ = publish_in(&store, asked.clone());
            if !happened.load(Ordering::SeqCst) {
                break;
            }
            died |= flag.load(Ordering::SeqCst);
            assert!(
                !sees_rejected(&mine.store, &mine),
                "rejected at call {call} by who died at {dies_at}"
            );
            played += 1;
        }
        if !died {
            break;
        }
    }
    println!("{played} pairs");
    assert!(played > 100, "{played}");
}

/// What was rejected, and whoever was told so, stays unseen without anybody's help.
#[test]
fn a_publication_that_dies_after_its_version_was_rejected_leaves_nothing_visible() {
    let (desk, asked) = waiting();
    let mut played = 0;
    for call in 0.. {
        let mut rejected = false;
        for dies_at in call.. {
            let mut died = false;
            for crash in [Fault::CrashBefore, Fault::CrashAfter] {
                let mine = Arc::new(desk.copy());
                let (other, last) = (mine.clone(), crash.clone());
                let acted = Arc::new(AtomicBool::new(false));
                let flag = acted.clone();
                let (rejecting, _) = at_call(&mine.store, call, move || {
                    flag.store(reject_in(&other.store, &other), Ordering::SeqCst);
                    Fault::None
                });
                let (store, dies) = at_call(&rejecting, dies_at, move || last.clone());
                let _ = publish_in(&store, asked.clone());
                rejected |= acted.load(Ordering::SeqCst);
                died |= dies.load(Ordering::SeqCst);
                assert!(
                    !sees_rejected(&mine.store, &mine),
                    "rejected at call {call}, died at {dies_at} ({crash:?})"
                );
                played += 1;
            }
            if !died {
                break;
            }
        }
        if !rejected && call > 0 {
            break;
        }
    }
    println!("{played} pairs");
    assert!(played > 100, "{played}");
}

/// What was shown is taken away before the registry is told, so that nobody's death leaves it.
#[test]
fn a_rejection_that_dies_never_leaves_a_rejected_version_visible() {
    let (desk, asked) = waiting();
    assert!(desk.publish(asked).unwrap().changed);
    for dies_at in 0.. {
        let mut died = false;
        for crash in [Fault::CrashBefore, Fault::CrashAfter] {
            let mine = desk.copy();
            let last = crash.clone();
            let (store, dies) = at_call(&mine.store, dies_at, move || last.clone());
            reject_in(&store, &mine);
            died |= dies.load(Ordering::SeqCst);
            assert!(
                !sees_rejected(&mine.store, &mine),
                "died at {dies_at} ({crash:?})"
            );
            mine.reject(mine.versions[1]);
            assert!(mine.seen().is_empty(), "asked again, it is done");
        }
        if !died {
            break;
        }
    }
}
