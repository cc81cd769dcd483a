//! What is refused when a machine is loaded: each with an error that names the state and the field.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use millrace_flow::{LoadError, Machine};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn load(definition: &Value) -> Result<Machine, LoadError> {
    Machine::load(&definition.to_string(), &BTreeMap::new())
}

/// A machine of one state, `A`, that ends.
fn single(fields: Value) -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": { "A": fields } })
}

fn with(mut value: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut value, more) else {
        panic!("objects")
    };
    fields.extend(more);
    value
}

fn pass(more: Value) -> Value {
    single(with(json!({ "Type": "Pass", "End": true }), more))
}

fn task(more: Value) -> Value {
    let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true });
    single(with(task, more))
}

fn map(more: Value) -> Value {
    let inner = json!({ "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } });
    single(with(
        json!({ "Type": "Map", "ItemProcessor": inner, "End": true }),
        more,
    ))
}

fn states(states: Value) -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": states })
}

/// The state (if the error names one), the field, and a part of what is wrong.
fn check(definition: &Value, state: &str, field: &str, part: &str) {
    let error = load(definition)
        .err()
        .unwrap_or_else(|| panic!("not refused: {definition}"));
    let (got_state, got_field, problem) = match &error {
        LoadError::State {
            state,
            field,
            problem,
        } => (state.as_str(), field.as_str(), problem),
        LoadError::Machine { field, problem } => ("", field.as_str(), problem),
        other => panic!("{other} for {definition}"),
    };
    assert_eq!(
        (got_state, got_field),
        (state, field),
        "{error} for {definition}"
    );
    assert!(problem.contains(part), "{error} does not say {part:?}");
}

#[test]
fn top_level_mistakes() {
    let whole = pass(json!({}));
    let table = [
        (
            with(whole.clone(), json!({ "Extra": 1 })),
            "Extra",
            "not a field",
        ),
        (
            with(whole.clone(), json!({ "QueryLanguage": "JSONPath" })),
            "QueryLanguage",
            "JSONPath",
        ),
        (
            with(whole.clone(), json!({ "Version": "2.0" })),
            "Version",
            "1.0",
        ),
        (
            with(whole.clone(), json!({ "TimeoutSeconds": 0 })),
            "TimeoutSeconds",
            "between 1",
        ),
        (
            with(whole.clone(), json!({ "TimeoutSeconds": "1" })),
            "TimeoutSeconds",
            "expected u64",
        ),
        (
            with(whole.clone(), json!({ "StartAt": "B" })),
            "StartAt",
            "\"B\" is not one of the states",
        ),
        (
            with(whole.clone(), json!({ "Comment": 1 })),
            "Comment",
            "expected a string",
        ),
        (
            json!({ "QueryLanguage": "JSONata", "States": {} }),
            "StartAt",
            "missing",
        ),
        (
            json!({ "QueryLanguage": "JSONata", "StartAt": "A" }),
            "States",
            "missing",
        ),
        (json!([]), "", "must be a JSON object"),
    ];
    for (definition, field, part) in table {
        check(&definition, "", field, part);
    }
}

#[test]
fn unknown_fields_and_types_of_every_state() {
    for (kind, field) in [
        ("Pass", "Parameters"),
        ("Pass", "Result"),
        ("Pass", "Arguments"),
        ("Pass", "Retry"),
        ("Wait", "SecondsPath"),
        ("Succeed", "Assign"),
        ("Succeed", "Next"),
        ("Fail", "Output"),
        ("Fail", "ErrorPath"),
        ("Choice", "Next"),
        ("Task", "Parameters"),
        ("Task", "Credentials"),
        ("Parallel", "Items"),
        ("Map", "ItemReader"),
        ("Map", "Iterator"),
        ("Map", "ToleratedFailureCount"),
        ("Map", "Label"),
        ("Map", "Arguments"),
        ("Task", "output"),
    ] {
        let fields = match kind {
            "Pass" => json!({ "End": true }),
            "Wait" => json!({ "Seconds": 1, "End": true }),
            "Choice" => json!({ "Choices": [{ "Condition": true, "Next": "A" }] }),
            "Task" => json!({ "Resource": "arn:aws:states:::sns:publish", "End": true }),
            "Parallel" => {
                json!({ "Branches": [{ "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }], "End": true })
            }
            "Map" => {
                json!({ "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Succeed" } } }, "End": true })
            }
            _ => json!({}),
        };
        let mut state = with(fields, json!({ "Type": kind }));
        state[field] = json!({ "x": 1 });
        let error = load(&single(state)).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("state \"A\", field {field}:")),
            "{kind}.{field}: {error}"
        );
    }
    check(
        &single(json!({ "Type": "Activity" })),
        "A",
        "Type",
        "Activity",
    );
    check(&single(json!({})), "A", "Type", "missing");
    check(&single(json!([])), "A", "", "object");
}

