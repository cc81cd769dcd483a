//! `lambda:invoke`: the functions of `lambdas/` called in this process, with answers as AWS gives them.

use millrace_adapter::function::{Function, Named, call};
use millrace_flow::TaskError;
use millrace_keys::Context;
use serde_json::{Value, json};

/// Calls the function that `arguments` names.
pub fn invoke(
    context: &Context,
    arguments: &Value,
    memory_bytes: Option<u64>,
) -> Result<Value, TaskError> {
    let name = arguments["FunctionName"].as_str().unwrap_or_default();
    let payload = arguments["Payload"].clone();
    let function = Function {
        context: context.clone(),
        memory_bytes,
    };
    let answer = match name {
        "validate" => call(&function, payload, |function, input| {
            millrace_stage_validate::run_within(&function.context, input, function.memory_bytes)
        }),
        "registry" => call(&function, payload, |function, input| {
            millrace_stage_registry::run(&function.context, input)
        }),
        "fairness-gate" => call(&function, payload, |function, input| {
            millrace_stage_fairness_gate::run(&function.context, input)
        }),
        "publish" => call(&function, payload, |function, input| {
            millrace_stage_publish::run(&function.context, input)
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
