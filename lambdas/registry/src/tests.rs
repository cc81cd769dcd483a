//! The registry's function as the state machines call it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod shards;

use std::path::Path;

use millrace_contract::{NamedError, ObjectRef};
use millrace_registry::{Decision, Finding, GateVerdict, Outcome};
use millrace_store::{Key, Store};
use millrace_trail::{Begun, begin};
use serde_json::{Value, json};

use super::*;

const SPEC: &str = r#"
name = "small"
contract = "contract.toml"
target = "score"
[scores]
table = "predictions"
column = "predicted"
decimals = 4
[quality]
attempts = 3
[promotion]
to = "staging"
"#;

const CONTRACT: &str = r#"
name = "people"
version = 1
[columns]
id = { role = "id", type = "text" }
age = { role = "feature", type = "integer", range = [0, 120] }
score = { role = "target", type = "float" }
"#;

/// Asks as a state machine does: in JSON, and back.
fn ask(store: &Store, input: Value) -> Result<Value, String> {
    let input: RegistryInput = serde_json::from_value(input).map_err(|e| e.to_string())?;
    let now = "2026-11-01T09:00:00Z".parse().map_err(|_| "time")?;
    let output =
        run_at(&Context::unsigned(store), input, now).map_err(|error| error.name().to_owned())?;
    serde_json::to_value(output).map_err(|error| error.to_string())
}

fn documents(folder: &Path) -> String {
    std::fs::write(folder.join("spec.toml"), SPEC).unwrap();
    std::fs::write(folder.join("contract.toml"), CONTRACT).unwrap();
    folder.join("spec.toml").display().to_string()
}

fn open(store: &Store, run: &str, spec: Option<&str>, data: Option<&str>) -> Result<Value, String> {
    ask(
        store,
        json!({
            "action": "open_run", "run_id": run, "started_at": "2026-11-01T08:00:00.250Z",
            "kind": "training", "spec": spec, "data": data,
        }),
    )
}

fn object(store: &Store, key: &str, bytes: &[u8]) -> ObjectRef {
    store.put(&Key::new(key).unwrap(), bytes.to_vec()).unwrap();
    ObjectRef::of(key, bytes)
}

fn verdict(store: &Store, run: &str, gate: &str, decision: Decision) -> ObjectRef {
    let outcome = match decision {
        Decision::Passed => Outcome::Pass,
        Decision::Blocked => Outcome::Fail,
        Decision::InsufficientEvidence => Outcome::InsufficientEvidence,
    };
    let verdict = GateVerdict {
        decision,
        summary: format!("{gate} is what it is"),
        findings: vec![Finding {
            subject: "r2".into(),
            outcome,
            value: Some(0.9),
            limit: Some(0.8),
            detail: String::new(),
        }],
    };
    let bytes = serde_json::to_vec(&verdict).unwrap();
    object(
        store,
        &format!("runs/{run}/{gate}-gate-1/verdict.json"),
        &bytes,
    )
}

fn metadata(run: &str) -> Value {
    let digest = "0".repeat(64);
    json!({
        "model_name": "small", "run_id": run, "trained_at": "2026-11-01T08:00:00Z",
        "versions": {"metadata": 1, "millrace": "0.1.0", "code": "test", "xgboost": "3.4.1", "contract": 1},
        "digests": {"data": digest, "contract": digest, "spec": digest, "recipe": digest, "model": digest},
        "rows": {"read": 10, "quarantined": 0, "training": 8, "holdout": 2},
        "features": ["age"],
        "target": {"column": "score", "mean": 0.5, "deviation": 0.1, "minimum": 0.0, "maximum": 1.0},
        "hyperparameters": {"n_estimators": 10, "max_depth": 3, "learning_rate": 0.1, "subsample": 1.0, "colsample_bytree": 1.0},
        "search": {"strategy": "exhaustive", "folds": 2, "attempt": 1, "candidates": []},
        "metrics": {"r2": 0.9, "rmse": 0.1, "mae": 0.1, "tiers": []},
        "importance": {"columns": {"age": 1.0}, "encoded": {"age": 1.0}},
    })
}

