//! What the gates' verdicts make of a version.

use millrace_contract::{RunId, Version};
use millrace_keys::{Context, SigningKey};
use millrace_registry::{Action, Decision, Evidence, Patience, Registry, State, Target};
use millrace_store::Store;

use crate::common::*;

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

/// A registry that signs.
fn signing(store: &Store) -> Registry {
    let mut context = Context::unsigned(store);
    context.keys.signing = Some(SigningKey::read(&SigningKey::make().unwrap().secret).unwrap());
    Registry::open(&context, engagement()).with_patience(Patience::short())
}

fn is_signed(store: &Store, version: Version) -> bool {
    let place = key(&format!("models/engagement/{version}/manifest.sig"));
    store.head(&place).is_ok()
}

#[test]
fn what_is_rejected_is_not_signed() {
    let store = Store::memory();
    let registry = signing(&store);
    let mut unfair = candidate(&store, "r1");
    unfair.evidence.fairness = Some(gate(Decision::Blocked));
    let unfair = registry.register(&unfair, &request(0)).unwrap().version;
    let fair = registry.register(&candidate(&store, "r2"), &request(1));
    let fair = fair.unwrap().version;
    assert!(is_signed(&store, fair) && !is_signed(&store, unfair));
    let afterwards = registry.sign(&unfair.to_string()).unwrap_err();
    assert_eq!(afterwards.name(), "VersionRejected");
    assert!(!is_signed(&store, unfair));
}

/// A key vouches for what passed: what no gate could judge is signed by the person who decides to use it.
#[test]
fn what_lacks_evidence_stays_unsigned_until_a_person_signs_it() {
    let store = Store::memory();
    let registry = signing(&store);
    let undecided = |run: &str, decide: fn(&mut Evidence)| {
        let mut candidate = candidate(&store, run);
        decide(&mut candidate.evidence);
        let registered = registry.register(&candidate, &request(0)).unwrap();
        assert_eq!(registered.state, State::Candidate, "{run}");
        registered.version
    };
    let quality = undecided("r1", |evidence| {
        evidence.quality = Some(gate(Decision::InsufficientEvidence));
    });
    let fairness = undecided("r2", |evidence| {
        evidence.fairness = Some(gate(Decision::InsufficientEvidence));
    });
    for version in [quality, fairness] {
        assert!(!is_signed(&store, version), "{version}");
        let because = request(1).because("judged by hand");
        registry
            .promote(version, Target::Staging, &because)
            .unwrap();
        assert!(
            !is_signed(&store, version),
            "{version}: promoting is not signing"
        );
    }
    registry.sign(&quality.to_string()).unwrap();
    assert!(is_signed(&store, quality) && !is_signed(&store, fairness));
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
