//! `lambda:invoke`: the functions of `lambdas/` called in this process, with answers as AWS gives them.

use millrace_adapter::function::{Context, Named, call};
use millrace_flow::TaskError;
use millrace_store::Store;
use serde_json::{Value, json};

/// Calls the function that `arguments` names.
pub fn invoke(store: &Store, arguments: &Value) -> Result<Value, TaskError> {
    let name = arguments["FunctionName"].as_str().unwrap_or_default();
    let payload = arguments["Payload"].clone();
    // A machine of one's own has the memory that it has.
    let context = Context {
        store: store.clone(),
        memory_bytes: None,
    };
    let answer = match name {
        "validate" => call(&context, payload, |context, input| {
            millrace_stage_validate::run(&context.store, input)
        }),
        "registry" => call(&context, payload, |context, input| {
            millrace_stage_registry::run(&context.store, input)
        }),
        "fairness-gate" => call(&context, payload, |context, input| {
            millrace_stage_fairness_gate::run(&context.store, input)
        }),
        "publish" => call(&context, payload, |context, input| {
            millrace_stage_publish::run_shards(&context.store, input)
        }),
        other => {
            return Err(TaskError::new(
                "Lambda.ResourceNotFoundException",
                format!("there is no function `{other}`"),
            ));
        }
    };
    answer.map(succeeded).map_err(failed)
}

/// The result of an invocation, as far as a machine may use it.
pub fn succeeded(payload: Value) -> Value {
    json!({ "ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200 })
}

/// On AWS the cause of a function's error is this document; the machines take the message out of it.
pub fn failed(error: Named) -> TaskError {
    let cause = json!({ "errorType": error.name, "errorMessage": error.message });
    TaskError::new(error.name, cause.to_string())
}
