//! Programs that are told to end: at once, with an exit code that says so, and nothing half written.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use millrace_contract::RunId;
use millrace_contract::stages::Run;
use millrace_store::{Key, Store};
use millrace_trail::{Text, freeze_documents, prepare_stage};
use serde_json::{Value, json};
use support::{Running, Workshop, fixed, program, repository_file};

/// What a shell gives a program that SIGTERM ended: 128 and the signal's number.
const STOPPED: i32 = 143;
/// ECS kills a container that has not ended 30 seconds after it was told to.
const SOON: Duration = Duration::from_secs(5);
/// The folder for temporary files.
const TEMPORARY: &str = "temporary";

fn run(id: &str) -> Run {
    Run {
        run_id: RunId::new(id).unwrap(),
        started_at: "2026-11-01T08:00:00Z".parse().unwrap(),
    }
}

/// Starts a container's program as ECS does, with a folder for temporary files that is its own; what it logs goes
/// to `log`.
fn begin(workshop: &Workshop, name: &str, input_uri: &str) -> Running {
    std::fs::create_dir_all(workshop.path(TEMPORARY)).unwrap();
    let child = Command::new(program(name))
        .arg(input_uri)
        .env("MILLRACE_PROGRESS_SECONDS", "0.05")
        .env("TMPDIR", workshop.path(TEMPORARY))
        .stdout(File::create(workshop.path("log")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Running { child }
}

/// Every file for temporary use, and every file of the store that no listing shows.
fn left_aside(workshop: &Workshop) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(workshop.path(TEMPORARY))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let hidden = workshop.store_files().into_iter().map(|(path, _)| path);
    found.extend(hidden.filter(|path| path.to_str().unwrap().contains("/.tmp-")));
    found
}

/// Whether a file begins as files of rows do: what is in it is packed, so that no id could be found by its letters.
fn has_rows(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"PAR1"))
}

/// Ends it, and checks how it ended.
fn end(workshop: &Workshop, mut running: Running) {
    let asked = Instant::now();
    running.terminate();
    assert_eq!(running.exit_code(), STOPPED);
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    let log = std::fs::read_to_string(workshop.path("log")).unwrap();
    let told = |line: &&str| line.contains("stopped by SIGTERM");
    let line: Value = serde_json::from_str(log.lines().find(told).unwrap()).unwrap();
    assert_eq!(line["level"], "WARN");
}

/// The names of all objects below a folder of the store; each of them that is JSON can be read.
fn left(store: &Store, folder: &str) -> Vec<String> {
    let objects = store.list(folder).unwrap();
    for object in &objects {
        if object.key.as_ref().ends_with(".json") {
            let bytes = store.get(&object.key).unwrap().bytes;
            serde_json::from_slice::<Value>(&bytes).unwrap();
        }
    }
    let name = |key: &str| key.rsplit('/').next().unwrap().to_owned();
    objects
        .iter()
        .map(|object| name(object.key.as_ref()))
        .collect()
}

