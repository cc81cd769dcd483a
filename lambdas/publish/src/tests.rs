//! Publishing seen by a reader.
#![allow(clippy::unwrap_used)]

use millrace_contract::stages::Run;
use millrace_contract::{ModelName, ObjectRef, RunId};

use super::*;

fn input(store: &Store, run: &str, at: &str) -> PublishInput {
    let key =
        format!("tables/predictions/model=m/scored_on=2026-11-01/run={run}/part-00000.parquet");
    store
        .put(&Key::new(key.clone()).unwrap(), run.as_bytes().to_vec())
        .unwrap();
    PublishInput {
        run: Run {
            run_id: RunId::new(run).unwrap(),
            started_at: at.parse().unwrap(),
        },
        table: "predictions".into(),
        model: ModelName::new("m").unwrap(),
        version: "v1.0.0".into(),
        scored_on: jiff::civil::date(2026, 11, 1),
        files: vec![ObjectRef::of(key, run.as_bytes())],
        rows: 1,
    }
}

fn seen(store: &Store) -> Vec<String> {
    visible(store)
        .unwrap()
        .into_iter()
        .map(|current| current.run.run_id.to_string())
        .collect()
}

#[test]
fn a_second_publish_changes_nothing_and_a_newer_run_replaces() {
    let store = Store::memory();
    assert!(seen(&store).is_empty());
    let first = input(&store, "r1", "2026-11-01T01:00:00Z");
    assert!(run(&store, first.clone()).unwrap().changed);
    assert!(!run(&store, first.clone()).unwrap().changed);
    assert!(
        run(&store, input(&store, "r2", "2026-11-01T02:00:00Z"))
            .unwrap()
            .changed
    );
    assert_eq!(seen(&store), ["r2"]);
    let current = visible(&store).unwrap().remove(0);
    assert_eq!(current.previous.unwrap().run.run_id, first.run.run_id);
    assert!(
        !run(&store, first).unwrap().changed,
        "an older run must not come back by a late retry"
    );
    assert_eq!(seen(&store), ["r2"]);
}

#[test]
fn files_that_are_not_as_written_are_not_published() {
    let store = Store::memory();
    let mut wrong = input(&store, "r1", "2026-11-01T01:00:00Z");
    wrong.files[0].bytes += 1;
    assert_eq!(run(&store, wrong).unwrap_err().name(), "FileChanged");
    let mut missing = input(&store, "r1", "2026-11-01T01:00:00Z");
    missing.files[0].key.push('x');
    assert_eq!(
        run(&store, missing).unwrap_err().name(),
        "StoreObjectNotFound"
    );
    assert!(seen(&store).is_empty());
}

#[test]
fn sixteen_runs_at_once_leave_the_newest_visible() {
    let store = Store::memory();
    std::thread::scope(|scope| {
        for index in 0..16 {
            let store = store.clone();
            scope.spawn(move || {
                let input = input(
                    &store,
                    &format!("r{index}"),
                    &format!("2026-11-01T01:00:{index:02}Z"),
                );
                run(&store, input).unwrap();
            });
        }
    });
    assert_eq!(seen(&store), ["r15"]);
}
