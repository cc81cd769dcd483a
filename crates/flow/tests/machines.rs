//! Runs every machine in `tests/machines/` and compares the sequence of states, the outcome, the waits, the
//! arguments of tasks and the events with what the file expects.
//!
//! A file holds one `machine` and its `cases`. Tasks are scripted by state: one response per attempt, the
//! last one again and again. A clock that stands still makes every wait instant.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use millrace_flow::{
    Clock, EventKind, Execution, History, Machine, Settings, Silent, SimulatedClock, TaskCall,
    TaskControl, TaskError, Tasks,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    machine: Value,
    #[serde(default)]
    substitutions: BTreeMap<String, String>,
    #[serde(default)]
    settings: Limits,
    cases: Vec<Case>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Limits {
    message_limit_bytes: Option<usize>,
    event_limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    input: Value,
    #[serde(default)]
    tasks: BTreeMap<String, Vec<Response>>,
    outcome: Value,
    states: Option<Vec<String>>,
    top_level_states: Option<Vec<String>>,
    slept: Option<Vec<f64>>,
    arguments: Option<BTreeMap<String, Vec<Value>>>,
    events: Option<Vec<String>>,
    /// Bucket and key of each object that a distributed Map writes.
    written: Option<Vec<String>>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
struct Response {
    r#return: Value,
    error: Option<String>,
    cause: String,
    panic: Option<String>,
    takes_seconds: u64,
    /// Seconds before each heartbeat.
    beats_seconds: Vec<u64>,
    /// Runs until it is cancelled.
    await_stop: bool,
}

struct Script<'case> {
    responses: &'case BTreeMap<String, Vec<Response>>,
    clock: &'case SimulatedClock,
    calls: Mutex<BTreeMap<String, Vec<Value>>>,
    written: Mutex<Vec<String>>,
}

impl Tasks for Script<'_> {
    fn call(&self, task: &TaskCall, control: &TaskControl) -> Result<Value, TaskError> {
        let count = {
            let mut calls = self.calls.lock().unwrap();
            let of_state = calls.entry(task.state.clone()).or_default();
            of_state.push(task.arguments.clone());
            of_state.len()
        };
        let responses = self
            .responses
            .get(&task.state)
            .unwrap_or_else(|| panic!("no response for {}", task.state));
        let response = responses.get(count - 1).or(responses.last()).unwrap();
        self.clock
            .advance(Duration::from_secs(response.takes_seconds));
        for seconds in &response.beats_seconds {
            self.clock.advance(Duration::from_secs(*seconds));
            control.heartbeat();
        }
        if response.await_stop {
            await_stop(control);
            return Err(TaskError::new("WasCancelled", ""));
        }
        match (&response.panic, &response.error) {
            (Some(text), _) => std::panic::panic_any(text.clone()),
            (None, Some(error)) => Err(TaskError::new(error, &response.cause)),
            (None, None) => Ok(expand(&response.r#return)),
        }
    }

    fn write_result(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), TaskError> {
        noted(&self.written, bucket, key, &bytes);
        Ok(())
    }
}

fn noted(written: &Mutex<Vec<String>>, bucket: &str, key: &str, bytes: &[u8]) {
    serde_json::from_slice::<Value>(bytes).unwrap();
    written.lock().unwrap().push(format!("{bucket}/{key}"));
}

fn await_stop(control: &TaskControl) {
    let started = Instant::now();
    while !control.is_cancelled() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "nobody stopped the task"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// `{"repeat": "x", "times": 9}` stands for a long string.
fn expand(value: &Value) -> Value {
    if let (Some(text), Some(times)) = (value["repeat"].as_str(), value["times"].as_u64()) {
        return Value::String(text.repeat(times as usize));
    }
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, field)| (key.clone(), expand(field)))
            .collect(),
        other => other.clone(),
    }
}

