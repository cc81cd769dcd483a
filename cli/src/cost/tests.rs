//! A run whose numbers can be checked by hand.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

fn history(events: Value) -> History {
    serde_json::from_value(events).unwrap()
}

fn event(time: &str, kind: Value) -> Value {
    let mut event = json!({ "id": 1, "time": format!("2026-11-01T00:{time}Z") });
    let fields = kind.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(fields);
    event
}

fn started(time: &str, state: &str, resource: &str, arguments: Value) -> Value {
    let resource = format!("arn:aws:states:::{resource}");
    event(
        time,
        json!({ "type": "TaskAttemptStarted", "state": state, "attempt": 1, "resource": resource, "arguments": arguments }),
    )
}

fn done(time: &str, state: &str) -> Value {
    event(
        time,
        json!({ "type": "TaskAttemptSucceeded", "state": state, "attempt": 1, "result": null }),
    )
}

fn entered(time: &str, state: &str) -> Value {
    event(
        time,
        json!({ "type": "StateEntered", "state": state, "state_type": "Task", "input": null }),
    )
}

fn dollars(estimate: &Estimate, what: &str) -> f64 {
    let line = estimate.lines.iter().find(|line| line.what == what);
    line.map_or(0.0, |line| line.dollars)
}

#[track_caller]
fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
}

#[test]
fn a_fixed_run_costs_what_its_seconds_requests_and_bytes_cost() {
    let history = history(json!([
        entered("00:00", "Validate"),
        started(
            "00:00",
            "Validate",
            "lambda:invoke",
            json!({ "FunctionName": "validate" })
        ),
        done("00:10", "Validate"),
        entered("00:10", "Score"),
        started(
            "00:10",
            "Score",
            "ecs:runTask.sync",
            json!({ "TaskDefinition": "inference" })
        ),
        done("00:40", "Score"),
        entered("00:40", "StartQuery"),
        started(
            "00:40",
            "StartQuery",
            "aws-sdk:athena:startQueryExecution",
            json!({})
        ),
        done("00:41", "StartQuery"),
        entered("00:41", "CloseRun"),
        started(
            "00:41",
            "CloseRun",
            "lambda:invoke",
            json!({ "FunctionName": "registry" })
        ),
        event("00:43", json!({ "type": "ExecutionStopped" })),
    ]));
    let estimate = estimate(&Known {
        kind: RunKind::Inference,
        executions: vec![&history],
        objects: 7,
        score_bytes: 3_000_000,
    })
    .unwrap();
    let Table { prices, sizes, .. } = Table::built_in().unwrap();
    let fargate = &prices.fargate[&sizes.architecture];
    let size = &sizes.containers["inference"];
    // Half a minute is paid for as a whole one.
    let hour = size.cpu / 1024.0 * fargate.processor_hour
        + size.memory_mib / 1024.0 * fargate.gibibyte_hour;
    near(dollars(&estimate, "container inference"), hour / 60.0);
    assert_eq!(dollars(&estimate, "container training"), 0.0);
    let second = prices.lambda[&sizes.architecture].gibibyte_second;
    let gibibytes = |name: &str| sizes.functions.memory_mib[name] / 1024.0;
    near(
        dollars(&estimate, "function validate"),
        10.0 * gibibytes("validate") * second,
    );
    // Cut short after two seconds.
    near(
        dollars(&estimate, "function registry"),
        2.0 * gibibytes("registry") * second,
    );
    near(
        dollars(&estimate, "calls of functions"),
        2.0 * prices.function_request,
    );
    near(
        dollars(&estimate, "state transitions"),
        4.0 * prices.state_transition,
    );
    near(dollars(&estimate, "writes"), 7.0 * prices.store_write);
    near(dollars(&estimate, "reads"), 70.0 * prices.store_read);
    near(
        dollars(&estimate, "queries"),
        10_000_000.0 / GIBIBYTE * prices.scanned_gibibyte,
    );
    near(
        estimate.dollars,
        estimate.lines.iter().map(|line| line.dollars).sum(),
    );
    assert!(estimate.text().contains(&prices.as_of));
}

#[test]
fn a_run_that_is_not_recorded_here_is_assumed_and_that_is_said() {
    let estimate = estimate(&Known {
        kind: RunKind::Training,
        executions: Vec::new(),
        objects: 20,
        score_bytes: 0,
    })
    .unwrap();
    let usage = Table::built_in().unwrap().usage;
    let container = estimate
        .lines
        .iter()
        .find(|line| line.what == "container training");
    assert_eq!(container.unwrap().quantity, usage.training_minutes * 60.0);
    let said = estimate.text();
    assert!(said.contains("those of infra/usage.json"), "{said}");
    assert!(!said.contains("queries  "), "{said}");
}
