//! The ways in: the command, the functions, the containers, the state machines.

use std::fmt;
use std::path::Path;
use std::process::Command;

use millrace_contract::stages::RunKind;
use millrace_flow::{Machine, Outcome, Silent, SystemClock, TaskControl, TaskError};
use millrace_keys::Context;
use millrace_orchestra::{Container, LocalTasks, Platform};
use millrace_store::Store;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use support::program;

use crate::case::{Case, Input};
use crate::lambda::Runtime;
use crate::program::{Ended, watch};
use crate::world::{Bench, TIME};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// `millrace` with what the case types.
    Command,
    Validate,
    Train,
    Score,
    Fairness,
    Run,
    Lambda(&'static str),
    /// The program of a container, and the folder of its stage.
    Container(&'static str, &'static str),
    /// An execution on this machine.
    Machine(&'static str),
    /// Reading a state machine.
    Load,
}

const DOORS: [(&str, Door); 15] = [
    ("command", Door::Command),
    ("validate", Door::Validate),
    ("train", Door::Train),
    ("score", Door::Score),
    ("fairness", Door::Fairness),
    ("run", Door::Run),
    ("lambda validate", Door::Lambda("validate")),
    ("lambda fairness-gate", Door::Lambda("fairness-gate")),
    ("lambda publish", Door::Lambda("publish")),
    ("lambda registry", Door::Lambda("registry")),
    ("container training", Door::Container("training", "train-1")),
    (
        "container inference",
        Door::Container("inference", "score-00000"),
    ),
    ("machine training", Door::Machine("training")),
    ("machine inference", Door::Machine("inference")),
    ("machine load", Door::Load),
];

impl<'de> Deserialize<'de> for Door {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Door, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = DOORS.iter().find(|(name, _)| *name == text);
        let unknown = || Error::custom(format!("no door is called `{text}`"));
        known.map(|(_, door)| *door).ok_or_else(unknown)
    }
}

impl fmt::Display for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = DOORS.iter().find(|(_, door)| door == self);
        formatter.pad(known.map_or("", |(name, _)| name))
    }
}

/// What came of an input.
#[derive(Debug)]
pub struct Answer {
    /// The error's name where it stands alone; else the message holds it.
    pub name: Option<String>,
    pub message: String,
    pub succeeded: bool,
    /// How the program ended; nothing for what is tried in this process.
    pub ended: Option<Ended>,
}

/// Gives the bad thing to a door.
pub fn knock(door: Door, case: &Case, bench: &Bench) -> Answer {
    match door {
        Door::Lambda(function) => lambda(function, case, bench),
        Door::Container(program, stage) => container(program, stage, case, bench),
        Door::Machine(kind) => machine(kind, bench),
        Door::Load => load(bench),
        _ => command(door, case, bench),
    }
}

