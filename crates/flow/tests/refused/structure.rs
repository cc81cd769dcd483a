//! Fields, types, targets, names: how states hang together.

use crate::helpers::*;
use millrace_flow::Machine;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A machine in which anything is changed is loaded or refused: never a panic.
    #[test]
    fn any_change_of_a_machine_is_survived(position in 0usize..2000, replacement in "[ -~]{0,3}", length in 0usize..6) {
        let text = include_str!("../machines/parallel.json");
        let text = serde_json::from_str::<Value>(text).unwrap()["machine"].to_string();
        let start = position.min(text.len());
        let end = (start + length).min(text.len());
        if text.is_char_boundary(start) && text.is_char_boundary(end) {
            let changed = format!("{}{replacement}{}", &text[..start], &text[end..]);
            let _ = Machine::load(&changed, &BTreeMap::new());
        }
    }
}
