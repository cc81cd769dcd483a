//! `millrace models`: every verb, on a registry with a past.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use millrace_contract::{Digest, ModelName, ObjectRef, RunId};
use millrace_keys::Context;
use millrace_registry::{
    Candidate, Decision, Evidence, Finding, GateVerdict, Lineage, Outcome, Registry, Request,
    SourceFile, Target,
};
use millrace_store::{Key, Store};
use serde_json::Value;
use support::{Answer, Workshop};

const DOCUMENT: &str = "store/models/engagement/registry.json";

fn gate(decision: Decision) -> GateVerdict {
    let outcome = match decision {
        Decision::Passed => Outcome::Pass,
        Decision::Blocked => Outcome::Fail,
        Decision::InsufficientEvidence => Outcome::InsufficientEvidence,
    };
    GateVerdict {
        decision,
        summary: "woman and man differ by 0.02".into(),
        findings: vec![Finding {
            subject: "gender".into(),
            outcome,
            value: Some(0.02),
            limit: Some(0.1),
            detail: String::new(),
        }],
    }
}

/// What a run called `run` would hand over; each learns from other data.
fn candidate(store: &Store, run: &str, fairness: Decision) -> Candidate {
    let key = format!("runs/{run}/train-1/model.ubj");
    store
        .put(&Key::new(key.clone()).unwrap(), run.to_owned())
        .unwrap();
    let digest = |text: &str| Digest::of(text.as_bytes());
    Candidate {
        files: vec![SourceFile {
            name: "model.ubj".into(),
            object: ObjectRef::of(key, run.as_bytes()),
        }],
        evidence: Evidence {
            metrics: BTreeMap::from([("r2".into(), 0.8), ("rmse".into(), 0.1)]),
            quality: Some(gate(Decision::Passed)),
            fairness: Some(gate(fairness)),
        },
        lineage: Some(Lineage {
            run_id: RunId::new(run).unwrap(),
            data_uri: format!("{run}.parquet"),
            data_digest: digest(run),
            spec_digest: digest("spec"),
            contract_digest: digest("contract"),
            contract_version: 1,
            features: vec!["visits".into()],
            hyperparameters: serde_json::from_value(serde_json::json!({
                "n_estimators": 100, "max_depth": 3, "learning_rate": 0.1, "subsample": 1.0, "colsample_bytree": 1.0,
            }))
            .unwrap(),
            code_version: "test".into(),
        }),
        rejected_because: Vec::new(),
    }
}

struct Desk {
    workshop: Workshop,
}

impl Desk {
    /// v1.0.0 was live from ten o'clock, v1.1.0 from one; v1.2.0 was rejected, v1.3.0 is a candidate.
    fn new() -> Desk {
        let workshop = Workshop::default();
        let store = Store::open(&workshop.text("store")).unwrap();
        let registry = Registry::open(
            &Context::unsigned(&store),
            ModelName::new("engagement").unwrap(),
        );
        let request = |time: &str| Request::new("training run", time.parse().unwrap());
        for (run, decision, registered, promoted) in [
            (
                "r0",
                Decision::Passed,
                "2026-11-01T09:00:00Z",
                Some("2026-11-01T10:00:00Z"),
            ),
            (
                "r1",
                Decision::Passed,
                "2026-11-01T12:30:00Z",
                Some("2026-11-01T13:00:00Z"),
            ),
            ("r2", Decision::Blocked, "2026-11-01T14:00:00Z", None),
            ("r3", Decision::Passed, "2026-11-01T15:00:00Z", None),
        ] {
            let candidate = candidate(&store, run, decision);
            let request_then = request(registered);
            let version = registry
                .register(&candidate, &request_then)
                .unwrap()
                .version;
            if let Some(time) = promoted {
                let because = request(time).because(format!("run {run} passed its gates"));
                registry.promote(version, Target::Live, &because).unwrap();
            }
        }
        Desk { workshop }
    }

