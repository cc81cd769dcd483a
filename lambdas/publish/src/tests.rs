//! Publishing seen by a reader.
#![allow(clippy::unwrap_used)]

use jiff::civil::date;
use millrace_contract::stages::{PublishShards, ScoreOutput};
use millrace_contract::{ModelName, ObjectRef, Run, RunId, TableName, Version};
use millrace_store::{Key, Store};
use millrace_trail::{Begun, begin};

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
        .map(|visible| visible.shown.run.run_id.to_string())
        .collect()
}

#[test]
fn a_second_publish_changes_nothing_and_a_newer_run_replaces() {
    let store = Store::memory();
    assert!(seen(&store).is_empty());
    let first = input(&store, "r1", "2026-11-01T01:00:00Z");
    assert!(
        run(&Context::unsigned(&store), first.clone())
            .unwrap()
            .changed
    );
    assert!(
        !run(&Context::unsigned(&store), first.clone())
            .unwrap()
            .changed
    );
    assert!(
        run(
            &Context::unsigned(&store),
            input(&store, "r2", "2026-11-01T02:00:00Z")
        )
        .unwrap()
        .changed
    );
    assert_eq!(seen(&store), ["r2"]);
    let day = all(&store).unwrap().remove(0);
    assert_eq!(day.replaced[0].run.run_id, first.run.run_id);
    assert!(
        !run(&Context::unsigned(&store), first).unwrap().changed,
        "an older run must not come back by a late retry"
    );
    assert_eq!(seen(&store), ["r2"]);
}

#[test]
fn files_that_are_not_as_written_are_not_published() {
    let store = Store::memory();
    let mut wrong = input(&store, "r1", "2026-11-01T01:00:00Z");
    wrong.files[0].bytes += 1;
    assert_eq!(
        run(&Context::unsigned(&store), wrong).unwrap_err().name(),
        "FileChanged"
    );
    let other = input(&store, "r1", "2026-11-01T01:00:00Z");
    let key = Key::new(other.files[0].key.clone()).unwrap();
    store.put(&key, b"R1".to_vec()).unwrap();
    let changed = run(&Context::unsigned(&store), other).unwrap_err();
    assert!(changed.to_string().contains("the digest"), "{changed}");
    let mut missing = input(&store, "r1", "2026-11-01T01:00:00Z");
    missing.files[0].key.push('x');
    assert_eq!(
        run(&Context::unsigned(&store), missing).unwrap_err().name(),
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
                run(&Context::unsigned(&store), input).unwrap();
            });
        }
    });
    assert_eq!(seen(&store), ["r15"]);
}

#[test]
fn what_is_visible_is_told_even_when_a_newer_run_was_quicker() {
    let store = Store::memory();
    let first = run(
        &Context::unsigned(&store),
        input(&store, "r1", "2026-11-01T01:00:00Z"),
    )
    .unwrap();
    assert_eq!(first.visible.run_id.as_str(), "r1");
    assert_eq!(first.visible.rows, 1);
    assert!(
        visible(&store).unwrap()[0]
            .folder
            .ends_with("/scored_on=2026-11-01/run=r1")
    );
    run(
        &Context::unsigned(&store),
        input(&store, "r3", "2026-11-01T03:00:00Z"),
    )
    .unwrap();
    let late = run(
        &Context::unsigned(&store),
        input(&store, "r2", "2026-11-01T02:00:00Z"),
    )
    .unwrap();
    assert!(!late.changed);
    assert_eq!(late.visible.run_id.as_str(), "r3");
    assert_eq!(late.visible.rows, 1);
}

/// Leaves what scoring a shard leaves.
fn score(store: &Store, run: &RunId, shard: u32, rows: u64) {
    let stage = format!("score-{shard:05}");
    let Begun::Fresh(mut work) = begin::<_, ScoreOutput>(store, run, &stage, &shard).unwrap()
    else {
        return;
    };
    let file = work
        .put(&format!("part-{shard:05}.parquet"), b"rows".to_vec())
        .unwrap();
    let output = ScoreOutput {
        file,
        rows_read: rows,
        rows_excluded: 0,
        rows_scored: rows,
        rows_clipped: 0,
        unseen_words: 0,
        mean: None,
        minimum: None,
        maximum: None,
        tiers: vec![],
        inverse_tiers: vec![],
    };
    work.finish(output).unwrap();
}

fn shards(run: &str, shards: u32, rows: u64) -> PublishShards {
    PublishShards {
        run: Run {
            run_id: RunId::new(run).unwrap(),
            started_at: "2026-11-01T01:00:00Z".parse().unwrap(),
        },
        table: TableName::new("predictions").unwrap(),
        model: ModelName::new("m").unwrap(),
        version: "v1.0.0".into(),
        scored_on: jiff::civil::date(2026, 11, 1),
        shards,
        rows,
    }
}

