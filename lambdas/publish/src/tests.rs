//! Publishing seen by a reader.
#![allow(clippy::unwrap_used)]

mod desk;
mod interleaved;
mod refused;
mod visible;

use jiff::civil::date;
use millrace_contract::NamedError;
use millrace_contract::stages::Shard;
use millrace_served::{Of, Serving, all, key};
use millrace_store::Key;

use self::desk::{Desk, TABLE, model, of, publication, run_of};

#[test]
fn a_second_publish_changes_nothing_and_a_newer_run_replaces() {
    let desk = Desk::new(1);
    assert!(desk.seen().is_empty());
    let first = desk.run("r1", "2026-11-01T01:00:00Z");
    assert!(desk.publish(first.clone()).unwrap().changed);
    assert!(!desk.publish(first.clone()).unwrap().changed);
    desk.shown("r2", "2026-11-01T02:00:00Z", desk.versions[0]);
    assert_eq!(desk.seen(), ["r2"]);
    let day = all(&desk.store).unwrap().remove(0);
    assert_eq!(day.replaced[0].run.run_id, first.run.run_id);
    assert!(
        !desk.publish(first).unwrap().changed,
        "an older run must not come back by a late retry"
    );
    assert_eq!(desk.seen(), ["r2"]);
}

#[test]
fn files_that_are_not_as_written_are_not_published() {
    let desk = Desk::new(1);
    let asked = desk.run("r1", "2026-11-01T01:00:00Z");
    let file = "tables/predictions/model=m/scored_on=2026-11-01/run=r1/part-00000.parquet";
    let file = Key::new(file).unwrap();
    let refused = || desk.publish(asked.clone()).unwrap_err();
    desk.store.put(&file, "rows of r1 and more").unwrap();
    assert_eq!(refused().name(), "FileChanged");
    desk.store.put(&file, "ROWS of r1").unwrap();
    assert!(refused().to_string().contains("the digest"));
    desk.store.delete(&file).unwrap();
    assert_eq!(refused().name(), "StoreObjectNotFound");
    assert!(desk.seen().is_empty());
}

#[test]
fn sixteen_runs_at_once_leave_the_newest_visible() {
    let desk = Desk::new(1);
    std::thread::scope(|scope| {
        for index in 0..16 {
            let desk = &desk;
            scope.spawn(move || {
                let at = format!("2026-11-01T01:00:{index:02}Z");
                desk.publish(desk.run(&format!("r{index}"), &at)).unwrap();
            });
        }
    });
    assert_eq!(desk.seen(), ["r15"]);
}

#[test]
fn what_is_visible_is_told_even_when_a_newer_run_was_quicker() {
    let desk = Desk::new(1);
    let publish = |run: &str, at: &str| desk.publish(desk.run(run, at)).unwrap();
    let first = publish("r1", "2026-11-01T01:00:00Z");
    assert_eq!(first.visible.run_id.as_str(), "r1");
    assert_eq!(first.visible.rows, 1);
    assert!(
        millrace_served::visible(&desk.store).unwrap()[0]
            .folder
            .ends_with("/scored_on=2026-11-01/run=r1")
    );
    publish("r3", "2026-11-01T03:00:00Z");
    let late = publish("r2", "2026-11-01T02:00:00Z");
    assert!(!late.changed);
    assert_eq!(late.visible.run_id.as_str(), "r3");
    assert_eq!(late.visible.rows, 1);
}

#[test]
fn all_shards_are_published_together_or_none() {
    let desk = Desk::new(1);
    let at = run_of("r1", "2026-11-01T01:00:00Z");
    let leave = |index, rows| {
        let shard = Shard { index, count: 2 };
        desk.leave(&desk.asked(&at, desk.versions[0], shard), TABLE, rows);
    };
    let publish = |shards, rows| desk.publish(publication(&at, desk.versions[0], shards, rows));
    leave(0, 10);
    assert_eq!(publish(2, 15).unwrap_err().name(), "StageUnfinished");
    leave(1, 4);
    assert_eq!(publish(2, 15).unwrap_err().name(), "RowsLost");
    assert_eq!(
        publish(1, 10).unwrap_err().name(),
        "ScoredOtherwise",
        "one of two shards is no run"
    );
    assert_eq!(
        publish(0, 0).unwrap_err().name(),
        "RowsLost",
        "a table without rows is no result"
    );
    assert!(desk.seen().is_empty(), "nothing may be visible yet");
    assert!(publish(2, 14).unwrap().changed);
    let visible = millrace_served::visible(&desk.store).unwrap().remove(0);
    assert_eq!(visible.shown.rows, 14);
    assert!(!publish(2, 14).unwrap().changed);
}

#[test]
fn a_rollback_shows_what_the_earlier_version_scored_and_a_late_retry_changes_nothing() {
    let desk = Desk::new(2);
    let [first, second] = desk.versions[..] else {
        unreachable!("two versions")
    };
    let registry = desk.registry();
    let serving = Serving::of(&registry);
    desk.shown("r1", "2026-11-01T01:00:00Z", first);
    desk.shown("r2", "2026-11-01T02:00:00Z", second);
    desk.shown("r3", "2026-11-01T03:00:00Z", second);
    let plan = serving.plan_roll_back(second, first).unwrap();
    assert_eq!(desk.seen(), ["r3"], "a plan changes nothing");
    let turned = serving.roll_back(second, first).unwrap();
    assert_eq!(turned, plan);
    assert_eq!(desk.seen(), ["r1"]);
    assert!(serving.roll_back(second, first).unwrap().is_empty());
    let late = desk.publish(desk.scored("r3", "2026-11-01T03:00:00Z", second));
    let late = late.unwrap();
    assert_eq!((late.changed, late.visible.run_id.as_str()), (false, "r1"));
    desk.shown("r4", "2026-11-01T04:00:00Z", first);
    assert_eq!(desk.seen(), ["r4"]);
}