#[test]
fn what_jsonpath_has_is_called_by_its_name() {
    check(
        &pass(json!({ "ResultPath": "$.x" })),
        "A",
        "ResultPath",
        "JSONPath",
    );
    check(
        &task(json!({ "QueryLanguage": "JSONPath" })),
        "A",
        "QueryLanguage",
        "JSONPath",
    );
    let mut silent = pass(json!({}));
    silent.as_object_mut().unwrap().remove("QueryLanguage");
    check(&silent, "A", "QueryLanguage", "means JSONPath");
    silent["States"]["A"]["QueryLanguage"] = json!("JSONata");
    assert!(load(&silent).is_ok(), "JSONata may be said by each state");
}

#[test]
fn transitions() {
    let table = [
        (pass(json!({ "Next": "A" })), "End", "beside Next"),
        (pass(json!({ "End": false })), "End", "only be true"),
        (single(json!({ "Type": "Pass" })), "Next", "missing"),
        (
            single(json!({ "Type": "Pass", "Next": "B" })),
            "Next",
            "\"B\" is not one of the states",
        ),
        (
            task(json!({ "Catch": [{ "ErrorEquals": ["X"], "Next": "B" }] })),
            "Catch[0].Next",
            "\"B\"",
        ),
        (
            single(json!({ "Type": "Choice", "Choices": [{ "Condition": true, "Next": "B" }] })),
            "Choices[0].Next",
            "\"B\"",
        ),
        (
            single(
                json!({ "Type": "Choice", "Choices": [{ "Condition": true, "Next": "A" }], "Default": "B" }),
            ),
            "Default",
            "\"B\"",
        ),
    ];
    for (definition, field, part) in table {
        check(&definition, "A", field, part);
    }
    let ends = json!({ "Type": "Pass", "End": true });
    check(
        &states(json!({ "A": ends, "Lost": ends })),
        "",
        "States",
        "\"Lost\" cannot be reached",
    );
    check(
        &states(json!({ "A": { "Type": "Pass", "Next": "A" } })),
        "",
        "States",
        "no state ends it",
    );
    // A branch cannot go to a state outside it, nor share a name with one.
    let outwards = json!({ "StartAt": "I", "States": { "I": { "Type": "Pass", "Next": "B" } } });
    let machine = |branch: Value| {
        states(json!({ "A": { "Type": "Parallel", "Branches": [branch], "Next": "B" }, "B": ends }))
    };
    check(&machine(outwards), "I", "Next", "beside it");
    let same = json!({ "StartAt": "B", "States": { "B": ends } });
    assert!(
        load(&machine(same))
            .unwrap_err()
            .to_string()
            .contains("same name")
    );
    let wrong_start = json!({ "StartAt": "Z", "States": { "I": ends } });
    check(&machine(wrong_start), "A", "Branches[0].StartAt", "\"Z\"");
    let language = json!({ "StartAt": "I", "QueryLanguage": "JSONata", "States": { "I": ends } });
    check(
        &machine(language),
        "A",
        "Branches[0].QueryLanguage",
        "not a field",
    );
    check(
        &single(json!({ "Type": "Pass", "End": true }))
            .tap("States", json!({ "A".repeat(81): ends })),
        &"A".repeat(81),
        "",
        "80",
    );
}

trait Tap {
    fn tap(self, field: &str, value: Value) -> Value;
}

impl Tap for Value {
    fn tap(mut self, field: &str, value: Value) -> Value {
        self[field] = value;
        self
    }
}

