//! A stage as a Lambda function.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use millrace_contract::NamedError;
use millrace_contract::problem::shortened;
use millrace_keys::{Context, Keys};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Environment, logs, metrics};

/// What a function has, built once per cold start.
#[derive(Debug, Clone)]
pub struct Function {
    pub context: Context,
    /// What Lambda grants; on a machine of one's own there is no limit.
    pub memory_bytes: Option<u64>,
}

/// An error on its way out: its name is what `Catch` and `Retry` match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub message: String,
}

impl Named {
    /// What is said may quote what others wrote, at any length: it must fit into what passes between states.
    fn new(name: &str, message: &str) -> Named {
        Named {
            name: name.to_owned(),
            message: shortened(message),
        }
    }
}

impl<E: NamedError> From<E> for Named {
    fn from(error: E) -> Named {
        Named::new(error.name(), &error.to_string())
    }
}

impl From<Named> for Diagnostic {
    fn from(error: Named) -> Diagnostic {
        Diagnostic {
            error_type: error.name,
            error_message: error.message,
        }
    }
}

/// Serves a stage until Lambda ends the process.
pub fn serve<Input, Output, Error>(
    stage: &'static str,
    run: fn(&Function, Input) -> Result<Output, Error>,
) -> ExitCode
where
    Input: DeserializeOwned + Send + 'static,
    Output: Serialize + Send + 'static,
    Error: NamedError + 'static,
{
    logs::start();
    match start(stage, run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(stage, error = error.name, "{}", error.message);
            ExitCode::FAILURE
        }
    }
}

fn start<Input, Output, Error>(
    stage: &'static str,
    run: fn(&Function, Input) -> Result<Output, Error>,
) -> Result<(), Named>
where
    Input: DeserializeOwned + Send + 'static,
    Output: Serialize + Send + 'static,
    Error: NamedError + 'static,
{
    let environment = Environment::read()?;
    let keys = Keys::read(millrace_keys::variable)?;
    let function = Arc::new(Function {
        context: Context::open(&environment.store, keys)?,
        memory_bytes: environment.memory_bytes,
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async move {
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            let function = function.clone();
            async move {
                answer(stage, function, event.payload, run)
                    .await
                    .map_err(Diagnostic::from)
            }
        }))
        .await
        .map_err(failed)
    })
}

/// One call: the stage runs on a thread of its own, for it blocks.
async fn answer<Input, Output, Error>(
    stage: &'static str,
    function: Arc<Function>,
    payload: Value,
    run: fn(&Function, Input) -> Result<Output, Error>,
) -> Result<Value, Named>
where
    Input: DeserializeOwned + Send + 'static,
    Output: Serialize + Send + 'static,
    Error: NamedError + 'static,
{
    let began = Instant::now();
    // Every line of the log names them, whoever writes it.
    let span = tracing::info_span!("work", stage, run_id = run_of(&payload));
    let within = span.clone();
    let work =
        tokio::task::spawn_blocking(move || within.in_scope(|| call(&function, payload, run)));
    let result = match work.await {
        Ok(result) => result,
        Err(panic) => Err(Named {
            name: "StagePanicked".into(),
            message: panic.to_string(),
        }),
    };
    let failure = result.as_ref().err().map(|error| error.name.as_str());
    let milliseconds = began.elapsed().as_secs_f64() * 1_000.0;
    println!(
        "{}",
        metrics::line(stage, milliseconds, failure, jiff::Timestamp::now())
    );
    if let Err(error) = &result {
        span.in_scope(|| tracing::error!(stage, error = error.name, "{}", error.message));
    }
    result
}

/// The run that an input is for; some name it alone, others with its time.
fn run_of(payload: &Value) -> &str {
    let alone = payload["run_id"].as_str();
    let run = alone.or(payload["run"]["run_id"].as_str());
    run.unwrap_or("none")
}

/// The call itself, without Lambda: what tests and the local engine use as well.
pub fn call<Input, Output, Error>(
    function: &Function,
    payload: Value,
    run: fn(&Function, Input) -> Result<Output, Error>,
) -> Result<Value, Named>
where
    Input: DeserializeOwned,
    Output: Serialize,
    Error: NamedError,
{
    let input: Input = serde_json::from_value(payload).map_err(|error| {
        let message = format!("the input is not what this stage takes: {error}");
        Named {
            name: "InvalidInput".into(),
            message: shortened(&message),
        }
    })?;
    let output = run(function, input)?;
    serde_json::to_value(output).map_err(|error| Named {
        name: "OutputUnwritable".into(),
        message: error.to_string(),
    })
}

fn failed(error: impl std::fmt::Display) -> Named {
    Named {
        name: "FunctionFailed".into(),
        message: error.to_string(),
    }
}
