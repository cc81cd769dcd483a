//! What bad input gets: a named error that says what to do, and no change in the store.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use millrace_registry::{
    Candidate, Decision, Document, Finding, Outcome, RegistryError, Request, Target,
};
use millrace_store::Store;

type Spoil = fn(&mut Candidate);

const DOCUMENT: &str = "models/engagement/registry.json";

/// Two versions, the second live, the first the way back.
fn two_versions() -> Store {
    let store = Store::memory();
    for number in 1..=2 {
        let version = register(&store, &format!("r{number}"), number);
        registry(&store)
            .promote(version, Target::Live, &request(number * 10))
            .unwrap();
    }
    store
}

fn refused<T: std::fmt::Debug>(
    store: &Store,
    name: &str,
    act: impl FnOnce() -> Result<T, RegistryError>,
) -> String {
    let before = store.list("").unwrap();
    let error = act().unwrap_err();
    assert_eq!(error.name(), name, "{error}");
    assert!(RegistryError::NAMES.contains(&name));
    assert_eq!(store.list("").unwrap(), before, "a refusal changes nothing");
    error.to_string()
}

#[test]
fn incomplete_evidence_is_refused_with_what_lacks() {
    let store = Store::memory();
    let cases: [(Spoil, &str); 9] = [
        (|c| c.evidence.metrics.clear(), "metrics"),
        (|c| c.evidence.fairness = None, "the fairness verdict"),
        (|c| c.evidence.quality = None, "the quality verdict"),
        (|c| c.lineage = None, "the lineage"),
        (|c| c.files.clear(), "files"),
        (|c| lineage(c).features.clear(), "feature names"),
        (|c| lineage(c).data_uri = " ".into(), "the data's URI"),
        (|c| lineage(c).code_version.clear(), "the code version"),
        (
            |c| {
                c.evidence.quality = None;
                c.evidence.metrics.clear();
            },
            "metrics, the quality verdict",
        ),
    ];
    for (spoil, lacks) in cases {
        let mut candidate = candidate(&store, "r1");
        spoil(&mut candidate);
        let message = refused(&store, "EvidenceMissing", || {
            registry(&store).register(&candidate, &request(0))
        });
        assert!(message.contains(lacks), "{message} does not name {lacks}");
    }
}

#[test]
fn evidence_that_contradicts_itself_is_refused() {
    let store = Store::memory();
    let mut candidate = candidate(&store, "r1");
    candidate.evidence.metrics.insert("mae".into(), f64::NAN);
    let message = refused(&store, "EvidenceContradictory", || {
        registry(&store).register(&candidate, &request(0))
    });
    assert!(message.contains("`mae`"), "{message}");
    candidate.evidence.metrics.remove("mae");
    let fairness = candidate.evidence.fairness.as_mut().unwrap();
    fairness.findings.push(Finding {
        subject: "age".into(),
        outcome: Outcome::Fail,
        value: None,
        limit: None,
        detail: String::new(),
    });
    assert_eq!(fairness.decision, Decision::Passed);
    let message = refused(&store, "EvidenceContradictory", || {
        registry(&store).register(&candidate, &request(0))
    });
    assert!(message.contains("`age` failed"), "{message}");
}

#[test]
fn files_that_are_not_what_the_run_says_are_not_registered() {
    let store = Store::memory();
    let candidate = candidate(&store, "r1");
    store
        .put(&key("runs/r1/train/recipe.json"), "something else")
        .unwrap();
    let message = refused(&store, "ModelFilesAltered", || {
        registry(&store).register(&candidate, &request(0))
    });
    assert!(message.contains("runs/r1/train/recipe.json"), "{message}");
    store.delete(&key("runs/r1/train/recipe.json")).unwrap();
    let message = refused(&store, "ModelFilesAltered", || {
        registry(&store).register(&candidate, &request(0))
    });
    assert!(message.contains("missing"), "{message}");
}