fn command(door: Door, case: &Case, bench: &Bench) -> Answer {
    let (data, spec) = (bench.data.as_str(), bench.spec.as_str());
    let typed: Vec<String> = case.arguments.iter().map(|a| bench.fill(a)).collect();
    let run = ["--run-id", "bad", "--at", TIME];
    let out = bench.text("scores.parquet");
    let arguments: Vec<&str> = match door {
        Door::Validate => vec![
            "validate",
            "--data",
            data,
            "--contract",
            &bench.contract,
            "--at",
            TIME,
        ],
        Door::Train => [&["train", "--data", data, "--spec", spec][..], &run].concat(),
        // What was never registered is scored into a file alone.
        Door::Score if bench.version.starts_with("run:") => {
            let score = ["score", "--data", data, "--version", bench.version];
            [&score[..], &["--out", &out], &run].concat()
        }
        Door::Score => [&["score", "--data", data][..], &run].concat(),
        Door::Fairness => vec![
            "fairness",
            "--predictions",
            data,
            "--truth",
            "engagement_score",
            "--score",
            "engagement_score",
            "--attributes",
            "gender",
        ],
        Door::Run => [&["run", "--data", data, "--spec", spec][..], &run].concat(),
        _ => typed.iter().map(String::as_str).collect(),
    };
    let mut command = started("millrace", case, bench);
    let elsewhere = bench.path("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    command.current_dir(elsewhere);
    if !case.environment.contains_key("MILLRACE_STORE") {
        command.args(["--store", &bench.text("store")]);
    }
    let ended = watch(command.args(arguments), bench.path("").as_path(), || false);
    let error = ended
        .said
        .lines()
        .position(|line| line.starts_with("error:"));
    let message: Vec<&str> = ended
        .said
        .lines()
        .skip(error.unwrap_or(usize::MAX))
        .collect();
    Answer {
        name: None,
        message: message.join("\n"),
        succeeded: ended.code == Some(0),
        ended: Some(ended),
    }
}

fn lambda(function: &str, case: &Case, bench: &Bench) -> Answer {
    let event = match case.input {
        Input::Event => filled(bench),
        _ => usual_event(function, case, bench).to_string().into(),
    };
    let runtime = Runtime::start(event);
    let mut command = started(function, case, bench);
    command.env("AWS_LAMBDA_RUNTIME_API", runtime.address());
    let store = bench.text("store");
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "bad"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bad"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bad"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("MILLRACE_STORE", store.as_str()),
    ] {
        if !case.environment.contains_key(name) {
            command.env(name, value);
        }
    }
    let mut answer = None;
    let ended = watch(&mut command, bench.path("").as_path(), || {
        answer = answer.take().or_else(|| runtime.answer());
        answer.is_some()
    });
    let said = |answer: &Value, field: &str| answer[field].as_str().map(str::to_owned);
    match &answer {
        // It never came so far as to ask for an event.
        None => Answer {
            name: None,
            message: ended.said.clone(),
            succeeded: ended.code == Some(0),
            ended: Some(ended),
        },
        // Data that must not be used is an answer: the state machine makes the error of it.
        Some(answer) if answer["verdict"] == "refused" => Answer {
            name: Some("ContractViolated".into()),
            message: answer["reasons"].to_string(),
            succeeded: false,
            ended: Some(ended),
        },
        Some(answer) => Answer {
            name: said(answer, "errorType"),
            message: said(answer, "errorMessage").unwrap_or_else(|| answer.to_string()),
            succeeded: answer["errorType"].is_null(),
            ended: Some(ended),
        },
    }
}

/// What a function is asked when the bad thing is something else.
fn usual_event(function: &str, case: &Case, bench: &Bench) -> Value {
    let run = json!({"run_id": "bad", "started_at": TIME});
    match (function, case.input) {
        ("validate", _) => json!({
            "run": run, "documents": bench.documents, "data": bench.data, "purpose": "training",
        }),
        ("fairness-gate", _) => json!({
            "run": run, "gate": "fairness", "files": bench.files, "attempt": 1,
        }),
        ("registry", Input::Spec | Input::Contract) => json!({
            "action": "open_run", "run_id": "bad", "started_at": TIME, "allow_other_clock": true, "kind": "training",
            "spec": bench.spec, "data": bench.data,
        }),
        ("registry", _) => json!({"action": "resolve", "run": run, "model": "engagement"}),
        _ => panic!("{function} is asked by events only"),
    }
}

fn container(name: &str, stage: &str, case: &Case, bench: &Bench) -> Answer {
    let folder = format!("store/runs/bad/{stage}");
    let input = match case.input {
        Input::Event => filled(bench),
        _ => container_input(name, bench).to_string().into(),
    };
    let uri = bench.write(&format!("{folder}/input.json"), &input);
    let mut command = started(&format!("millrace-{name}"), case, bench);
    match case.arguments.first() {
        Some(other) => command.arg(bench.fill(other)),
        None => command.arg(uri),
    };
    let ended = watch(&mut command, bench.path("").as_path(), || false);
    let left = std::fs::read(bench.path(&format!("{folder}/error.json"))).ok();
    let left: Option<Value> = left.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let said = |field: &str| Some(left.as_ref()?[field].as_str()?.to_owned());
    Answer {
        name: said("error"),
        message: said("cause").unwrap_or_else(|| ended.said.clone()),
        succeeded: ended.code == Some(0),
        ended: Some(ended),
    }
}