#[test]
fn retry_and_catch() {
    let retry = |entry: Value| task(json!({ "Retry": [entry] }));
    let named = |more: Value| retry(with(json!({ "ErrorEquals": ["X"] }), more));
    let table = [
        (retry(json!({})), "Retry[0]", "ErrorEquals"),
        (
            retry(json!({ "ErrorEquals": [] })),
            "Retry[0].ErrorEquals",
            "empty",
        ),
        (
            retry(json!({ "ErrorEquals": ["States.Typo"] })),
            "Retry[0].ErrorEquals",
            "States.Typo",
        ),
        (
            retry(json!({ "ErrorEquals": ["States.ALL", "X"] })),
            "Retry[0].ErrorEquals",
            "alone",
        ),
        (
            named(json!({ "Interval": 1 })),
            "Retry[0]",
            "unknown field `Interval`",
        ),
        (
            named(json!({ "IntervalSeconds": 0 })),
            "Retry[0].IntervalSeconds",
            "between",
        ),
        (
            named(json!({ "IntervalSeconds": 1.5 })),
            "Retry[0]",
            "expected u64",
        ),
        (
            named(json!({ "BackoffRate": 0.5 })),
            "Retry[0].BackoffRate",
            "1.0",
        ),
        (
            named(json!({ "MaxAttempts": -1 })),
            "Retry[0]",
            "expected u64",
        ),
        (
            named(json!({ "MaxAttempts": 1_000_000_000 })),
            "Retry[0].MaxAttempts",
            "at most",
        ),
        (
            named(json!({ "IntervalSeconds": 5, "MaxDelaySeconds": 5 })),
            "Retry[0].MaxDelaySeconds",
            "more than",
        ),
        (
            named(json!({ "JitterStrategy": "HALF" })),
            "Retry[0]",
            "HALF",
        ),
        (
            task(json!({ "Catch": [{ "ErrorEquals": ["X"] }] })),
            "Catch[0].Next",
            "missing",
        ),
        (
            task(json!({ "Catch": [{ "ErrorEquals": ["X"], "Next": "A", "ResultPath": "$" }] })),
            "Catch[0].ResultPath",
            "JSONPath",
        ),
        (
            task(
                json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "A" }, { "ErrorEquals": ["X"], "Next": "A" }] }),
            ),
            "Catch[0].ErrorEquals",
            "last",
        ),
    ];
    for (definition, field, part) in table {
        check(&definition, "A", field, part);
    }
}

#[test]
fn values_out_of_their_bounds() {
    let wait = |more: Value| single(with(json!({ "Type": "Wait", "End": true }), more));
    let table = [
        (
            task(json!({ "TimeoutSeconds": 0 })),
            "TimeoutSeconds",
            "between 1",
        ),
        (
            task(json!({ "TimeoutSeconds": "10" })),
            "TimeoutSeconds",
            "whole number",
        ),
        (
            task(json!({ "TimeoutSeconds": 10, "HeartbeatSeconds": 10 })),
            "HeartbeatSeconds",
            "less than",
        ),
        (
            task(json!({ "Resource": "lambda" })),
            "Resource",
            "not an ARN",
        ),
        (
            task(json!({ "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken" })),
            "Resource",
            "token",
        ),
        (wait(json!({})), "Seconds", "missing"),
        (wait(json!({ "Seconds": -1 })), "Seconds", "whole number"),
        (
            wait(json!({ "Seconds": 1, "Timestamp": "2026-01-01T00:00:00Z" })),
            "Timestamp",
            "beside",
        ),
        (
            wait(json!({ "Timestamp": "tomorrow" })),
            "Timestamp",
            "a time",
        ),
        (
            map(json!({ "MaxConcurrency": -1 })),
            "MaxConcurrency",
            "whole number",
        ),
        (
            single(json!({ "Type": "Map", "End": true })),
            "ItemProcessor",
            "missing",
        ),
        (
            single(json!({ "Type": "Parallel", "Branches": [], "End": true })),
            "Branches",
            "empty",
        ),
        (
            single(json!({ "Type": "Choice", "Choices": [] })),
            "Choices",
            "empty",
        ),
        (
            single(json!({ "Type": "Choice", "Choices": [{ "Next": "A" }] })),
            "Choices[0].Condition",
            "missing",
        ),
        (
            single(json!({ "Type": "Choice", "Choices": [{ "Condition": "yes", "Next": "A" }] })),
            "Choices[0].Condition",
            "true or false",
        ),
        (
            single(
                json!({ "Type": "Choice", "Choices": [{ "Condition": true, "Next": "A", "And": [] }] }),
            ),
            "Choices[0].And",
            "not a field",
        ),
        (
            single(
                json!({ "Type": "Choice", "Choices": [{ "Condition": true, "Next": "A" }], "Output": 1 }),
            ),
            "Default",
            "missing",
        ),
        (
            single(json!({ "Type": "Fail", "Error": 1 })),
            "Error",
            "a string",
        ),
    ];
    for (definition, field, part) in table {
        check(&definition, "A", field, part);
    }
    for (config, part) in [
        (
            json!({ "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" }),
            "DISTRIBUTED",
        ),
        (json!({ "Mode": "OTHER" }), "OTHER"),
        (json!({ "X": 1 }), "unknown field `X`"),
    ] {
        let inner = json!({ "ProcessorConfig": config, "StartAt": "I", "States": { "I": { "Type": "Succeed" } } });
        let error = load(&map(json!({ "ItemProcessor": inner })))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("state \"A\", field ItemProcessor.ProcessorConfig")
                && error.contains(part),
            "{error}"
        );
    }
}