#[test]
fn all_shards_are_published_together_or_none() {
    let store = Store::memory();
    let run_id = RunId::new("r1").unwrap();
    score(&store, &run_id, 0, 10);
    let missing = run_shards(&Context::unsigned(&store), shards("r1", 2, 15)).unwrap_err();
    assert_eq!(missing.name(), "StageUnfinished");
    score(&store, &run_id, 1, 4);
    let lost = run_shards(&Context::unsigned(&store), shards("r1", 2, 15)).unwrap_err();
    assert_eq!(lost.name(), "RowsLost");
    let nothing = run_shards(&Context::unsigned(&store), shards("r1", 0, 0)).unwrap_err();
    assert_eq!(
        nothing.name(),
        "RowsLost",
        "a table without rows is no result"
    );
    assert!(seen(&store).is_empty(), "nothing may be visible yet");
    let published = run_shards(&Context::unsigned(&store), shards("r1", 2, 14)).unwrap();
    assert!(published.changed);
    assert_eq!(visible(&store).unwrap().remove(0).shown.rows, 14);
    assert!(
        !run_shards(&Context::unsigned(&store), shards("r1", 2, 14))
            .unwrap()
            .changed
    );
}

/// Publishes a run of a version.
fn shown(store: &Store, run_id: &str, at: &str, version: &str) {
    let mut asked = input(store, run_id, at);
    asked.version = version.into();
    assert!(run(&Context::unsigned(store), asked).unwrap().changed);
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

#[test]
fn a_rollback_shows_what_the_earlier_version_scored_and_a_late_retry_changes_nothing() {
    let store = Store::memory();
    let model = ModelName::new("m").unwrap();
    shown(&store, "r1", "2026-11-01T01:00:00Z", "v1.0.0");
    shown(&store, "r2", "2026-11-01T02:00:00Z", "v2.0.0");
    shown(&store, "r3", "2026-11-01T03:00:00Z", "v2.0.0");
    let (from, to) = (version("v2.0.0"), version("v1.0.0"));
    let plan = plan_roll_back(&store, &model, from, to).unwrap();
    assert_eq!(seen(&store), ["r3"], "a plan changes nothing");
    let turned = roll_back(&store, &model, from, to).unwrap();
    assert_eq!(turned, plan);
    assert_eq!(seen(&store), ["r1"]);
    assert!(roll_back(&store, &model, from, to).unwrap().is_empty());
    let late = run(
        &Context::unsigned(&store),
        input(&store, "r3", "2026-11-01T03:00:00Z"),
    )
    .unwrap();
    assert_eq!((late.changed, late.visible.run_id.as_str()), (false, "r1"));
    shown(&store, "r4", "2026-11-01T04:00:00Z", "v1.0.0");
    assert_eq!(seen(&store), ["r4"]);
}

#[test]
fn a_day_that_only_the_refused_version_scored_shows_nothing() {
    let store = Store::memory();
    let model = ModelName::new("m").unwrap();
    shown(&store, "r2", "2026-11-01T02:00:00Z", "v2.0.0");
    let turned = roll_back(&store, &model, version("v2.0.0"), version("v1.0.0")).unwrap();
    assert_eq!(turned[0].after, None);
    assert!(seen(&store).is_empty());
    let late = run(
        &Context::unsigned(&store),
        input(&store, "r2", "2026-11-01T02:00:00Z"),
    )
    .unwrap();
    assert_eq!((late.changed, late.visible.rows), (false, 0));
}

#[test]
fn an_earlier_run_is_shown_again_and_an_unknown_one_is_refused() {
    let store = Store::memory();
    let model = ModelName::new("m").unwrap();
    let day = Of {
        table: "predictions",
        scored_on: date(2026, 11, 1),
    };
    let again = |run_id: &str| restore(&store, &model, &day, &run_id.parse().unwrap());
    assert_eq!(again("r1").unwrap_err().name(), "NotServed");
    shown(&store, "r1", "2026-11-01T01:00:00Z", "v1.0.0");
    shown(&store, "r2", "2026-11-01T02:00:00Z", "v1.0.0");
    again("r1").unwrap();
    assert_eq!(seen(&store), ["r1"]);
    again("r1").unwrap();
    again("r2").unwrap();
    assert_eq!(seen(&store), ["r2"]);
    assert_eq!(again("r9").unwrap_err().name(), "NotServed");
    withdraw(&store, &model, &day).unwrap();
    assert!(seen(&store).is_empty());
    again("r2").unwrap();
    assert_eq!(seen(&store), ["r2"]);
}

#[test]
fn a_document_that_was_cut_off_is_damaged_and_not_shorter() {
    let store = Store::memory();
    shown(&store, "r1", "2026-11-01T01:00:00Z", "v1.0.0");
    let mut tomorrow = input(&store, "r2", "2026-11-02T01:00:00Z");
    tomorrow.scored_on = date(2026, 11, 2);
    run(&Context::unsigned(&store), tomorrow).unwrap();
    let key = served::key(&ModelName::new("m").unwrap()).unwrap();
    let whole = store.get(&key).unwrap().bytes;
    for cut in 0..whole.len() {
        store.put(&key, whole.slice(..cut)).unwrap();
        assert_eq!(
            visible(&store).unwrap_err().name(),
            "ServedDamaged",
            "{cut}"
        );
    }
}