#[test]
fn file_names_that_lead_elsewhere_are_refused() {
    let store = Store::memory();
    for bad in [
        "",
        "../x",
        "a/b",
        "manifest.json",
        "..",
        "a\0b",
        "a%2e",
        "ä",
        ".tmp-x",
        "recipe.json",
    ] {
        let mut candidate = candidate(&store, "r1");
        candidate.files[0].name = bad.into();
        let before = store.list("models/engagement/v").unwrap();
        let error = registry(&store)
            .register(&candidate, &request(0))
            .unwrap_err();
        assert!(
            ["InvalidRequest", "StoreKeyInvalid"].contains(&error.name()),
            "{bad:?}: {error}"
        );
        assert_eq!(store.list("models/engagement/v").unwrap(), before);
    }
    let mut candidate = candidate(&store, "r1");
    candidate.files[0].object.key = "../../secret".into();
    assert_eq!(
        registry(&store)
            .register(&candidate, &request(0))
            .unwrap_err()
            .name(),
        "StoreKeyInvalid"
    );
}

#[test]
fn altered_files_are_neither_promoted_nor_scored_with() {
    let store = two_versions();
    let third = register(&store, "r3", 30);
    for altered in ["model.json", "manifest.json"] {
        let place = key(&format!("models/engagement/v1.0.2/{altered}"));
        let good = store.get(&place).unwrap().bytes;
        let mut bad = good.to_vec();
        *bad.last_mut().unwrap() ^= 1;
        store.put(&place, bad).unwrap();
        let registry = registry(&store);
        for message in [
            refused(&store, "ModelFilesAltered", || {
                registry.promote(third, Target::Live, &request(40))
            }),
            refused(&store, "ModelFilesAltered", || {
                registry.resolve_for_use("v1.0.2")
            }),
        ] {
            assert!(message.contains(altered), "{message}");
        }
        store.delete(&place).unwrap();
        refused(&store, "ModelFilesAltered", || {
            registry.resolve_for_use("v1.0.2")
        });
        store.put(&place, good).unwrap();
        registry.resolve_for_use("v1.0.2").unwrap();
    }
    store
        .put(&key("models/engagement/v1.0.0/model.json"), "bad")
        .unwrap();
    let registry = registry(&store);
    refused(&store, "ModelFilesAltered", || registry.plan_rollback());
    refused(&store, "ModelFilesAltered", || {
        registry.rollback(&request(50))
    });
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let store = two_versions();
    let registry = registry(&store);
    let message = refused(&store, "VersionNotFound", || registry.resolve("v9.0.0"));
    assert!(message.contains("v1.0.1, v1.0.0"), "{message}");
    refused(&store, "VersionNotFound", || {
        registry.promote(version("v9.0.0"), Target::Live, &request(9))
    });
    refused(&store, "AliasNotFound", || registry.resolve("challenger"));
    refused(&store, "AliasNotFound", || registry.resolve("../x\0"));
    refused(&store, "InvalidAlias", || {
        registry.set_alias("live", version("v1.0.0"), &request(9))
    });
    let empty = Store::memory();
    for refusal in [
        refused(&empty, "ModelNotFound", || common::registry(&empty).list()),
        refused(&empty, "ModelNotFound", || {
            common::registry(&empty).rollback(&request(9))
        }),
        refused(&empty, "ModelNotFound", || {
            common::registry(&empty).restore(&request(9))
        }),
    ] {
        assert!(refusal.contains("`engagement`"), "{refusal}");
    }
}

#[test]
fn a_run_that_comes_to_something_else_is_refused() {
    let store = two_versions();
    let mut other = candidate(&store, "r1");
    other.rejected_because.push("on second thoughts".into());
    let message = refused(&store, "RunConflict", || {
        registry(&store).register(&other, &request(9))
    });
    assert!(message.contains("v1.0.0"), "{message}");
}

#[test]
fn requests_that_say_too_little_or_too_much_are_refused() {
    let store = two_versions();
    let registry = registry(&store);
    let too_long = "x".repeat(3_000);
    for bad in [
        Request::new(" ", at(0)),
        Request::new(too_long.clone(), at(0)),
        request(0).because(too_long.clone()),
        request(0).as_operation(too_long),
        request(0).as_operation(""),
    ] {
        refused(&store, "InvalidRequest", || registry.rollback(&bad));
        refused(&store, "InvalidRequest", || {
            registry.set_alias("a", version("v1.0.0"), &bad)
        });
    }
}

