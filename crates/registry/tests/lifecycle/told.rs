//! What is said of versions, and the history.

use millrace_contract::Digest;
use millrace_registry::{RegistryError, Target, models, render};
use millrace_store::Store;

use crate::common::*;

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