fn container_input(name: &str, bench: &Bench) -> Value {
    let run = json!({"run_id": "bad", "started_at": TIME});
    match name {
        "training" => json!({
            "run": run, "documents": bench.documents, "data_files": bench.data_files(), "attempt": 1,
        }),
        _ => json!({
            "run": run, "data_files": bench.data_files(), "shard": {"index": 0, "count": 1},
            "model": {"name": "engagement", "version": "v1.0.0", "files": bench.files},
        }),
    }
}

/// The case's own document. What is no text is handed over as it is.
fn filled(bench: &Bench) -> Vec<u8> {
    match std::str::from_utf8(&bench.bytes) {
        Ok(text) => bench.fill(text).into(),
        Err(_) => bench.bytes.clone(),
    }
}

/// A program with nothing of AWS and Millrace in its environment but what the case says. What would
/// go to AWS finds nobody.
fn started(name: &str, case: &Case, bench: &Bench) -> Command {
    let mut command = Command::new(program(name));
    for (variable, _) in std::env::vars() {
        if variable.starts_with("AWS_") || variable.starts_with("MILLRACE_") {
            command.env_remove(variable);
        }
    }
    command
        .env(support::OTHER_CLOCK, "1")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "nobody")
        .env("AWS_SECRET_ACCESS_KEY", "nothing");
    for (variable, value) in &case.environment {
        command.env(variable, bench.fill(value));
    }
    command
}

/// No container comes so far in these cases.
struct Nowhere;

impl Platform for Nowhere {
    fn run_container(&self, _: Container, _: &str, _: &TaskControl<'_>) -> Result<(), TaskError> {
        Err(TaskError::new(
            "States.TaskFailed",
            "there are no containers here",
        ))
    }

    fn query(&self, _: &str) -> Result<Vec<String>, TaskError> {
        Err(TaskError::new(
            "Athena.InvalidRequestException",
            "there is no SQL here",
        ))
    }
}

fn machine(kind: &str, bench: &Bench) -> Answer {
    let kind = match kind {
        "training" => RunKind::Training,
        _ => RunKind::Inference,
    };
    let input: Value = serde_json::from_slice(&filled(bench)).unwrap();
    let store = Store::open(&bench.text("store")).unwrap();
    let tasks = LocalTasks::new(Context::unsigned(&store), &Nowhere);
    let machine = millrace_orchestra::load(kind).unwrap();
    let execution = machine.run("bad", input, &tasks, &Silent, &SystemClock);
    match execution.outcome {
        Outcome::Failed { error, cause } => Answer {
            name: Some(error),
            message: cause,
            succeeded: false,
            ended: None,
        },
        other => Answer {
            name: None,
            message: format!("{other:?}"),
            succeeded: true,
            ended: None,
        },
    }
}

fn load(bench: &Bench) -> Answer {
    let text = String::from_utf8_lossy(&bench.bytes);
    let loaded = Machine::load(&text, &millrace_orchestra::local_substitutions());
    let error = loaded.map(|_| ()).err();
    Answer {
        // The name that whoever loads a machine gives it.
        name: error.as_ref().map(|_| "InvalidMachine".into()),
        succeeded: error.is_none(),
        message: error.map_or(String::new(), |error| error.to_string()),
        ended: None,
    }
}

/// Whether a file may be new after a refusal: what a run leaves by design, in its own folder.
pub fn may_be_left(key: &str) -> bool {
    const NOTES: [&str; 10] = [
        "input.json",
        "error.json",
        "progress.json",
        "spec.toml",
        "contract.toml",
        "data_files.json",
        "run.json",
        "end.json",
        "history.json",
        "executing.json",
    ];
    /// What validation found, where the data could be read.
    const FOUND: [&str; 5] = [
        "report.json",
        "profile.json",
        "exclusions.json",
        "rows.parquet",
        "output.json",
    ];
    let name = Path::new(key).file_name().unwrap().to_str().unwrap();
    // A run resolves its model before it looks at its data.
    let found = (key.contains("/validate/") && FOUND.contains(&name))
        || key.ends_with("/resolve/output.json");
    // The rows that say what happened, for whoever asks by SQL.
    let told = ["runs", "data_quality", "quarantine"]
        .iter()
        .any(|table| key.starts_with(&format!("tables/{table}/bad")));
    told || key.starts_with("runs/bad") && (NOTES.contains(&name) || found)
}
