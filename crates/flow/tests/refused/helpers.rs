//! Machines with one mistake, and the check that it is found.

use millrace_flow::{LoadError, Machine};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn load(definition: &Value) -> Result<Machine, LoadError> {
    Machine::load(&definition.to_string(), &BTreeMap::new())
}

/// A machine of one state, `A`, that ends.
pub fn single(fields: Value) -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": { "A": fields } })
}

pub fn with(mut value: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut value, more) else {
        panic!("objects")
    };
    fields.extend(more);
    value
}

pub fn pass(more: Value) -> Value {
    single(with(json!({ "Type": "Pass", "End": true }), more))
}

pub fn task(more: Value) -> Value {
    let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true });
    single(with(task, more))
}

pub fn map(more: Value) -> Value {
    let inner = json!({ "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } });
    single(with(
        json!({ "Type": "Map", "ItemProcessor": inner, "End": true }),
        more,
    ))
}

pub fn states(states: Value) -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": states })
}

/// The state (if the error names one), the field, and a part of what is wrong.
pub fn check(definition: &Value, state: &str, field: &str, part: &str) {
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
