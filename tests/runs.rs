//! Runs as a whole: killed and taken up, shown state by state, compared.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use serde_json::{Value, json};
use support::Workshop;

fn parsed(workshop: &Workshop, arguments: &[&str]) -> Value {
    let answer = workshop.millrace(&[&["--json"], arguments].concat());
    serde_json::from_str(&answer.succeeded()).unwrap()
}

fn written(workshop: &Workshop, name: &str) -> SystemTime {
    let path = workshop.path(name);
    fs::metadata(path).unwrap().modified().unwrap()
}

/// All files but those that tell of executions: each of them is one more.
fn files(workshop: &Workshop) -> Vec<(PathBuf, u64, SystemTime)> {
    let files = workshop.store_files().into_iter();
    let kept = files.filter(|(path, _)| !path.ends_with("history.json"));
    let with_times = kept.map(|(path, bytes)| {
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        (path, bytes, modified)
    });
    with_times.collect()
}

#[test]
fn a_run_that_is_killed_is_taken_up_and_one_that_is_done_changes_nothing() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = workshop.lenient_spec();
    let mut running = workshop.begin(&[
        "run",
        "--data",
        &data,
        "--spec",
        &spec,
        "--run-id",
        "k",
        "--strategy",
        "exhaustive",
    ]);
    workshop.wait_for("store/runs/k-training/train-1/progress.json", |_| true);
    running.kill();
    let killed = parsed(&workshop, &["runs", "show", "k-training"]);
    assert_eq!(killed["end"], Value::Null);
    assert_eq!(killed["executions"][0]["outcome"], Value::Null);
    let last = killed["executions"][0]["states"].as_array().unwrap().last();
    assert_eq!(last.unwrap()["state"], "Train");

    let validated = written(&workshop, "store/runs/k-training/validate/output.json");
    let said = workshop.millrace(&["resume", "k"]).succeeded();
    assert!(
        said.contains("scored 6,000 rows with engagement v1.0.0"),
        "{said}"
    );
    assert_eq!(
        written(&workshop, "store/runs/k-training/validate/output.json"),
        validated,
        "a finished stage is not done again"
    );
    let input = workshop.path("store/runs/k-training/train-1/input.json");
    let input: Value = serde_json::from_slice(&fs::read(input).unwrap()).unwrap();
    assert_eq!(
        input["strategy"], "exhaustive",
        "it is asked the same as before"
    );

    let done = files(&workshop);
    workshop.millrace(&["runs", "resume", "k"]).succeeded();
    let again = files(&workshop);
    let results = |files: &[(PathBuf, u64, SystemTime)]| -> Vec<(PathBuf, u64, SystemTime)> {
        // A container is asked again, and finds that it has answered.
        let kept = files
            .iter()
            .filter(|(path, ..)| !path.ends_with("input.json"));
        kept.cloned().collect()
    };
    assert_eq!(
        results(&again),
        results(&done),
        "nothing is made or published twice"
    );
    let models = parsed(&workshop, &["models", "list"]);
    assert_eq!(models["versions"].as_array().unwrap().len(), 1);

    let shown = parsed(&workshop, &["runs", "show", "k-training"]);
    let outcomes: Vec<&Value> = shown["executions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|execution| &execution["outcome"]["status"])
        .collect();
    assert_eq!(outcomes, ["stopped", "succeeded", "succeeded"]);
    everything_written_is_there(&workshop, &shown);
    everything_written_is_there(
        &workshop,
        &parsed(&workshop, &["runs", "show", "k-inference"]),
    );
    let text = workshop
        .millrace(&["runs", "show", "k-training"])
        .succeeded();
    assert!(
        text.contains("end: succeeded: engagement v1.0.0 is live"),
        "{text}"
    );

    let listed = parsed(&workshop, &["runs", "list"]);
    let ended: Vec<(&Value, &Value)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (&run["run"]["run_id"], &run["end"]["result"]))
        .collect();
    let succeeded = json!("succeeded");
    let expected = [json!("k-inference"), json!("k-training")];
    assert_eq!(
        ended,
        [(&expected[0], &succeeded), (&expected[1], &succeeded)]
    );
}

/// Each state names where it wrote; the store has it.
fn everything_written_is_there(workshop: &Workshop, shown: &Value) {
    let last = shown["executions"].as_array().unwrap().last().unwrap();
    let states = last["states"].as_array().unwrap();
    let places: Vec<&str> = states
        .iter()
        .filter_map(|state| state["written"].as_str())
        .collect();
    assert!(places.len() >= 7, "{places:?}");
    for place in places {
        assert!(workshop.path("store").join(place).exists(), "{place}");
    }
    for state in states {
        assert!(state["seconds"].is_f64(), "{state}");
    }
}

#[test]
fn two_runs_are_compared_fact_by_fact() {
    let workshop = Workshop::default();
    let spec = workshop.lenient_spec();
    for (run, rows) in [("a", 6_000), ("b", 6_500)] {
        let data = workshop.customers(&format!("customers-{run}"), rows);
        workshop
            .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", run])
            .succeeded();
    }
    let diff = parsed(&workshop, &["runs", "diff", "a-training", "b-training"]);
    let of = |diff: &Value, name: &str| -> Value {
        let all = diff["differences"].as_array().unwrap();
        let found = all.iter().find(|difference| difference["name"] == name);
        found.cloned().unwrap_or(Value::Null)
    };
    let version = of(&diff, "registered.version");
    assert_eq!(version["before"], "v1.0.0");
    assert!(version["after"].is_string(), "{version}");
    assert_eq!(of(&diff, "data.rows_read")["change"], 500.0);
    for differs in [
        "input.data",
        "data.data_digest",
        "metrics.r2",
        "model.digests.model",
    ] {
        assert!(of(&diff, differs).is_object(), "{differs}: {diff}");
    }
    for equal in ["spec.target", "verdicts.quality.decision", "code.xgboost"] {
        assert!(of(&diff, equal).is_null(), "{equal}: {diff}");
    }
    assert!(diff["same"].as_u64().unwrap() > 20);
    let scores = parsed(&workshop, &["runs", "diff", "a-inference", "b-inference"]);
    assert_eq!(of(&scores, "scores.rows_scored")["change"], 500.0);
    let text = workshop
        .millrace(&["runs", "diff", "a-training", "b-training"])
        .succeeded();
    assert!(text.contains("registered.version"), "{text}");
    let same = parsed(&workshop, &["runs", "diff", "a-training", "a-training"]);
    assert_eq!(same["differences"], json!([]));
}

#[test]
fn what_is_not_there_is_named() {
    let workshop = Workshop::default();
    for arguments in [["runs", "show", "nobody"], ["runs", "resume", "nobody"]] {
        workshop.millrace(&arguments).failed_with("RunNotFound");
    }
    workshop
        .millrace(&["runs", "diff", "nobody", "nothing"])
        .failed_with("RunNotFound");
    let none = workshop.millrace(&["runs", "list"]).succeeded();
    assert!(none.contains("no runs yet"), "{none}");
}
