//! Values, retriers, catchers, expressions, variables, placeholders.

use crate::helpers::*;
use millrace_flow::{LoadError, Machine};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
            json!({ "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" }),
            "EXPRESS",
        ),
        (json!({ "Mode": "DISTRIBUTED" }), "ExecutionType"),
        (json!({ "ExecutionType": "STANDARD" }), "ExecutionType"),
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
fn a_distributed_map_says_where_its_results_go_and_sees_nothing_outside() {
    let distributed = |more: Value, output: &str| {
        let inner = json!({
            "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": "I", "States": { "I": { "Type": "Pass", "Output": output, "End": true } },
        });
        let mut fields = json!({ "ItemProcessor": inner, "Assign": { "seen": 1 } });
        for (name, value) in more.as_object().unwrap() {
            fields[name] = value.clone();
        }
        load(&map(fields))
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let writer = |resource: &str| json!({ "ResultWriter": { "Resource": resource, "Arguments": { "Bucket": "b", "Prefix": "p" } } });
    let put = "arn:aws:states:::s3:putObject";
    assert_eq!(distributed(writer(put), "1"), Ok(()));
    let outside = distributed(writer(put), "{% $seen %}").unwrap_err();
    assert!(outside.contains("$seen"), "{outside}");
    for (more, part) in [
        (json!({}), "ResultWriter: is missing"),
        (writer("arn:aws:states:::lambda:invoke"), "putObject"),
        (
            json!({ "ResultWriter": { "Resource": put } }),
            "Arguments: is missing",
        ),
        (
            json!({ "ResultWriter": writer(put)["ResultWriter"], "ItemReader": {} }),
            "ItemReader: is not a field",
        ),
    ] {
        let error = distributed(more, "1").unwrap_err();
        assert!(error.contains(part), "{error}");
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
