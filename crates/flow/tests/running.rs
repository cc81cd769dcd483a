//! How machines run: side by side, in time, watched, stopped; and random machines, which always end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use millrace_flow::render::Lines;
use millrace_flow::{
    Event, EventKind, Machine, Observer, Outcome, Settings, Silent, SimulatedClock, Stop,
    SystemClock, TaskCall, TaskControl, TaskError, Tasks, VisitStatus,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn load(states: Value, start: &str) -> Machine {
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": start, "States": states });
    Machine::load(&definition.to_string(), &BTreeMap::new()).unwrap()
}

/// Tasks as a function.
struct Calls<F>(F);

impl<F: Fn(&TaskCall, &TaskControl) -> Result<Value, TaskError> + Sync> Tasks for Calls<F> {
    fn call(&self, task: &TaskCall, control: &TaskControl) -> Result<Value, TaskError> {
        (self.0)(task, control)
    }
}

fn task() -> Value {
    json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true })
}

fn map_of_tasks(concurrency: u64) -> Machine {
    let processor = json!({ "StartAt": "Work", "States": { "Work": task() } });
    let map = json!({ "Type": "Map", "MaxConcurrency": concurrency, "ItemProcessor": processor, "End": true });
    load(json!({ "Each": map }), "Each")
}

fn busiest(machine: &Machine, items: usize) -> usize {
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let tasks = Calls(|task: &TaskCall, _: &TaskControl| {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        running.fetch_sub(1, Ordering::SeqCst);
        Ok(task.arguments.clone())
    });
    let input: Vec<usize> = (0..items).collect();
    let execution = machine.run("run", json!(input), &tasks, &Silent, &SystemClock);
    assert_eq!(
        execution.outcome,
        Outcome::Succeeded {
            output: json!(input)
        },
        "results keep the order of the items"
    );
    most.into_inner()
}

#[test]
fn max_concurrency_is_honoured() {
    assert_eq!(busiest(&map_of_tasks(1), 4), 1);
    assert_eq!(busiest(&map_of_tasks(3), 12), 3);
    assert!(busiest(&map_of_tasks(0), 12) > 3);
    let held = map_of_tasks(0).with_settings(Settings {
        map_concurrency_limit: 2,
        ..Settings::default()
    });
    assert_eq!(busiest(&held, 8), 2);
}