/// What a training run hands to the registry.
fn register_input(store: &Store, folder: &Path, run: &str, quality: Decision) -> Value {
    let opened = open(store, run, Some(&documents(folder)), Some("data")).unwrap();
    let file =
        |name: &str, bytes: &[u8]| object(store, &format!("runs/{run}/train-1/{name}"), bytes);
    let metadata = serde_json::to_vec(&metadata(run)).unwrap();
    let documents = &opened["record"]["documents"];
    json!({
        "action": "register",
        "run": opened["record"]["run"],
        "train": {
            "attempt": 1,
            "files": {
                "model": file("model.ubj", run.as_bytes()), "recipe": file("recipe.json", b"{}"),
                "metadata": file("metadata.json", &metadata),
                "spec": documents["spec"], "contract": documents["contract"],
                "holdout": file("holdout.parquet", b"h"), "holdout_rows": file("holdout_rows.parquet", b"r"),
            },
            "metrics": {"r2": 0.9, "rmse": 0.1, "mae": 0.1, "tiers": []},
        },
        "quality": verdict(store, run, "quality", quality),
        "fairness": verdict(store, run, "fairness", Decision::Passed),
        "data": "data",
    })
}

fn promote(store: &Store, run: &str, version: &str) -> Value {
    let input = json!({
        "action": "promote", "run": {"run_id": run, "started_at": "2026-11-01T08:00:00Z"},
        "model": "small", "version": version, "to": "live",
    });
    ask(store, input).unwrap()
}

fn resolve(store: &Store, run: &str) -> Result<Value, String> {
    ask(
        store,
        json!({
            "action": "resolve", "run": {"run_id": run, "started_at": "2026-11-01T10:00:00Z"},
            "model": "small", "version": null,
        }),
    )
}

#[test]
fn a_run_is_opened_once_and_told_what_the_spec_plans() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let spec = documents(folder.path());
    let first = open(&store, "r1", Some(&spec), Some("data")).unwrap();
    assert_eq!(
        first["plan"],
        json!({"attempts": 3, "promote_to": "staging", "containers": 1})
    );
    assert_eq!(first["record"]["model"], "small");
    assert_eq!(first["record"]["run"]["started_at"], "2026-11-01T08:00:00Z");
    assert_eq!(
        open(&store, "r1", Some(&spec), Some("data")).unwrap(),
        first
    );
    assert_eq!(
        open(&store, "r1", None, None).unwrap(),
        first,
        "taken up as it was"
    );
    let changed = open(&store, "r1", Some(&spec), Some("other")).unwrap_err();
    assert_eq!(changed, "RunInputChanged");
    std::fs::write(&spec, SPEC.replace("attempts = 3", "attempts = 4")).unwrap();
    let changed = open(&store, "r1", Some(&spec), Some("data")).unwrap_err();
    assert_eq!(changed, "RunInputChanged");
}

#[test]
fn a_run_that_lacks_something_is_refused_by_name() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let spec = documents(folder.path());
    assert_eq!(
        open(&store, "r1", Some(&spec), None).unwrap_err(),
        "InvalidInput"
    );
    assert_eq!(
        open(&store, "r1", None, Some("data")).unwrap_err(),
        "InvalidInput"
    );
    std::fs::write(
        &spec,
        SPEC.replace("target = \"score\"", "target = \"nothing\""),
    )
    .unwrap();
    assert_eq!(
        open(&store, "r1", Some(&spec), Some("data")).unwrap_err(),
        "InvalidSpec"
    );
    assert!(store.list("").unwrap().is_empty(), "a run began");
    let no_model = json!({"action": "open_run", "run_id": "r2", "started_at": "2026-11-01T08:00:00Z", "kind": "inference", "data": "d"});
    assert_eq!(ask(&store, no_model).unwrap_err(), "InvalidInput");
}

