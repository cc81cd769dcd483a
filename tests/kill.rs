//! `kill -9` of `millrace run` and its programs at random moments: taken up, it always ends the same.
//!
//! `MILLRACE_KILLS` says how often (50), `MILLRACE_KILL_SEED` when (1). A moment is a time, so a seed repeats the
//! moments, not what the programs do in them; the state of the run at each is printed.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use support::Workshop;
use support::quick::{digests, quick_spec};
use support::random::Chance;

const RUN: [&str; 5] = ["run", "--run-id", "k", "--at", "2026-11-01T08:00:00Z"];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// A fresh store beside the same data.
fn again(workshop: &Workshop) {
    let store = workshop.path("store");
    if store.exists() {
        fs::remove_dir_all(&store).unwrap();
    }
}

#[test]
fn a_run_that_is_killed_at_any_moment_ends_the_same() {
    let (kills, seed) = (
        setting("MILLRACE_KILLS", 50),
        setting("MILLRACE_KILL_SEED", 1),
    );
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 1_000);
    let spec = quick_spec(&workshop);
    let run = [&RUN[..], &["--data", &data, "--spec", &spec]].concat();

    let began = Instant::now();
    workshop.millrace(&run).succeeded();
    let whole = began.elapsed();
    let expected = digests(&workshop.path("store"));
    let told = told(&workshop);
    assert!(
        expected
            .keys()
            .any(|name| name.starts_with("tables/predictions/")),
        "{expected:?}"
    );
    println!("{kills} kills with seed {seed}; an undisturbed run takes {whole:?}");

    let mut states = BTreeMap::<String, u64>::new();
    let mut chance = Chance::of(&[seed]);
    for number in 1..=kills {
        again(&workshop);
        // Some are killed again while they are taken up.
        let times = 1 + chance.below(4) / 3;
        for _ in 0..times {
            let share = chance.below(1_000) as u32;
            let mut running = workshop.begin_group(&run);
            std::thread::sleep(whole * share / 1_000);
            running.kill_group();
            *states.entry(state(&workshop)).or_default() += 1;
        }
        let resumed = workshop.millrace(&["resume", "k"]);
        // Nothing was written yet: there is nothing to take up, and it is started again.
        if !resumed.success {
            resumed.failed_with("RunNotFound");
            workshop.millrace(&run).succeeded();
        }
        let found = digests(&workshop.path("store"));
        assert_eq!(found, expected, "kill {number} of seed {seed}");
        assert_eq!(self::told(&workshop), told, "kill {number} of seed {seed}");
    }
    println!("killed in: {states:#?}");
    assert!(
        states.len() > 3,
        "the moments hit too few states: {states:?}"
    );
    assert!(
        whole < Duration::from_secs(60),
        "too slow to be tried often"
    );
}

/// What the registry says and what readers see, without the ids that differ each time.
fn told(workshop: &Workshop) -> Vec<String> {
    let history = workshop
        .millrace(&["models", "history", "--json"])
        .json_document();
    let entries = history.as_array().unwrap().iter();
    let mut told: Vec<String> = entries
        .map(|entry| {
            let fields = [
                "sequence",
                "action",
                "version",
                "from",
                "to",
                "live_after",
                "run_id",
            ];
            let values = fields.map(|field| entry[field].to_string());
            values.join(" ")
        })
        .collect();
    assert!(told.len() >= 2, "{told:?}");
    for question in [
        "SELECT version, state, run_id, quality, fairness, r2 FROM model_versions ORDER BY version",
        "SELECT table_name, model, scored_on, run_id, version, rows FROM served ORDER BY 1, 2, 3",
        "SELECT run_id, model_version, count(*), sum(engagement_score_pred) FROM predictions GROUP BY 1, 2",
    ] {
        let answer = workshop.millrace(&["query", question, "--csv"]).succeeded();
        assert!(answer.lines().count() > 1, "{question}: {answer}");
        told.extend(answer.lines().map(str::to_owned));
    }
    told
}

/// Where the run was when it was killed: its last task, or what it had not begun.
fn state(workshop: &Workshop) -> String {
    for part in ["k-inference", "k-training"] {
        let path = workshop.path(&format!("store/runs/{part}/executing.json"));
        let Ok(text) = fs::read_to_string(path) else {
            if workshop
                .path(&format!("store/runs/{part}/end.json"))
                .exists()
            {
                return format!("{part}: ended");
            }
            continue;
        };
        let history: serde_json::Value = serde_json::from_str(&text).unwrap();
        let events = history.as_array().unwrap();
        let last = events
            .iter()
            .rev()
            .find_map(|event| event["state"].as_str());
        return format!("{part}: {}", last.unwrap_or("?"));
    }
    "not begun".to_owned()
}