#[test]
fn the_first_failure_stops_the_others() {
    let started = AtomicUsize::new(0);
    let tasks = Calls(|task: &TaskCall, control: &TaskControl| {
        started.fetch_add(1, Ordering::SeqCst);
        if task.arguments == json!(1) {
            std::thread::sleep(Duration::from_millis(20));
            return Err(TaskError::new("Broken", "item 1"));
        }
        let since = Instant::now();
        while !control.is_cancelled() {
            assert!(since.elapsed() < Duration::from_secs(30), "never cancelled");
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(TaskError::new("Cancelled", ""))
    });
    let execution = map_of_tasks(3).run(
        "run",
        json!([0, 1, 2, 3, 4, 5, 6, 7]),
        &tasks,
        &Silent,
        &SystemClock,
    );
    let expected = Outcome::Failed {
        error: "Broken".to_owned(),
        cause: "item 1".to_owned(),
    };
    assert_eq!(execution.outcome, expected);
    assert_eq!(started.into_inner(), 3, "what had not begun does not begin");
    let stopped = execution
        .history
        .visits()
        .iter()
        .filter(|visit| visit.status == VisitStatus::Stopped)
        .count();
    assert_eq!(stopped, 2);
}

#[test]
fn a_stop_ends_waits_tasks_and_branches() {
    let wait = json!({ "Type": "Wait", "Seconds": 3600, "End": true });
    let branch = |name: &str, state: Value| json!({ "StartAt": name, "States": { name: state } });
    let both = json!({ "Type": "Parallel", "Branches": [branch("Long", wait), branch("Work", task())], "End": true });
    let machine = load(json!({ "Both": both }), "Both");
    let stop = Stop::new();
    let tasks = Calls(|_: &TaskCall, _: &TaskControl| {
        stop.request();
        Ok(json!(1))
    });
    let started = Instant::now();
    let execution =
        machine.run_until_stopped("run", json!({}), &tasks, &Silent, &SystemClock, &stop);
    assert_eq!(execution.outcome, Outcome::Stopped);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(matches!(
        execution.history.events.last().unwrap().kind,
        EventKind::ExecutionStopped
    ));
}

#[test]
fn a_task_learns_its_deadline() {
    let machine = load(
        json!({ "Work": { "Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "TimeoutSeconds": 30, "End": true } }),
        "Work",
    );
    let clock = SimulatedClock::default();
    let tasks = Calls(|task: &TaskCall, control: &TaskControl| {
        assert_eq!(
            (task.state.as_str(), task.attempt, task.execution.as_str()),
            ("Work", 1, "run")
        );
        Ok(json!(control.remaining().unwrap().as_secs()))
    });
    let execution = machine.run("run", json!({}), &tasks, &Silent, &clock);
    assert_eq!(execution.outcome, Outcome::Succeeded { output: json!(30) });
}

#[test]
fn full_jitter_repeats_for_the_same_execution_and_differs_for_another() {
    let retry = json!([{ "ErrorEquals": ["Slow"], "IntervalSeconds": 10, "MaxAttempts": 5, "JitterStrategy": "FULL", "MaxDelaySeconds": 60 }]);
    let mut state = task();
    state["Retry"] = retry;
    let machine = load(json!({ "Work": state }), "Work");
    let waits = |name: &str| {
        let clock = SimulatedClock::default();
        machine.run(
            name,
            json!({}),
            &Calls(|_: &TaskCall, _: &TaskControl| Err(TaskError::new("Slow", ""))),
            &Silent,
            &clock,
        );
        clock.slept()
    };
    let first = waits("a");
    assert_eq!(first, waits("a"));
    assert_ne!(first, waits("b"));
    for (wait, longest) in first.iter().zip([10, 20, 40, 60, 60]) {
        assert!(*wait <= Duration::from_secs(longest), "{first:?}");
    }
    assert_eq!(first.len(), 5);
}

#[test]
fn a_seed_makes_chance_repeatable() {
    let pass = json!({ "Type": "Pass", "Output": "{% [$uuid(), $random()] %}", "End": true });
    let output = |seed: Option<u64>| {
        let machine = load(json!({ "A": pass }), "A").with_settings(Settings {
            seed,
            ..Settings::default()
        });
        machine
            .run(
                "run",
                json!({}),
                &Calls(|_: &TaskCall, _: &TaskControl| Ok(json!(1))),
                &Silent,
                &SimulatedClock::default(),
            )
            .outcome
    };
    assert_eq!(output(Some(1)), output(Some(1)));
    assert_ne!(output(Some(1)), output(Some(2)));
    assert_ne!(output(None), output(None));
}

/// Sees the events as they happen.
#[derive(Default)]
struct Seen(Mutex<Vec<Event>>);

impl Observer for Seen {
    fn event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

#[test]
fn the_observer_sees_the_history_as_it_happens() {
    let seen = Seen::default();
    let tasks = Calls(|task: &TaskCall, _: &TaskControl| {
        assert!(!seen.0.lock().unwrap().is_empty(), "told while running");
        Ok(task.arguments.clone())
    });
    let execution = map_of_tasks(4).run(
        "run",
        json!([1, 2, 3, 4, 5, 6]),
        &tasks,
        &seen,
        &SystemClock,
    );
    assert_eq!(*seen.0.lock().unwrap(), execution.history.events);
}

#[test]
fn lines_are_readable() {
    let states = json!({
        "Validate": { "Type": "Pass", "Next": "Train" },
        "Train": {
            "Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Next": "Shards",
            "Retry": [{ "ErrorEquals": ["Slow"], "IntervalSeconds": 2 }],
            "Catch": [{ "ErrorEquals": ["Bad"], "Next": "Shards", "Output": [1] }],
        },
        "Shards": { "Type": "Map", "Items": [1], "ItemProcessor": { "StartAt": "Score", "States": { "Score": { "Type": "Pass", "End": true } } }, "Next": "No" },
        "No": { "Type": "Fail", "Error": "Rejected", "Cause": "two\nlines" },
    });
    let machine = load(states, "Validate");
    let clock = SimulatedClock::default();
    let tasks = Calls(|task: &TaskCall, control: &TaskControl| {
        if task.attempt == 1 {
            return Err(TaskError::new("Slow", "no room"));
        }
        for step in 0..=20 {
            clock.advance(Duration::from_millis(100));
            control.progress(f64::from(step) / 20.0, "folds");
        }
        Err(TaskError::new("Bad", ""))
    });
    let lines = Lines::new("training", Vec::new());
    machine.run("run-1", json!({}), &tasks, &lines, &clock);
    let text = String::from_utf8(lines.into_writer()).unwrap();
    let got: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let expected = [
        "training started run-1",
        "training Validate done in 0.0 s",
        "training Train running attempt 1",
        "training Train failed attempt 1: Slow: no room",
        "training Train waiting 2.0 s, then again, after Slow",
        "training Train running attempt 2",
        "training Train 0 % folds",
        "training Train 10 % folds",
        "training Train 20 % folds",
        "training Train 30 % folds",
        "training Train 40 % folds",
        "training Train 50 % folds",
        "training Train 60 % folds",
        "training Train 70 % folds",
        "training Train 80 % folds",
        "training Train 90 % folds",
        "training Train 100 % folds",
        "training Train failed attempt 2: Bad",
        "training Train caught Bad, going to Shards",
        "training Train done in 4.1 s",
        "training Shards[0]/Score done in 0.0 s",
        "training Shards done in 0.0 s",
        "training No error Rejected: two lines",
        "training failed Rejected: two lines",
    ];
    assert_eq!(got, expected);
    let first = format!("{:<12}  {:<24}  {:<10} run-1", "training", "", "started");
    assert_eq!(text.lines().next(), Some(first.as_str()));
}

/// A random machine of Pass, Wait and Choice states, each going anywhere.
fn machines() -> impl Strategy<Value = (Value, u64)> {
    let state = (0..4usize, 0..8usize, 0..8usize, 0..6u64);
    (proptest::collection::vec(state, 1..8), 0..4u64).prop_map(|(states, input)| {
        let count = states.len();
        let name = |index: usize| format!("S{}", index % (count + 1));
        let mut definitions = serde_json::Map::new();
        definitions.insert("Begin".to_owned(), json!({ "Type": "Pass", "Assign": { "n": "{% $states.input.n %}" }, "Next": "S0" }));
        definitions.insert(format!("S{count}"), json!({ "Type": "Succeed" }));
        for (index, (kind, first, second, number)) in states.into_iter().enumerate() {
            let count_up = json!({ "n": format!("{{% $n + {number} %}}") });
            let condition = format!("{{% $states.input.n + $n > {number} %}}");
            let state = match kind {
                0 => json!({ "Type": "Pass", "Assign": count_up, "Next": name(first) }),
                1 => json!({ "Type": "Wait", "Seconds": number, "Assign": count_up, "Next": name(second) }),
                2 => json!({ "Type": "Choice", "Choices": [{ "Condition": condition, "Next": name(first) }], "Default": name(second) }),
                _ => json!({ "Type": "Choice", "Choices": [{ "Condition": condition, "Next": name(first), "Assign": count_up }] }),
            };
            definitions.insert(format!("S{index}"), state);
        }
        (json!({ "QueryLanguage": "JSONata", "StartAt": "Begin", "States": definitions, "TimeoutSeconds": 5000 }), input)
    })
}

/// Keeps what can be reached, so that the machine is one that loads.
fn prune(mut definition: Value) -> Value {
    let states = definition["States"].as_object().unwrap().clone();
    let mut reached = BTreeMap::new();
    let mut waiting = vec!["Begin".to_owned()];
    while let Some(name) = waiting.pop() {
        if reached.contains_key(&name) {
            continue;
        }
        let state = &states[&name];
        let rules = state["Choices"].as_array().into_iter().flatten();
        let targets = [&state["Next"], &state["Default"]]
            .into_iter()
            .chain(rules.map(|rule| &rule["Next"]));
        waiting.extend(targets.filter_map(Value::as_str).map(str::to_owned));
        reached.insert(name, state.clone());
    }
    definition["States"] = json!(reached);
    definition
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the graph, a run ends: well, with an error by name, in time, or at the limit of events.
    #[test]
    fn random_machines_always_end((definition, input) in machines()) {
        let definition = prune(definition);
        let loaded = Machine::load(&definition.to_string(), &BTreeMap::new());
        let endless = matches!(&loaded, Err(error) if error.to_string().contains("no state ends it"));
        prop_assume!(!endless);
        let machine = loaded.unwrap();
        let machine = machine.with_settings(Settings { event_limit: 300, ..Settings::default() });
        let run = || machine.run("run", json!({ "n": input }), &Calls(|_: &TaskCall, _: &TaskControl| Ok(json!(1))), &Silent, &SimulatedClock::default());
        let execution = run();
        let ended_well = match &execution.outcome {
            Outcome::Succeeded { .. } | Outcome::TimedOut => true,
            Outcome::Failed { error, .. } => ["States.Runtime", "States.NoChoiceMatched"].contains(&error.as_str()),
            Outcome::Stopped => false,
        };
        prop_assert!(ended_well, "{:?} for {}", execution.outcome, definition);
        prop_assert!(execution.history.events.len() <= 302);
        prop_assert_eq!(execution, run());
    }
}