#[test]
fn a_container_is_believed_by_what_it_left() {
    let store = Store::memory();
    let prepare =
        json!({"action": "prepare", "run_id": "r1", "stage": "train-1", "input": {"attempt": 1}});
    let uri = ask(&store, prepare).unwrap()["uri"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(uri.ends_with("runs/r1/train-1/input.json"));
    let collect = json!({"action": "collect", "run_id": "r1", "stage": "train-1"});
    assert_eq!(ask(&store, collect.clone()).unwrap_err(), "StageUnfinished");
    let failure = br#"{"error": "NoFeatures", "cause": "no columns are left"}"#;
    object(&store, "runs/r1/train-1/error.json", failure);
    assert_eq!(ask(&store, collect.clone()).unwrap_err(), "NoFeatures");
    // A container that starts again takes back the last one's word.
    let last = Key::new("runs/r1/train-1/error.json").unwrap();
    store.delete(&last).unwrap();
    let run = "r1".parse().unwrap();
    let Begun::Fresh(work) = begin::<_, Value>(&store, &run, "train-1", &json!({})).unwrap() else {
        panic!("not fresh");
    };
    work.finish(json!({"attempt": 1})).unwrap();
    assert_eq!(
        ask(&store, collect).unwrap(),
        json!({"output": {"attempt": 1}})
    );
}

#[test]
fn a_candidate_is_registered_once_and_promoted_once() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let first = register_input(&store, folder.path(), "r1", Decision::Passed);
    let registered = ask(&store, first.clone()).unwrap();
    assert_eq!(
        registered,
        json!({"model": "small", "version": "v1.0.0", "state": "candidate"})
    );
    assert_eq!(ask(&store, first).unwrap(), registered);
    assert_eq!(promote(&store, "r1", "v1.0.0")["changed"], true);
    let second = register_input(&store, folder.path(), "r2", Decision::Passed);
    assert_eq!(ask(&store, second).unwrap()["version"], "v1.0.1");
    assert_eq!(promote(&store, "r2", "v1.0.1")["live"], "v1.0.1");
    let again = promote(&store, "r1", "v1.0.0");
    assert_eq!(
        again["changed"], false,
        "a run that is started again takes nothing back"
    );
    assert_eq!(resolve(&store, "i1").unwrap()["model"]["version"], "v1.0.1");
}

#[test]
fn a_blocked_candidate_is_kept_as_rejected() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let mut blocked = register_input(&store, folder.path(), "r1", Decision::Blocked);
    blocked["rejected_because"] = json!(["the quality gate blocked attempt 3 of 3"]);
    assert_eq!(ask(&store, blocked).unwrap()["state"], "rejected");
    // Also for a reason that is no gate's.
    let mut refused = register_input(&store, folder.path(), "r2", Decision::Passed);
    refused["rejected_because"] = json!(["somebody stopped it"]);
    assert_eq!(ask(&store, refused).unwrap()["state"], "rejected");
    assert_eq!(resolve(&store, "i1").unwrap_err(), "NoLiveVersion");
}

#[test]
fn a_run_keeps_the_version_that_it_resolved() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    for (run, version) in [("r1", "v1.0.0"), ("r2", "v1.0.1")] {
        ask(
            &store,
            register_input(&store, folder.path(), run, Decision::Passed),
        )
        .unwrap();
        promote(&store, run, version);
        assert_eq!(resolve(&store, "i1").unwrap()["model"]["version"], "v1.0.0");
    }
    let resolved = resolve(&store, "i2").unwrap();
    assert_eq!(resolved["model"]["version"], "v1.0.1");
    assert_eq!(resolved["table"], "predictions");
    assert_eq!(
        resolved["columns"][1],
        json!({"Name": "predicted", "Type": "double"})
    );
    let reject = json!({"action": "reject", "model": "small", "version": "v1.0.0", "who": "ada", "why": "unfair"});
    ask(&store, reject).unwrap();
    assert_eq!(resolve(&store, "i1").unwrap_err(), "VersionRejected");
    let rollback = json!({"action": "rollback", "model": "small", "who": "ada"});
    assert_eq!(ask(&store, rollback).unwrap_err(), "NoPreviousLive");
}

#[test]
fn a_rollback_with_an_id_is_done_once() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    for (run, version) in [("r1", "v1.0.0"), ("r2", "v1.0.1"), ("r3", "v1.0.2")] {
        ask(
            &store,
            register_input(&store, folder.path(), run, Decision::Passed),
        )
        .unwrap();
        promote(&store, run, version);
    }
    let rollback =
        json!({"action": "rollback", "model": "small", "who": "ada", "operation_id": "o1"});
    for changed in [true, false] {
        let answer = ask(&store, rollback.clone()).unwrap();
        assert_eq!(
            answer,
            json!({"model": "small", "live": "v1.0.1", "changed": changed})
        );
    }
}

