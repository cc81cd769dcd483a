//! Which version is live: promoted, rolled back to, named by an alias, kept when others are pruned.

use millrace_registry::{Action, RegistryError, Target};
use millrace_store::Store;

use crate::common::*;

#[test]
fn promotion_retires_the_one_before_and_rollback_returns_to_it_step_by_step() {
    let store = Store::memory();
    let registry = registry(&store);
    let versions: Vec<_> = (1..=3)
        .map(|n| register(&store, &format!("r{n}"), n))
        .collect();
    let [first, second, third] = versions[..] else {
        panic!()
    };
    assert_eq!(
        registry.resolve("live").unwrap_err().name(),
        "NoLiveVersion"
    );
    assert_eq!(
        registry.rollback(&request(4)).unwrap_err().name(),
        "NoLiveVersion"
    );
    registry.promote(first, Target::Live, &request(10)).unwrap();
    assert_eq!(
        registry.rollback(&request(11)).unwrap_err().name(),
        "NoPreviousLive"
    );
    registry
        .promote(second, Target::Staging, &request(20))
        .unwrap();
    registry
        .promote(second, Target::Live, &request(30))
        .unwrap();
    let third_change = registry.promote(third, Target::Live, &request(40)).unwrap();
    assert_eq!(
        third_change.entries.len(),
        2,
        "promoted and retired in one change"
    );
    assert!(
        registry
            .promote(third, Target::Live, &request(41))
            .unwrap()
            .already
    );

    let plan = registry.plan_rollback().unwrap();
    assert_eq!((plan.from, plan.to), (third, second));
    assert_eq!(
        registry.document().unwrap().live(),
        Some(third),
        "a plan changes nothing"
    );
    let done = registry
        .rollback(&request(50).because("complaints"))
        .unwrap();
    assert_eq!((done.from, done.to), (Some(third), Some(second)));
    let done = registry.rollback(&request(60)).unwrap();
    assert_eq!((done.from, done.to), (Some(second), Some(first)));
    assert_eq!(
        registry.rollback(&request(70)).unwrap_err().name(),
        "NoPreviousLive"
    );

    for (minute, live) in [
        (9, None),
        (10, Some(first)),
        (29, Some(first)),
        (30, Some(second)),
        (49, Some(third)),
        (50, Some(second)),
        (60, Some(first)),
        (9_999, Some(first)),
    ] {
        assert_eq!(
            registry.live_at(at(minute)).unwrap().version,
            live,
            "at {minute}"
        );
    }
    let answer = registry.live_at(at(55)).unwrap();
    assert_eq!(
        (answer.since, answer.why.as_deref()),
        (Some(at(50)), Some("complaints"))
    );
    check_laws(&store, &engagement());
}

#[test]
fn a_rollback_passes_over_what_was_rejected_since() {
    let store = Store::memory();
    let registry = registry(&store);
    for n in 1..=3 {
        let version = register(&store, &format!("r{n}"), n);
        registry
            .promote(version, Target::Live, &request(n * 10))
            .unwrap();
    }
    registry
        .reject(version("v1.0.1"), &request(40).because("a leak"))
        .unwrap();
    assert_eq!(
        registry.rollback(&request(50)).unwrap().to,
        Some(version("v1.0.0"))
    );
    check_laws(&store, &engagement());
}

#[test]
fn a_live_version_is_not_rejected_and_a_rejection_needs_a_reason() {
    let store = Store::memory();
    let registry = registry(&store);
    let first = register(&store, "r1", 0);
    registry.promote(first, Target::Live, &request(1)).unwrap();
    let refused = registry
        .reject(first, &request(2).because("weak"))
        .unwrap_err();
    assert!(
        matches!(refused, RegistryError::MoveNotAllowed { .. }),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("only becomes retired"),
        "{refused}"
    );
    let refused = registry.reject(first, &request(2)).unwrap_err();
    assert_eq!(refused.name(), "InvalidRequest");
}

#[test]
fn aliases_are_set_moved_and_removed_and_go_with_a_rejection() {
    let store = Store::memory();
    let registry = registry(&store);
    let (first, second) = (register(&store, "r1", 0), register(&store, "r2", 1));
    registry
        .set_alias("challenger", first, &request(2))
        .unwrap();
    let moved = registry
        .set_alias("challenger", second, &request(3))
        .unwrap();
    assert_eq!(moved.entries[0].alias_before, Some(first));
    assert!(
        registry
            .set_alias("challenger", second, &request(4))
            .unwrap()
            .already
    );
    assert_eq!(registry.resolve("challenger").unwrap().version, second);
    registry.set_alias("twin", second, &request(5)).unwrap();
    let rejected = registry
        .reject(second, &request(6).because("weak"))
        .unwrap();
    let actions: Vec<Action> = rejected.entries.iter().map(|entry| entry.action).collect();
    assert_eq!(
        actions,
        [Action::Rejected, Action::AliasRemoved, Action::AliasRemoved]
    );
    assert_eq!(
        registry.resolve("challenger").unwrap_err().name(),
        "AliasNotFound"
    );
    let refused = registry
        .set_alias("challenger", second, &request(7))
        .unwrap_err();
    assert_eq!(refused.name(), "InvalidAlias");
    registry
        .set_alias("challenger", first, &request(8))
        .unwrap();
    registry.remove_alias("challenger", &request(9)).unwrap();
    assert_eq!(
        registry
            .remove_alias("challenger", &request(9))
            .unwrap_err()
            .name(),
        "AliasNotFound"
    );
    check_laws(&store, &engagement());
}

#[test]
fn pruning_keeps_the_newest_the_used_and_the_way_back() {
    let store = Store::memory();
    let registry = registry(&store);
    let all: Vec<_> = (0..10)
        .map(|n| register(&store, &format!("r{n}"), n))
        .collect();
    registry
        .promote(all[0], Target::Live, &request(20))
        .unwrap();
    registry
        .promote(all[1], Target::Live, &request(21))
        .unwrap();
    registry
        .promote(all[2], Target::Live, &request(22))
        .unwrap();
    registry
        .promote(all[3], Target::Staging, &request(23))
        .unwrap();
    registry.set_alias("golden", all[4], &request(24)).unwrap();
    let before = store.list("").unwrap();
    let plan = registry.plan_prune(2, at(30)).unwrap();
    assert_eq!(store.list("").unwrap(), before, "a plan changes nothing");
    let pruned = registry.prune(2, &request(30)).unwrap();
    assert_eq!(pruned.plan, plan);
    assert_eq!(pruned.plan.versions, [all[7], all[6], all[5], all[0]]);
    assert_eq!(pruned.plan.objects.len(), 8);
    let files = |version| {
        let prefix = format!("models/engagement/{version}/");
        store.list(&prefix).unwrap().len()
    };
    assert_eq!(
        [files(all[0]), files(all[5]), files(all[9]), files(all[1])],
        [1, 1, 3, 3]
    );
    assert!(registry.show("v1.0.5").is_ok(), "its manifest stays");
    let refused = registry
        .promote(all[5], Target::Live, &request(31))
        .unwrap_err();
    assert_eq!(refused.name(), "VersionPruned");
    assert_eq!(registry.rollback(&request(32)).unwrap().to, Some(all[1]));
    let again = registry.prune(2, &request(33)).unwrap();
    assert_eq!(
        again.plan.versions,
        [all[2]],
        "it was live and is nothing now"
    );
    assert_eq!([files(all[2]), files(all[1])], [1, 3]);
    check_laws(&store, &engagement());
}
