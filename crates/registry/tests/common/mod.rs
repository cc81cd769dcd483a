//! Models to register, and the laws that must hold whatever happened.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use millrace_contract::{Digest, ModelName, ObjectRef, RunId, Version};
use millrace_keys::Context;
use millrace_registry::{
    Candidate, Decision, Evidence, Finding, GateVerdict, Lineage, Outcome, Patience, Registry,
    Request, SourceFile, State,
};
use millrace_store::{Key, Store};

pub fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

pub fn version(text: &str) -> Version {
    text.parse().unwrap()
}

pub fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minute)
}

pub fn request(minute: i64) -> Request {
    Request::new("ada", at(minute))
}

pub fn engagement() -> ModelName {
    ModelName::new("engagement").unwrap()
}

/// For tests without races: quick to give up and quick to try again.
pub fn registry(store: &Store) -> Registry {
    Registry::open(&Context::unsigned(store), engagement()).with_patience(Patience::short())
}

pub fn gate(decision: Decision) -> GateVerdict {
    let outcome = match decision {
        Decision::Passed => Outcome::Pass,
        Decision::Blocked => Outcome::Fail,
        Decision::InsufficientEvidence => Outcome::InsufficientEvidence,
    };
    GateVerdict {
        decision,
        summary: "women and men differ by 0.02".into(),
        findings: vec![Finding {
            subject: "gender".into(),
            outcome,
            value: Some(0.02),
            limit: Some(0.1),
            detail: String::new(),
        }],
    }
}

/// The files of a run are written where a run leaves them.
pub fn candidate(store: &Store, run: &str) -> Candidate {
    let files = ["model.json", "recipe.json"].map(|name| {
        let bytes = format!("{name} of {run}");
        let object = ObjectRef::of(format!("runs/{run}/train/{name}"), bytes.as_bytes());
        store.put(&key(&object.key), bytes).unwrap();
        SourceFile {
            name: name.into(),
            object,
        }
    });
    Candidate {
        files: files.to_vec(),
        evidence: Evidence {
            metrics: BTreeMap::from([("r2".into(), 0.91), ("rmse".into(), 0.05)]),
            quality: Some(gate(Decision::Passed)),
            fairness: Some(gate(Decision::Passed)),
        },
        lineage: Some(Lineage {
            run_id: RunId::new(run).unwrap(),
            data_uri: "s3://lake/customers/2026-11-01.parquet".into(),
            data_digest: Digest::of(b"data"),
            spec_digest: Digest::of(b"spec"),
            contract_digest: Digest::of(b"contract"),
            contract_version: 1,
            features: vec!["app_opens".into(), "tenure".into()],
            hyperparameters: [("n_estimators", 100_u32), ("max_depth", 6)]
                .into_iter()
                .collect(),
            code_version: "0.1.0+abc".into(),
        }),
        rejected_because: Vec::new(),
    }
}

pub fn lineage(candidate: &mut Candidate) -> &mut Lineage {
    candidate.lineage.as_mut().unwrap()
}

/// Registers the run as it is, and gives its version.
pub fn register(store: &Store, run: &str, minute: i64) -> Version {
    let candidate = candidate(store, run);
    let registered = registry(store).register(&candidate, &request(minute));
    registered.unwrap().version
}

/// The laws: the document is sound (which includes: one live version at most, linear history, no
/// number twice), its whole history is linear, every version has its manifest and all files unaltered
/// unless pruned, and each state follows from the history.
pub fn check_laws(store: &Store, name: &ModelName) {
    let registry = Registry::open(&Context::unsigned(store), name.clone());
    let Ok(document) = registry.document() else {
        let key = format!("models/{name}/registry.json");
        assert!(
            store.get(&Key::new(key).unwrap()).is_err(),
            "damaged document"
        );
        return;
    };
    let history = registry.history().expect("the history is whole and linear");
    let sequences: Vec<u64> = history.iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, (1..=history.len() as u64).collect::<Vec<_>>());
    let mut live = None;
    let mut states: BTreeMap<Version, State> = BTreeMap::new();
    let mut registered = BTreeSet::new();
    for entry in &history {
        assert_eq!(entry.live_before, live, "{entry:?}");
        live = entry.live_after;
        if let (Some(version), Some(to)) = (entry.version, entry.to) {
            assert_eq!(entry.from, states.insert(version, to), "{entry:?}");
            if let Some(from) = entry.from {
                assert!(from.may_become(to), "{entry:?}");
            } else {
                assert!(registered.insert(version), "{version} was registered twice");
            }
        }
    }
    let now: BTreeMap<Version, State> = document
        .versions
        .iter()
        .map(|(version, entry)| (*version, entry.state))
        .collect();
    assert_eq!(states, now, "the states follow from the history");
    assert_eq!(live, document.live());
    for (version, entry) in &document.versions {
        let resolved = registry.resolve(&version.to_string()).unwrap();
        assert_eq!(resolved.manifest.lineage.run_id, entry.run_id);
        if entry.pruned_at.is_none() {
            registry.verify(&resolved.manifest).unwrap();
        }
    }
}