#[test]
fn expressions_and_variables() {
    let table = [
        (
            pass(json!({ "Output": "{% $states.input. %}" })),
            "Output",
            "not JSONata",
        ),
        (
            pass(json!({ "Output": { "deep": ["{% ( %}"] } })),
            "Output",
            "not JSONata",
        ),
        (pass(json!({ "Output": "{% 1 " })), "Output", "must begin"),
        (
            pass(json!({ "Output": "{% $eval('1') %}" })),
            "Output",
            "$eval",
        ),
        (
            pass(json!({ "Output": "{% $states.result %}" })),
            "Output",
            "in this field",
        ),
        (
            pass(json!({ "Output": "{% $nowhere %}" })),
            "Output",
            "$nowhere",
        ),
        (
            pass(json!({ "Output": "{% $frobnicate(1) %}" })),
            "Output",
            "$frobnicate",
        ),
        (pass(json!({ "Assign": [] })), "Assign", "object"),
        (
            pass(json!({ "Assign": { "states": 1 } })),
            "Assign.states",
            "taken",
        ),
        (
            pass(json!({ "Assign": { "count": 1 } })),
            "Assign.count",
            "taken",
        ),
        (
            pass(json!({ "Assign": { "1x": 1 } })),
            "Assign.1x",
            "not a variable's name",
        ),
        (
            pass(json!({ "Assign": { "x": "{% $y %}" } })),
            "Assign.x",
            "$y",
        ),
        (
            task(json!({ "Arguments": "{% $states.result %}" })),
            "Arguments",
            "in this field",
        ),
        (
            task(json!({ "TimeoutSeconds": "{% $limit %}" })),
            "TimeoutSeconds",
            "$limit",
        ),
        (
            task(
                json!({ "Catch": [{ "ErrorEquals": ["X"], "Next": "A", "Output": "{% $states.result %}" }] }),
            ),
            "Catch[0].Output",
            "in this field",
        ),
    ];
    for (definition, field, part) in table {
        check(&definition, "A", field, part);
    }
}

#[test]
fn an_inner_flow_reads_outer_variables_and_cannot_assign_them() {
    let machine = |assign: Value, output: &str| {
        let inner = json!({ "StartAt": "I", "States": { "I": { "Type": "Pass", "Assign": assign, "Output": output, "End": true } } });
        states(json!({
            "A": { "Type": "Pass", "Assign": { "outer": 1 }, "Next": "M" },
            "M": { "Type": "Map", "ItemProcessor": inner, "End": true },
        }))
    };
    assert!(load(&machine(json!({ "inner": 1 }), "{% $outer + $inner %}")).is_ok());
    check(
        &machine(json!({ "outer": 2 }), "{% 1 %}"),
        "M",
        "Assign",
        "$outer",
    );
    let mut outside = machine(json!({ "inner": 1 }), "{% 1 %}");
    outside["States"]["M"]["Output"] = json!("{% $inner %}");
    check(&outside, "M", "Output", "$inner");
}

#[test]
fn placeholders_and_text() {
    let text = task(json!({ "Arguments": { "FunctionName": "${Function}" } })).to_string();
    let error = Machine::load(&text, &BTreeMap::new()).unwrap_err();
    let expected = LoadError::UnresolvedSubstitution {
        place: "States.A.Arguments.FunctionName".to_owned(),
        name: "Function".to_owned(),
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("${Function}"));
    assert!(matches!(
        Machine::load("{", &BTreeMap::new()),
        Err(LoadError::NotJson { .. })
    ));
    let twice = r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"},"A":{"Type":"Succeed"}}}"#;
    assert!(
        Machine::load(twice, &BTreeMap::new())
            .unwrap_err()
            .to_string()
            .contains("\"A\" appears twice")
    );
}

#[test]
fn comments_are_allowed_everywhere() {
    let entry = json!({ "ErrorEquals": ["X"], "Comment": "why" });
    let machine = task(json!({
        "Comment": "why",
        "Retry": [entry],
        "Catch": [with(entry.clone(), json!({ "Next": "A" }))],
    }));
    let machine = load(&with(
        machine,
        json!({ "Comment": "top", "Version": "1.0" }),
    ))
    .unwrap();
    assert_eq!(machine.comment(), Some("top"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A machine in which anything is changed is loaded or refused: never a panic.
    #[test]
    fn any_change_of_a_machine_is_survived(position in 0usize..2000, replacement in "[ -~]{0,3}", length in 0usize..6) {
        let text = include_str!("machines/parallel.json");
        let text = serde_json::from_str::<Value>(text).unwrap()["machine"].to_string();
        let start = position.min(text.len());
        let end = (start + length).min(text.len());
        if text.is_char_boundary(start) && text.is_char_boundary(end) {
            let changed = format!("{}{replacement}{}", &text[..start], &text[end..]);
            let _ = Machine::load(&changed, &BTreeMap::new());
        }
    }
}