fn machine(file: &File) -> Machine {
    let default = Settings::default();
    let settings = Settings {
        message_limit_bytes: file
            .settings
            .message_limit_bytes
            .unwrap_or(default.message_limit_bytes),
        event_limit: file.settings.event_limit.unwrap_or(default.event_limit),
        ..default
    };
    Machine::load(&file.machine.to_string(), &file.substitutions)
        .unwrap()
        .with_settings(settings)
}

fn check(file: &str, machine: &Machine, case: &Case) {
    let clock = SimulatedClock::default();
    let script = Script {
        responses: &case.tasks,
        clock: &clock,
        calls: Mutex::default(),
        written: Mutex::default(),
    };
    let execution = machine.run("run-1", expand(&case.input), &script, &Silent, &clock);
    let place = format!("{file}: {}", case.name);

    let mut outcome = serde_json::to_value(&execution.outcome).unwrap();
    if case.outcome.get("cause").is_none() {
        outcome.as_object_mut().unwrap().remove("cause");
    }
    assert_eq!(outcome, case.outcome, "{place}: outcome");
    if let Some(states) = &case.states {
        assert_eq!(&execution.history.states(), states, "{place}: states");
    }
    if let Some(states) = &case.top_level_states {
        assert_eq!(
            &execution.history.top_level_states(),
            states,
            "{place}: states outside"
        );
    }
    if let Some(slept) = &case.slept {
        let got: Vec<f64> = clock.slept().iter().map(Duration::as_secs_f64).collect();
        assert_eq!(&got, slept, "{place}: waits");
    }
    if let Some(arguments) = &case.arguments {
        assert_eq!(
            &*script.calls.lock().unwrap(),
            arguments,
            "{place}: arguments"
        );
    }
    if let Some(events) = &case.events {
        assert_eq!(&event_types(&execution), events, "{place}: events");
    }
    if let Some(written) = &case.written {
        assert_eq!(
            &*script.written.lock().unwrap(),
            written,
            "{place}: written"
        );
    }
    check_history(&place, &execution, &clock);
}

fn event_types(execution: &Execution) -> Vec<String> {
    let events = serde_json::to_value(&execution.history).unwrap();
    events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

/// What is true of every history: numbered, in order of time, every state left once, JSON there and back.
fn check_history(place: &str, execution: &Execution, clock: &SimulatedClock) {
    let history = &execution.history;
    let text = serde_json::to_string(history).unwrap();
    assert_eq!(
        &serde_json::from_str::<History>(&text).unwrap(),
        history,
        "{place}"
    );
    assert!(
        history
            .events
            .iter()
            .enumerate()
            .all(|(index, event)| event.id == index as u64 + 1),
        "{place}"
    );
    assert!(
        history.events.is_sorted_by_key(|event| event.time),
        "{place}"
    );
    assert!(
        history.events.last().unwrap().time <= clock.now(),
        "{place}"
    );
    let entered = history
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::StateEntered { .. }))
        .count();
    let visits = history.visits();
    assert_eq!(visits.len(), entered, "{place}");
    assert!(
        visits.iter().all(|visit| visit.left.is_some()),
        "{place}: {visits:?}"
    );
}

#[test]
fn machines_run_as_their_files_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machines");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 20, "{folder} has too few machines");
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let file: File = serde_json::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let machine = machine(&file);
        for case in &file.cases {
            check(&name, &machine, case);
        }
    }
}

#[test]
fn the_resources_of_a_machine_are_known_before_it_runs() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/machines/parallel.json"
    ))
    .unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    let machine = machine(&file).named("gates");
    let resources: Vec<String> = machine
        .resources()
        .iter()
        .map(|(state, resource)| format!("{state}: {resource}"))
        .collect();
    let expected = [
        "Quality: arn:aws:states:::lambda:invoke",
        "Fairness: arn:aws:states:::lambda:invoke",
    ];
    assert_eq!(resources, expected);
    assert_eq!(machine.name(), "gates");
    assert_eq!(machine.comment(), None);
    assert_eq!(json!(machine.resources().len()), 2);
}
