//! What is not published, whoever asks for it.

use millrace_contract::NamedError;
use millrace_contract::stages::{PublishShards, ScoreInput, Shard};
use millrace_contract::tables::{ServedDay, ServedRun, lines};
use millrace_registry::Target;
use millrace_served::{Serving, key};

use super::desk::{Desk, TABLE, day, model, of, publication, request, run_of};

const AT: &str = "2026-11-01T01:00:00Z";

#[track_caller]
fn refused(desk: &Desk, asked: PublishShards, name: &str, said: &str) {
    let error = desk.publish(asked).unwrap_err();
    assert_eq!(error.name(), name, "{error}");
    assert!(error.to_string().contains(said), "{error}");
    assert!(desk.seen().is_empty());
}

#[test]
fn only_what_the_registry_holds_as_passed_is_published() {
    let desk = Desk::new(2);
    let asked = desk.scored("r1", AT, desk.versions[1]);
    for (version, said) in [
        ("run:train-1", "it is not registered"),
        ("run:train-1/1", "it is not registered"),
        ("v9.9.9", "it is not registered"),
        ("live", "it is not registered"),
        ("\u{1b}[2J", "\\u{1b}[2J may not be shown"),
    ] {
        let mut other = asked.clone();
        other.version = version.into();
        refused(&desk, other, "VersionMayNotServe", said);
    }
    let mut other = asked.clone();
    other.model = "stranger".parse().unwrap();
    refused(&desk, other, "VersionMayNotServe", "it is not registered");

    let pruned = desk.copy();
    pruned.registry().prune(0, &request()).unwrap();
    refused(&pruned, asked.clone(), "VersionMayNotServe", "were pruned");

    desk.reject(desk.versions[1]);
    refused(&desk, asked, "VersionMayNotServe", "it is wrong");
}

/// Makes of what was asked something else.
type Change = fn(&mut ScoreInput, ScoreInput);

/// A version that serves vouches for nothing that another one scored.
#[test]
fn what_another_model_scored_is_not_published_under_a_name_that_may_serve() {
    let desk = Desk::new(2);
    let [good, other] = desk.versions[..] else {
        unreachable!("two versions")
    };
    let run = run_of("r1", AT);
    let cases: [(&str, &str, Change); 4] = [
        ("other-version", "the version", |input, other| {
            input.model.version = other.model.version;
        }),
        ("other-files", "the file", |input, other| {
            input.model.files = other.model.files;
        }),
        ("trial", "a trial", |input, _| input.trial = true),
        ("other-model", "the model", |input, _| {
            input.model.name = "stranger".parse().unwrap();
        }),
    ];
    for (name, said, change) in cases {
        let run = run_of(name, AT);
        let mut input = desk.asked(&run, good, Shard::WHOLE);
        change(&mut input, desk.asked(&run, other, Shard::WHOLE));
        desk.leave(&input, TABLE, 1);
        refused(
            &desk,
            publication(&run, good, 1, 1),
            "ScoredOtherwise",
            said,
        );
    }
    desk.leave(&desk.asked(&run, good, Shard::WHOLE), "other_table", 1);
    refused(
        &desk,
        publication(&run, good, 1, 1),
        "ScoredOtherwise",
        "its scores at",
    );
}

/// The input is what its digest says, or nobody knows who scored.
#[test]
fn an_input_that_was_altered_after_scoring_is_noticed() {
    let desk = Desk::new(2);
    let asked = desk.scored("r1", AT, desk.versions[1]);
    let claimed = desk.asked(&asked.run, desk.versions[0], Shard::WHOLE);
    let input = millrace_trail::stage_key(&asked.run.run_id, "score-00000", "input.json").unwrap();
    let bytes = serde_json::to_vec(&claimed).unwrap();
    desk.store.put(&input, bytes).unwrap();
    let asked = publication(&asked.run, desk.versions[0], 1, 1);
    refused(&desk, asked, "ObjectAltered", "score-00000/input.json");
}

