//! A version's life: registered, promoted, compared, rolled back, rejected, pruned.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use millrace_contract::{Digest, RunId, Version};
use millrace_keys::{Context, SigningKey};
use millrace_registry::{
    Action, Decision, Patience, Registry, RegistryError, State, Target, models, render,
};
use millrace_store::Store;

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
fn what_the_gates_block_is_registered_as_rejected_and_stays_so() {
    let store = Store::memory();
    let mut unfair = candidate(&store, "r1");
    unfair.evidence.fairness = Some(gate(Decision::Blocked));
    let registered = registry(&store).register(&unfair, &request(0)).unwrap();
    assert_eq!(registered.state, State::Rejected);
    assert_eq!(
        registered.reasons,
        ["fairness gate: women and men differ by 0.02"]
    );
    for target in [Target::Staging, Target::Live] {
        let refused = registry(&store).promote(registered.version, target, &request(1));
        assert_eq!(refused.unwrap_err().name(), "MoveNotAllowed");
    }
    let used = registry(&store).resolve_for_use("v1.0.0").unwrap_err();
    assert_eq!(used.name(), "VersionRejected");
    let entry = registry(&store).history().unwrap().pop().unwrap();
    assert_eq!(entry.verdicts.unwrap().fairness, Some(Decision::Blocked));
    check_laws(&store, &engagement());
}