#[test]
fn a_day_that_only_the_refused_version_scored_shows_nothing() {
    let desk = Desk::new(2);
    let [first, second] = desk.versions[..] else {
        unreachable!("two versions")
    };
    let registry = desk.registry();
    desk.shown("r2", "2026-11-01T02:00:00Z", second);
    let turned = Serving::of(&registry).roll_back(second, first).unwrap();
    assert_eq!(turned[0].after, None);
    assert!(desk.seen().is_empty());
    let late = desk.publish(desk.scored("r2", "2026-11-01T02:00:00Z", second));
    let late = late.unwrap();
    assert_eq!((late.changed, late.visible.rows), (false, 0));
}

#[test]
fn an_earlier_run_is_shown_again_and_an_unknown_one_is_refused() {
    let desk = Desk::new(1);
    let registry = desk.registry();
    let serving = Serving::of(&registry);
    let again = |run_id: &str| serving.restore(&of(), &run_id.parse().unwrap());
    assert_eq!(again("r1").unwrap_err().name(), "NotServed");
    desk.shown("r1", "2026-11-01T01:00:00Z", desk.versions[0]);
    desk.shown("r2", "2026-11-01T02:00:00Z", desk.versions[0]);
    again("r1").unwrap();
    assert_eq!(desk.seen(), ["r1"]);
    again("r1").unwrap();
    again("r2").unwrap();
    assert_eq!(desk.seen(), ["r2"]);
    assert_eq!(again("r9").unwrap_err().name(), "NotServed");
    serving.withdraw(&of()).unwrap();
    assert!(desk.seen().is_empty());
    again("r2").unwrap();
    assert_eq!(desk.seen(), ["r2"]);
}

/// It was scored, but a newer one was quicker: hiding that one must not bring it up.
#[test]
fn a_run_that_was_never_shown_is_not_brought_up_by_withdrawing() {
    let desk = Desk::new(1);
    let registry = desk.registry();
    let serving = Serving::of(&registry);
    let older = desk.run("r1", "2026-11-01T01:00:00Z");
    desk.shown("r2", "2026-11-01T02:00:00Z", desk.versions[0]);
    assert!(!desk.publish(older.clone()).unwrap().changed);
    serving.withdraw(&of()).unwrap();
    let late = desk.publish(older).unwrap();
    assert_eq!((late.changed, late.visible.rows), (false, 0));
    assert!(desk.seen().is_empty());
    let never = serving.restore(&of(), &"r1".parse().unwrap());
    assert_eq!(never.unwrap_err().name(), "NotServed");
}

/// So many runs of a day are remembered; what is forgotten is older than the newest all the same.
#[test]
fn a_run_that_was_forgotten_does_not_come_back() {
    let desk = Desk::new(1);
    let at = |number: u32| format!("2026-11-01T01:{number:02}:00Z");
    for number in 0..40 {
        desk.shown(&format!("r{number}"), &at(number), desk.versions[0]);
    }
    let day = all(&desk.store).unwrap().remove(0);
    assert!(
        day.replaced
            .iter()
            .all(|run| run.run.run_id.as_str() != "r0")
    );
    Serving::of(&desk.registry()).withdraw(&of()).unwrap();
    assert!(!desk.publish(desk.run("r0", &at(0))).unwrap().changed);
    assert!(desk.seen().is_empty());
}

#[test]
fn a_document_that_was_cut_off_is_damaged_and_not_shorter() {
    let desk = Desk::new(1);
    desk.shown("r1", "2026-11-01T01:00:00Z", desk.versions[0]);
    desk.shown("r2", "2026-11-02T01:00:00Z", desk.versions[0]);
    let key = key(&model()).unwrap();
    let whole = desk.store.get(&key).unwrap().bytes;
    for cut in 0..whole.len() {
        desk.store.put(&key, whole.slice(..cut)).unwrap();
        assert_eq!(
            millrace_served::visible(&desk.store).unwrap_err().name(),
            "ServedDamaged",
            "{cut}"
        );
    }
}

/// As they were written before there were revisions.
#[test]
fn a_document_of_before_is_read_and_changed() {
    let desk = Desk::new(1);
    let line = r#"{"table_name":"predictions","model":"m","scored_on":"2026-11-01","run_id":"old","version":"v1.0.0","rows":3,"started_at":"2026-11-01 00:30:00.000","replaced":[],"of_lines":1}"#;
    let key = key(&model()).unwrap();
    desk.store.put(&key, format!("{line}\n")).unwrap();
    assert_eq!(desk.seen(), ["old"]);
    desk.shown("r1", "2026-11-01T01:00:00Z", desk.versions[0]);
    assert_eq!(desk.seen(), ["r1"]);
    let registry = desk.registry();
    let day = Of {
        table: TABLE,
        scored_on: date(2026, 11, 1),
    };
    let restored = Serving::of(&registry).restore(&day, &"old".parse().unwrap());
    assert_eq!(restored.unwrap().after.unwrap().rows, 3);
}