#[test]
fn rejecting_takes_away_what_readers_see_and_nothing_brings_it_back() {
    let desk = Desk::new(2);
    let [first, second] = desk.versions[..] else {
        unreachable!("two versions")
    };
    let registry = desk.registry();
    let serving = Serving::of(&registry);
    desk.shown("r1", "2026-11-01T01:00:00Z", first);
    desk.shown("r2", "2026-11-01T02:00:00Z", second);
    let in_between = desk.scored("r3", "2026-11-01T01:30:00Z", first);
    assert!(!desk.publish(in_between.clone()).unwrap().changed);
    let done = serving.reject(second, &request()).unwrap();
    assert_eq!(done.predictions.len(), 1);
    assert_eq!(done.predictions[0].after, None);
    assert!(desk.seen().is_empty());
    let again = serving.reject(second, &request()).unwrap();
    assert!(again.change.already && again.predictions.is_empty());

    let late = desk.scored("r2", "2026-11-01T02:00:00Z", second);
    refused(&desk, late, "VersionMayNotServe", "it is wrong");
    let restored = serving.restore(&of(), &"r2".parse().unwrap());
    assert_eq!(restored.unwrap_err().name(), "VersionMayNotServe");
    let planned = serving.plan_restore(&of(), &"r2".parse().unwrap());
    assert_eq!(planned.unwrap_err().name(), "VersionMayNotServe");
    let rolled = serving.roll_back(first, second);
    assert_eq!(rolled.unwrap_err().name(), "VersionMayNotServe");
    assert!(desk.seen().is_empty());
    // What the rejected version had scored does not stand before others.
    assert!(desk.publish(in_between).unwrap().changed);
    assert_eq!(desk.seen(), ["r3"]);
    serving.restore(&of(), &"r1".parse().unwrap()).unwrap();
    assert_eq!(desk.seen(), ["r1"]);
}

/// What cannot be rejected stays as it is, and what it scored too.
#[test]
fn a_live_version_that_is_not_rejected_stays_visible() {
    let desk = Desk::new(1);
    desk.shown("r1", AT, desk.versions[0]);
    let registry = desk.registry();
    let refused = Serving::of(&registry).reject(desk.versions[0], &request());
    assert_eq!(refused.unwrap_err().name(), "MoveNotAllowed");
    assert_eq!(desk.seen(), ["r1"]);
}

/// Pruning an old version takes back no day that it scored.
#[test]
fn what_a_pruned_version_scored_stays_until_it_is_replaced() {
    let desk = Desk::new(2);
    desk.shown("r1", "2026-11-01T01:00:00Z", desk.versions[1]);
    desk.registry().prune(0, &request()).unwrap();
    desk.shown("r2", "2026-11-02T01:00:00Z", desk.versions[0]);
    assert_eq!(desk.seen(), ["r1", "r2"]);
    desk.shown("r3", "2026-11-01T02:00:00Z", desk.versions[0]);
    let registry = desk.registry();
    let restored = Serving::of(&registry).restore(&of(), &"r1".parse().unwrap());
    assert_eq!(restored.unwrap_err().name(), "VersionMayNotServe");
}

/// Readers of before saw what was never registered: the next change of the document takes it away.
#[test]
fn an_unregistered_version_of_before_goes_with_the_next_change() {
    let desk = Desk::new(1);
    let old = ServedDay {
        table: TABLE.into(),
        model: model(),
        scored_on: jiff::civil::date(2026, 10, 31),
        shown: Some(ServedRun {
            run: run_of("old", "2026-10-31T01:00:00Z"),
            version: "run:t".into(),
            rows: 1,
        }),
        replaced: Vec::new(),
    };
    let line = String::from_utf8(lines(&[old]).unwrap()).unwrap();
    let line = line.replace("\n", "").replacen('{', "{\"of_lines\":1,", 1);
    desk.store
        .put(&key(&model()).unwrap(), format!("{line}\n"))
        .unwrap();
    assert_eq!(desk.seen(), ["old"]);
    desk.shown("r1", AT, desk.versions[0]);
    assert_eq!(desk.seen(), ["r1"]);
    assert_eq!(
        millrace_served::visible(&desk.store).unwrap()[0].scored_on,
        day()
    );
}

/// Retired while its run scores: it was live when the run began.
#[test]
fn a_version_that_is_retired_while_its_run_scores_is_published() {
    let desk = Desk::new(2);
    let asked = desk.run("r1", AT);
    let registry = desk.registry();
    registry
        .promote(desk.versions[1], Target::Live, &request())
        .unwrap();
    assert!(desk.publish(asked).unwrap().changed);
}