#[test]
fn what_is_rejected_is_not_signed() {
    let store = Store::memory();
    let mut context = Context::unsigned(&store);
    context.keys.signing = Some(SigningKey::read(&SigningKey::make().unwrap().secret).unwrap());
    let registry = Registry::open(&context, engagement()).with_patience(Patience::short());
    let mut unfair = candidate(&store, "r1");
    unfair.evidence.fairness = Some(gate(Decision::Blocked));
    let unfair = registry.register(&unfair, &request(0)).unwrap().version;
    let fair = registry.register(&candidate(&store, "r2"), &request(1));
    let fair = fair.unwrap().version;
    let is_signed = |version: Version| {
        let place = key(&format!("models/engagement/{version}/manifest.sig"));
        store.head(&place).is_ok()
    };
    assert!(is_signed(fair) && !is_signed(unfair));
    let afterwards = registry.sign(&unfair.to_string()).unwrap_err();
    assert_eq!(afterwards.name(), "VersionRejected");
    assert!(!is_signed(unfair));
}

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
fn a_clock_that_goes_backwards_does_not_reorder_the_history() {
    let store = Store::memory();
    let registry = registry(&store);
    let first = register(&store, "r1", 100);
    registry.promote(first, Target::Live, &request(50)).unwrap();
    let last = registry.history().unwrap().pop().unwrap();
    assert_eq!((last.at, last.clock_said), (at(100), Some(at(50))));
    assert_eq!(registry.live_at(at(99)).unwrap().version, None);
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

#[test]
fn diff_names_what_changed() {
    let store = Store::memory();
    register(&store, "r1", 0);
    let mut other = candidate(&store, "r2");
    other.evidence.metrics.insert("r2".into(), 0.93);
    lineage(&mut other).features = vec!["tenure".into(), "country".into()];
    lineage(&mut other).hyperparameters.set("max_depth", 9_u32);
    lineage(&mut other).data_digest = Digest::of(b"november");
    registry(&store).register(&other, &request(1)).unwrap();
    let diff = registry(&store).diff("v1.0.0", "v2.0.0").unwrap();
    assert_eq!(diff.features_added, ["country"]);
    assert_eq!(diff.features_removed, ["app_opens"]);
    assert_eq!(diff.hyperparameters.len(), 1);
    assert_eq!(diff.hyperparameters[0].after, "9");
    assert!(diff.data.is_some());
    let r2 = diff
        .metrics
        .iter()
        .find(|metric| metric.name == "r2")
        .unwrap();
    assert!((r2.difference.unwrap() - 0.02).abs() < 1e-12);
    let text = render::diff(&diff);
    assert!(
        text.contains("max_depth") && text.contains("+0.020000"),
        "{text}"
    );
}

#[test]
fn history_moves_to_archives_and_stays_whole() {
    let store = Store::memory();
    let registry = registry(&store);
    let (first, second) = (register(&store, "r1", 0), register(&store, "r2", 0));
    for n in 0..300 {
        let version = if n % 2 == 0 { first } else { second };
        registry
            .set_alias("challenger", version, &request(n))
            .unwrap();
    }
    let document = registry.document().unwrap();
    assert!(document.history.len() <= 201, "{}", document.history.len());
    assert_eq!(document.archives.len(), 2);
    assert_eq!(registry.history().unwrap().len(), 304);
    registry.prune(5, &request(400)).unwrap();
    let copies = store.list("models/engagement/registry-history/").unwrap();
    assert!(copies.len() <= 51, "{} copies", copies.len());
    check_laws(&store, &engagement());
    let archive = key(&document.archives[0].object.key);
    store.put(&archive, "[]").unwrap();
    let error = registry.history().unwrap_err();
    assert!(
        matches!(error, RegistryError::RegistryDamaged { .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("history/000000000001"),
        "{error}"
    );
}

#[test]
fn the_tables_say_what_there_is() {
    let store = Store::memory();
    let registry = registry(&store);
    let first = register(&store, "r1", 0);
    registry
        .promote(
            first,
            Target::Live,
            &request(1).because("first\u{1b}[2J model"),
        )
        .unwrap();
    let list = render::list(&registry.list().unwrap());
    assert!(
        list.contains("v1.0.0   live   live") && list.contains("r1"),
        "{list}"
    );
    let shown = render::show(&registry.show("live").unwrap());
    for wanted in [
        "0.910000",
        "women and men",
        "model.json",
        "promoted v1.0.0 (candidate -> live)",
    ] {
        assert!(shown.contains(wanted), "{wanted} is not in\n{shown}");
    }
    assert!(
        !shown.contains('\u{1b}'),
        "control characters are not printed"
    );
    let answer = render::live_at(&registry.live_at(at(2)).unwrap());
    assert!(
        answer.starts_with("engagement v1.0.0 was live at 2026-11-01T12:02:00Z, since"),
        "{answer}"
    );
    assert_eq!(models(&store).unwrap(), [engagement()]);
    assert!(
        serde_json::to_string(&registry.list().unwrap())
            .unwrap()
            .contains("\"v1.0.0\"")
    );
}

/// A gate that could not judge neither rejects a version for ever nor lets a run promote it.
#[test]
fn what_lacks_evidence_is_promoted_by_a_person_with_a_reason_and_by_nobody_else() {
    let store = Store::memory();
    let mut unknown = candidate(&store, "r1");
    unknown.evidence.quality = Some(gate(Decision::InsufficientEvidence));
    let registered = registry(&store).register(&unknown, &request(0)).unwrap();
    assert_eq!(registered.state, State::Candidate);
    let version = registered.version;
    let run = request(1)
        .for_run(RunId::new("r1").unwrap())
        .because("run r1 passed its gates");
    let blank = request(1).because("  ");
    for target in [Target::Staging, Target::Live] {
        for asked in [&request(1), &blank, &run] {
            let refused = registry(&store).promote(version, target, asked);
            assert_eq!(refused.unwrap_err().name(), "ReasonNeeded", "{asked:?}");
        }
    }
    let used = || registry(&store).resolve_for_use(&version.to_string());
    assert_eq!(
        used().unwrap_err().name(),
        "ReasonNeeded",
        "it scores nothing"
    );
    let why = "the live model's files are lost, and this one was tried by hand";
    let promoted = registry(&store).promote(version, Target::Live, &request(2).because(why));
    assert_eq!(promoted.unwrap().live, Some(version));
    assert_eq!(used().unwrap().version, version);
    let history = registry(&store).history().unwrap();
    let last = history.last().unwrap();
    assert_eq!(
        (last.action, last.why.as_deref()),
        (Action::Promoted, Some(why))
    );
    let quality = last.verdicts.unwrap().quality;
    assert_eq!(quality, Some(Decision::InsufficientEvidence));
    check_laws(&store, &engagement());
}

#[test]
fn a_gate_that_lacks_evidence_only_has_no_failed_finding() {
    let store = Store::memory();
    let mut contradictory = candidate(&store, "r1");
    let mut verdict = gate(Decision::InsufficientEvidence);
    verdict.findings.extend(gate(Decision::Blocked).findings);
    contradictory.evidence.quality = Some(verdict);
    let refused = registry(&store).register(&contradictory, &request(0));
    assert_eq!(refused.unwrap_err().name(), "EvidenceContradictory");
}