    fn ask(&self, arguments: &[&str]) -> Answer {
        let all = [&["models", "--who", "ada"], arguments].concat();
        self.workshop.millrace(&all)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let out = self.ask(&[arguments, &["--json"]].concat()).succeeded();
        serde_json::from_str(&out).unwrap()
    }

    fn live(&self) -> Value {
        self.json(&["list"])["live"].clone()
    }

    /// The newest entry of the history that made a version live.
    fn last_promotion(&self) -> Value {
        let all = self.json(&["history"]);
        let mut entries = all.as_array().unwrap().iter();
        let last = entries.rfind(|entry| entry["to"] == "live");
        last.unwrap().clone()
    }

    /// A refusal with its name, after which the store is as it was.
    #[track_caller]
    fn refused(&self, arguments: &[&str], name: &str) -> String {
        let before = self.workshop.store_files();
        let said = self.ask(arguments).failed_with(name);
        assert_eq!(
            self.workshop.store_files(),
            before,
            "{name} changed the store"
        );
        said
    }
}

#[test]
fn what_there_is_can_be_listed_shown_and_compared() {
    let desk = Desk::new();
    let listed = desk.ask(&["list"]).succeeded();
    for line in [
        "v1.3.0   candidate",
        "v1.2.0   rejected",
        "v1.1.0   live",
        "v1.0.0   retired",
        "live: v1.1.0   a rollback would return to: v1.0.0",
    ] {
        assert!(listed.contains(line), "{line} is not in\n{listed}");
    }
    assert_eq!(
        desk.json(&["list"])["versions"].as_array().unwrap().len(),
        4
    );
    let shown = desk.ask(&["show", "live"]).succeeded();
    for part in [
        "engagement v1.1.0",
        "r1.parquet",
        "woman and man differ by 0.02",
        "passed its gates",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    let diff = desk.ask(&["diff", "v1.0.0", "live"]).succeeded();
    assert!(
        diff.contains("r0.parquet") && diff.contains("r1.parquet"),
        "{diff}"
    );
    desk.refused(&["show", "v9.0.0"], "VersionNotFound");
    desk.refused(&["show", "challenger"], "AliasNotFound");
    desk.refused(&["--model", "churn", "list"], "ModelNotFound");
}

#[test]
fn history_says_who_was_live_when_and_why() {
    let desk = Desk::new();
    let said = desk
        .ask(&["history", "--at", "2026-11-01T12:00Z"])
        .succeeded();
    let wanted = "engagement v1.0.0 was live at 2026-11-01T12:00:00Z, since 2026-11-01T10:00:00Z, by training run, \
                  because: run r0 passed its gates";
    assert!(said.starts_with(wanted), "{said}");
    let at = |time: &str| desk.json(&["history", "--at", time])["version"].clone();
    assert_eq!(at("2026-11-01T09:59:59Z"), Value::Null);
    assert_eq!(at("2026-11-01T13:00:00Z"), "v1.1.0");
    let last_live = desk.last_promotion();
    assert_eq!(
        [
            &last_live["from"],
            &last_live["who"],
            &last_live["at"],
            &last_live["run_id"]
        ],
        ["candidate", "training run", "2026-11-01T13:00:00Z", "r1"]
    );
    assert_eq!(last_live["verdicts"]["fairness"], "passed");
    let answer = desk.ask(&["history", "--at", "noon"]);
    assert!(
        !answer.success && answer.error.contains("write it like"),
        "{}",
        answer.error
    );
}

#[test]
fn promotion_records_who_and_why_and_refuses_what_may_not_go_live() {
    let desk = Desk::new();
    let said = desk.refused(&["promote", "v1.2.0"], "MoveNotAllowed");
    assert!(
        said.contains("v1.2.0 is rejected and cannot become live"),
        "{said}"
    );
    desk.refused(&["promote", "v9.0.0"], "VersionNotFound");
    let not_a_version = desk.ask(&["promote", "newest"]);
    assert!(!not_a_version.success && not_a_version.error.contains("newest"));
    desk.ask(&["promote", "v1.3.0", "--to-staging"]).succeeded();
    assert_eq!(desk.live(), "v1.1.0");
    desk.ask(&["promote", "v1.3.0", "--why", "agreed in the review"])
        .succeeded();
    assert_eq!(desk.live(), "v1.3.0");
    let entry = desk.last_promotion();
    assert_eq!(
        [&entry["from"], &entry["who"], &entry["why"]],
        ["staging", "ada", "agreed in the review"]
    );
}

#[test]
fn files_that_do_not_match_are_neither_promoted_nor_scored_with() {
    let desk = Desk::new();
    let data = desk.workshop.customers("customers", 100);
    desk.workshop
        .write("store/models/engagement/v1.3.0/model.ubj", "r9");
    let said = desk.refused(&["promote", "v1.3.0"], "ModelFilesAltered");
    assert!(said.contains("model.ubj"), "{said}");
    let score = desk
        .workshop
        .millrace(&["score", "--data", &data, "--version", "v1.3.0"]);
    score.failed_with("ModelFilesAltered");
    let rejected = desk
        .workshop
        .millrace(&["score", "--data", &data, "--version", "v1.2.0"]);
    let said = rejected.failed_with("VersionMayNotServe");
    assert!(said.contains("--out FILE"), "{said}");
}

#[test]
fn a_rejection_needs_a_reason_and_stays() {
    let desk = Desk::new();
    let unexplained = desk.ask(&["reject", "v1.3.0"]);
    assert!(!unexplained.success && unexplained.error.contains("--why"));
    desk.refused(&["reject", "v1.1.0", "--why", "weak"], "MoveNotAllowed");
    desk.ask(&["reject", "v1.3.0", "--why", "a leak"])
        .succeeded();
    let shown = desk.ask(&["show", "v1.3.0"]).succeeded();
    assert!(
        shown.contains("rejected") && shown.contains("a leak"),
        "{shown}"
    );
    desk.refused(&["promote", "v1.3.0"], "MoveNotAllowed");
}

#[test]
fn a_rollback_can_be_looked_at_first_and_has_an_end() {
    let desk = Desk::new();
    let before = desk.workshop.store_files();
    let plan = desk.ask(&["rollback", "--dry-run"]).succeeded();
    assert!(
        plan.contains("would roll engagement back from v1.1.0 to v1.0.0"),
        "{plan}"
    );
    assert_eq!(desk.workshop.store_files(), before);
    let done = desk.ask(&["rollback", "--why", "complaints"]).succeeded();
    assert!(done.contains("v1.0.0 is live, v1.1.0 retired"), "{done}");
    assert_eq!(desk.live(), "v1.0.0");
    desk.refused(&["rollback"], "NoPreviousLive");
    desk.refused(&["rollback", "--dry-run"], "NoPreviousLive");
}

#[test]
fn names_of_ones_own_are_set_moved_and_removed() {
    let desk = Desk::new();
    desk.ask(&["alias", "set", "challenger", "v1.3.0"])
        .succeeded();
    desk.ask(&["alias", "set", "challenger", "v1.0.0"])
        .succeeded();
    assert_eq!(
        desk.json(&["show", "challenger"])["summary"]["version"],
        "v1.0.0"
    );
    desk.refused(&["alias", "set", "live", "v1.3.0"], "InvalidAlias");
    desk.refused(&["alias", "set", "champion", "v1.2.0"], "InvalidAlias");
    desk.ask(&["alias", "remove", "challenger"]).succeeded();
    desk.refused(&["alias", "remove", "challenger"], "AliasNotFound");
}

#[test]
fn pruning_spares_the_live_the_staged_and_the_way_back() {
    let desk = Desk::new();
    let store = Store::open(&desk.workshop.text("store")).unwrap();
    let registry = Registry::open(
        &Context::unsigned(&store),
        ModelName::new("engagement").unwrap(),
    );
    for run in ["r4", "r5", "r6"] {
        let request = Request::new("ada", "2026-11-02T00:00:00Z".parse().unwrap());
        let candidate = candidate(&store, run, Decision::Passed);
        registry.register(&candidate, &request).unwrap();
    }
    desk.ask(&["promote", "v1.3.0", "--to-staging"]).succeeded();
    let before = desk.workshop.store_files();
    let plan = desk.ask(&["prune", "--keep", "1", "--dry-run"]).succeeded();
    assert!(
        plan.contains("versions pruned: v1.5.0, v1.4.0, v1.2.0"),
        "{plan}"
    );
    assert_eq!(desk.workshop.store_files(), before);
    desk.ask(&["prune", "--keep", "1"]).succeeded();
    let has_files = |version: &str| {
        let model = format!("store/models/engagement/{version}/model.ubj");
        desk.workshop.path(&model).exists()
    };
    for kept in ["v1.0.0", "v1.1.0", "v1.3.0", "v1.6.0"] {
        assert!(has_files(kept), "{kept} lost its files");
    }
    assert!(!has_files("v1.4.0"));
    desk.refused(&["promote", "v1.4.0"], "VersionPruned");
    desk.ask(&["rollback"]).succeeded();
    assert_eq!(desk.live(), "v1.0.0");
}

/// Another machine's clock was ahead: what is done now comes after what it did all the same.
#[test]
fn a_clock_that_goes_backwards_changes_no_order() {
    let desk = Desk::new();
    let store = Store::open(&desk.workshop.text("store")).unwrap();
    let registry = Registry::open(
        &Context::unsigned(&store),
        ModelName::new("engagement").unwrap(),
    );
    let ahead = Request::new("ada", "2999-01-01T00:00:00Z".parse().unwrap());
    let candidate = candidate(&store, "r4", Decision::Passed);
    registry.register(&candidate, &ahead).unwrap();
    desk.ask(&["promote", "v1.4.0"]).succeeded();
    let history = desk.json(&["history"]);
    let last = history.as_array().unwrap().last().unwrap();
    assert_eq!(last["at"], "2999-01-01T00:00:00Z");
    let said = desk.ask(&["history"]).succeeded();
    assert!(
        said.contains("2999-01-01T00:00:00Z (clock said 2"),
        "{said}"
    );
}

/// The refusal names the command that mends it, and that command does.
#[test]
fn a_damaged_document_is_refused_with_the_command_that_restores_it() {
    let desk = Desk::new();
    let good = std::fs::read_to_string(desk.workshop.path(DOCUMENT)).unwrap();
    desk.ask(&["restore", "--dry-run"]).succeeded();
    desk.workshop
        .write(DOCUMENT, good.replacen("v1.1.0", "v1.0.0", 1));
    let verbs: [&[&str]; 8] = [
        &["list"],
        &["show", "live"],
        &["history"],
        &["promote", "v1.3.0"],
        &["reject", "v1.3.0", "--why", "weak"],
        &["rollback"],
        &["alias", "set", "challenger", "v1.3.0"],
        &["prune"],
    ];
    let said: Vec<String> = verbs
        .map(|verb| desk.refused(verb, "RegistryDamaged"))
        .to_vec();
    let (_, rest) = said[0].split_once("`millrace ").unwrap();
    let (command, _) = rest.split_once('`').unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    let restored = desk.workshop.millrace(&words).succeeded();
    assert!(restored.contains("was restored from"), "{restored}");
    assert!(
        restored.contains("the damaged document is kept as"),
        "{restored}"
    );
    assert_eq!(desk.live(), "v1.1.0");
    let history = desk.json(&["history"]);
    assert_eq!(
        history.as_array().unwrap().last().unwrap()["action"],
        "restored"
    );
}