#[test]
fn the_end_of_a_run_is_written_in_its_folder() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let close = |result: Value| json!({"action": "close_run", "run_id": "r1", "result": result});
    let failed = close(json!({"result": "failed", "stage": "Train", "error": "E", "cause": "c"}));
    assert_eq!(ask(&store, failed.clone()).unwrap_err(), "RunNotFound");
    open(&store, "r1", Some(&documents(folder.path())), Some("data")).unwrap();
    assert_eq!(ask(&store, failed.clone()).unwrap()["error"], "E");
    let succeeded = close(json!({"result": "succeeded", "summary": "done"}));
    assert_eq!(ask(&store, succeeded).unwrap()["result"], "succeeded");
    assert_eq!(
        ask(&store, failed).unwrap()["result"],
        "succeeded",
        "a success stays one"
    );
}

#[test]
fn a_run_is_dated_as_the_clock_says_unless_another_is_meant() {
    let store = Store::memory();
    let at = |run: &str, started_at: &str, allowed: Option<bool>| {
        let mut asked = json!({
            "action": "open_run", "run_id": run, "started_at": started_at, "kind": "inference",
            "model": "small", "data": "data",
        });
        if let Some(allowed) = allowed {
            asked["allow_other_clock"] = allowed.into();
        }
        ask(&store, asked).map(|_| ())
    };
    // The clock of these tests says 2026-11-01T09:00:00Z.
    for far in [
        "2100-01-01T00:00:00Z",
        "2026-11-02T09:00:01Z",
        "2026-10-31T08:59:59Z",
    ] {
        assert_eq!(at("far", far, None), Err("OtherClock".into()), "{far}");
        assert_eq!(
            at("far", far, Some(false)),
            Err("OtherClock".into()),
            "{far}"
        );
    }
    assert_eq!(at("near", "2026-11-02T09:00:00Z", None), Ok(()));
    assert_eq!(at("meant", "2100-01-01T00:00:00Z", Some(true)), Ok(()));
    // A run that exists is taken up whenever that is.
    assert_eq!(at("near", "2026-11-05T09:00:00Z", None), Ok(()));
}

fn resolve_as(store: &Store, version: &str, trial: bool) -> Result<Value, String> {
    let run = format!("i-{}-{trial}", version.replace([':', '/', '.'], "-"));
    let answer = ask(
        store,
        json!({
            "action": "resolve", "run": {"run_id": run, "started_at": "2026-11-01T10:00:00Z"},
            "model": "small", "version": version, "trial": trial,
        }),
    );
    answer.map(|resolved| resolved["model"]["version"].clone())
}

/// Attempts by number, for the tenth comes after the ninth; and by name.
#[test]
fn a_trial_applies_what_a_run_left_and_nothing_else_does() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let registered = register_input(&store, folder.path(), "r1", Decision::Passed);
    assert_eq!(
        resolve_as(&store, "run:r1", true).unwrap_err(),
        "CandidateNotFound"
    );
    for attempt in [2, 9, 10] {
        let (run, stage) = ("r1".parse().unwrap(), format!("train-{attempt}"));
        let Begun::Fresh(work) = begin::<_, Value>(&store, &run, &stage, &attempt).unwrap() else {
            panic!("not fresh");
        };
        let mut output = registered["train"].clone();
        output["attempt"] = attempt.into();
        work.finish(output).unwrap();
    }
    for (wanted, found) in [
        ("run:r1", "run:r1/10"),
        ("run:r1/10", "run:r1/10"),
        ("run:r1/2", "run:r1/2"),
    ] {
        assert_eq!(resolve_as(&store, wanted, true).unwrap(), found);
        // Registered or not: readers must not see what was not asked for by its version.
        let refused = resolve_as(&store, wanted, false).unwrap_err();
        assert_eq!(refused, "VersionMayNotServe", "{wanted}");
    }
    for unknown in [
        "run:r1/3",
        "run:r1/0",
        "run:r1/x",
        "run:",
        "run:../r1",
        "run:r2",
    ] {
        assert_eq!(
            resolve_as(&store, unknown, true).unwrap_err(),
            "CandidateNotFound",
            "{unknown}"
        );
    }
}

#[test]
fn a_trial_applies_a_rejected_version_and_no_other_run_does() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let blocked = register_input(&store, folder.path(), "r1", Decision::Blocked);
    ask(&store, blocked).unwrap();
    assert_eq!(resolve_as(&store, "v1.0.0", true).unwrap(), "v1.0.0");
    let refused = resolve_as(&store, "v1.0.0", false).unwrap_err();
    assert_eq!(refused, "VersionRejected");
}