/// Every way in which the document can be bad; the last good copy brings everything back.
#[test]
fn a_damaged_document_is_refused_with_the_way_to_restore_it() {
    let good = two_versions().get(&key(DOCUMENT)).unwrap().bytes;
    let good = String::from_utf8(good.to_vec()).unwrap();
    let damages = [
        String::new(),
        "null".into(),
        "{}".into(),
        "[".repeat(100_000),
        good[..good.len() / 2].to_owned(),
        good.replacen("\"state\":\"retired\"", "\"state\":\"live\"", 1),
        good.replacen("v1.0.1", "v1.0.7", 1),
        good.replacen("\"format\":1", "\"format\":2", 1),
        good.replace("\"who\":\"ada\"", "\"who\":\"eve\""),
        format!("{good}x"),
        "\u{0}".repeat(1_000),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        assert_ne!(damage, good, "damage {number} does nothing");
        let store = two_versions();
        let before = registry(&store).history().unwrap();
        store.put(&key(DOCUMENT), damage.clone()).unwrap();
        let registry = registry(&store);
        let candidate = candidate(&store, "r9");
        for message in [
            refused(&store, "RegistryDamaged", || registry.list()),
            refused(&store, "RegistryDamaged", || {
                registry.resolve_for_use("live")
            }),
            refused(&store, "RegistryDamaged", || {
                registry.rollback(&request(50))
            }),
            refused(&store, "RegistryDamaged", || {
                registry.register(&candidate, &request(50))
            }),
        ] {
            assert!(
                message.contains("millrace models restore --model engagement"),
                "{message}"
            );
        }
        let plan = registry.plan_restore(&request(60)).unwrap();
        assert!(plan.dry_run && !plan.already);
        let restored = registry
            .restore(&request(60).because("a bad disk"))
            .unwrap();
        let kept = store.get(&key(&restored.damaged_kept_as.unwrap())).unwrap();
        assert_eq!(kept.bytes, damage, "the damaged document is kept");
        let mut after = registry.history().unwrap();
        after.pop();
        assert_eq!(after, before);
        assert_eq!(registry.resolve("live").unwrap().version, version("v1.0.1"));
        assert!(registry.restore(&request(61)).unwrap().already);
        check_laws(&store, &engagement());
    }
}

#[test]
fn a_document_that_is_gone_is_damaged_too_and_numbers_do_not_start_again() {
    let store = two_versions();
    store.delete(&key(DOCUMENT)).unwrap();
    let candidate = candidate(&store, "r3");
    let registry = registry(&store);
    refused(&store, "RegistryDamaged", || {
        registry.register(&candidate, &request(50))
    });
    registry.restore(&request(51)).unwrap();
    let third = registry.register(&candidate, &request(52)).unwrap();
    assert_eq!(third.version, version("v1.0.2"));
    check_laws(&store, &engagement());
}

#[test]
fn without_any_good_copy_restoring_says_so() {
    let store = two_versions();
    for info in store.list("models/engagement/registry").unwrap() {
        store.put(&info.key, "damaged").unwrap();
    }
    refused(&store, "NothingToRestore", || {
        registry(&store).restore(&request(50))
    });
}

#[test]
fn a_folder_that_an_older_copy_does_not_know_of_is_never_overwritten() {
    let store = two_versions();
    let third = register(&store, "r3", 30);
    let newest = registry(&store).document().unwrap().revision;
    // The newest documents are lost, with all that they knew of v1.0.2.
    store.put(&key(DOCUMENT), "damaged").unwrap();
    for info in store.list("models/engagement/registry-history/").unwrap() {
        let revision: u64 = info
            .key
            .file_name()
            .split('-')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        if revision > newest - 2 {
            store.put(&info.key, "damaged").unwrap();
        }
    }
    registry(&store).restore(&request(50)).unwrap();
    let restored: Document = registry(&store).document().unwrap();
    assert!(!restored.versions.contains_key(&third) && restored.revision > newest);
    let folder = store.list("models/engagement/v1.0.2/").unwrap();
    assert_eq!(register(&store, "r4", 60), version("v1.0.3"));
    registry(&store).prune(0, &request(60)).unwrap();
    assert_eq!(store.list("models/engagement/v1.0.2/").unwrap(), folder);
    check_laws(&store, &engagement());
}