#[test]
fn training_that_is_stopped_leaves_no_result_and_no_half_of_one() {
    let workshop = Workshop::default();
    let store = Store::open(&workshop.text("store")).unwrap();
    let data = workshop.customers("customers", 6_000);
    let text = |name: &str| Text {
        origin: name.into(),
        text: repository_file(name),
    };
    let run = run("t1");
    // The whole grid takes longer than anyone waits here.
    let documents = freeze_documents(
        &store,
        &run.run_id,
        &text("models/engagement.toml"),
        &text("contracts/customers.toml"),
    );
    let input = json!({
        "run": run, "documents": documents.unwrap(), "data_files": fixed(&store, &run, &data), "attempt": 1, "strategy": "exhaustive",
    });
    let uri = prepare_stage(&store, &run.run_id, "train-1", &input).unwrap();
    let running = begin(&workshop, "millrace-training", &uri);
    workshop.wait_for("log", |log| log.contains(r#""event":"search""#));
    workshop.wait_for("store/runs/t1/train-1/progress.json", |_| true);
    end(&workshop, running);
    assert_eq!(
        left(&store, "runs/t1/train-1/"),
        ["input.json", "progress.json"]
    );
}

/// An input of the scoring program that takes a while.
fn prepare_scoring(workshop: &Workshop, store: &Store) -> String {
    let data = workshop.customers("customers", 10_000);
    let spec = workshop.small_spec();
    let trained = workshop
        .millrace(&[
            "--json", "train", "--data", &data, "--spec", &spec, "--run-id", "m",
        ])
        .json();
    let many = many_times(workshop, &data);
    let run = run("s1");
    let input = json!({
        "run": run, "data_files": fixed(store, &run, &many), "shard": {"index": 0, "count": 1},
        "model": {"name": "engagement", "version": "v1.0.0", "files": trained["files"]},
    });
    prepare_stage(store, &run.run_id, "score-00000", &input).unwrap()
}

#[test]
fn scoring_that_is_stopped_leaves_no_scores() {
    let workshop = Workshop::default();
    let store = Store::open(&workshop.text("store")).unwrap();
    let uri = prepare_scoring(&workshop, &store);
    let running = begin(&workshop, "millrace-inference", &uri);
    workshop.wait_for("log", |log| log.contains(r#""event":"rows""#));
    end(&workshop, running);
    assert_eq!(
        left(&store, "runs/s1/score-00000/"),
        ["input.json", "progress.json"]
    );
    assert!(left(&store, "tables/").is_empty());
    assert_eq!(left_aside(&workshop), Vec::<PathBuf>::new());
}

/// However it is ended, and whenever: no row of a customer lies where nobody looks.
#[test]
fn scoring_that_is_ended_at_any_moment_leaves_no_row_aside() {
    let workshop = Workshop::default();
    let store = Store::open(&workshop.text("store")).unwrap();
    let uri = prepare_scoring(&workshop, &store);
    for signal in ["TERM", "INT", "KILL"] {
        for moment in 0..8 {
            let mut running = begin(&workshop, "millrace-inference", &uri);
            workshop.wait_for("log", |log| log.contains(r#""event":"rows""#));
            std::thread::sleep(Duration::from_millis(23 * moment));
            running.signal(signal);
            running.child.wait().unwrap();
            assert!(
                left(&store, "tables/").is_empty(),
                "it was not quick enough"
            );
            let aside = left_aside(&workshop);
            let rows: Vec<&PathBuf> = aside.iter().filter(|path| has_rows(path)).collect();
            assert!(rows.is_empty(), "{signal} after {moment}: {rows:?}");
        }
    }
    // What has no rows may have had a name for a moment; whoever writes next removes it.
    let note = Key::new("note").unwrap();
    let again = Store::open(&workshop.text("store")).unwrap();
    again.put(&note, "1").unwrap();
    again.delete(&note).unwrap();
    assert_eq!(left_aside(&workshop), Vec::<PathBuf>::new());
}

/// A folder in which the same rows lie so often that scoring them takes a while.
fn many_times(workshop: &Workshop, data: &str) -> String {
    let day = std::fs::read_dir(data).unwrap().next().unwrap().unwrap();
    let file = day.path().join("part-000.parquet");
    let folder = workshop.path("many");
    std::fs::create_dir(&folder).unwrap();
    for copy in 0..400 {
        std::fs::hard_link(&file, folder.join(format!("{copy:03}.parquet"))).unwrap();
    }
    workshop.text("many")
}

#[test]
fn a_whole_run_that_is_stopped_takes_its_programs_with_it() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let mut running = workshop.begin(&[
        "run",
        "--data",
        &data,
        "--strategy",
        "exhaustive",
        "--run-id",
        "r",
    ]);
    workshop.wait_for("store/runs/r-training/train-1/progress.json", |_| true);
    let asked = Instant::now();
    running.terminate();
    assert_eq!(running.exit_code(), 1);
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    let said = std::fs::read_to_string(workshop.path("said.err")).unwrap();
    assert!(
        said.contains("error: Stopped") && said.contains("`millrace resume r-training`"),
        "{said}"
    );
    let shown = workshop.millrace(&["runs", "show", "r-training", "--json"]);
    let shown: Value = serde_json::from_str(&shown.succeeded()).unwrap();
    assert_eq!(shown["executions"][0]["outcome"]["status"], "stopped");
    #[cfg(target_os = "linux")]
    assert_eq!(programs_of(&workshop.text("store")), Vec::<String>::new());
}

/// What the system does to a program when memory runs out: it cannot answer that.
#[cfg(target_os = "linux")]
#[test]
fn a_program_that_the_system_kills_is_out_of_memory_and_not_started_again() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let long = ["--data", &data, "--strategy", "exhaustive", "--run-id"];
    let mut running = workshop.begin(&[&["run"], &long[..], &["r"]].concat());
    workshop.wait_for("store/runs/r-training/train-1/progress.json", |_| true);
    kill_training(&workshop);
    assert_eq!(running.exit_code(), 1);
    let said = std::fs::read_to_string(workshop.path("said.err")).unwrap();
    assert!(said.contains("error: OutOfMemory"), "{said}");
    let kept = std::fs::read_to_string(workshop.path("store/runs/r-training/history.json"));
    let history: Value = serde_json::from_str(&kept.unwrap()).unwrap();
    let events = history[0]["history"].as_array().unwrap();
    let starts = events
        .iter()
        .filter(|event| event["type"] == "TaskAttemptStarted" && event["state"] == "Train");
    assert_eq!(starts.count(), 1);

    let mut alone = workshop.begin(&[&["train"], &long[..], &["t"]].concat());
    workshop.wait_for("store/runs/t/train-1/progress.json", |_| true);
    kill_training(&workshop);
    assert_eq!(alone.exit_code(), 1);
    let said = std::fs::read_to_string(workshop.path("said.err")).unwrap();
    assert!(said.contains("error: OutOfMemory"), "{said}");
}

#[cfg(target_os = "linux")]
fn kill_training(workshop: &Workshop) {
    let found = processes_of(&workshop.text("store"));
    let (id, _) = found
        .iter()
        .find(|(_, line)| line.contains("millrace-training"))
        .unwrap();
    let killed = Command::new("sh")
        .args(["-c", &format!("kill -KILL {id}")])
        .status();
    assert!(killed.unwrap().success());
}

/// The command lines that name the store.
#[cfg(target_os = "linux")]
fn programs_of(store: &str) -> Vec<String> {
    let found = processes_of(store).into_iter();
    found.map(|(_, line)| line).collect()
}

/// The same with the ids of the processes.
#[cfg(target_os = "linux")]
fn processes_of(store: &str) -> Vec<(String, String)> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| {
        let line = std::fs::read_to_string(process.path().join("cmdline")).ok()?;
        Some((process.file_name().into_string().ok()?, line))
    });
    lines.filter(|(_, line)| line.contains(store)).collect()
}
