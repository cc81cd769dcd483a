//! Runs the two state machines on this machine; who watches sees their states on standard error.

use millrace_flow::render::Lines;
use millrace_flow::{Execution, Observer, Outcome as Ended, Silent, SystemClock};
use millrace_keys::Context;
use millrace_orchestra::{
    InferenceRequest, LocalTasks, OrchestraError, Sizes, TrainingRequest, run_inference,
    run_training,
};

use crate::arguments::Shared;
use crate::failure::{Failure, Outcome};
use crate::interrupt;
use crate::platform::Local;

/// Trains, judges, registers and promotes.
pub fn train(shared: &Shared, context: &Context, request: &TrainingRequest) -> Outcome {
    let stop = interrupt::stop_on_signals();
    execute(shared, context, "training", |tasks, observer| {
        run_training(tasks, request, observer, &SystemClock, stop)
    })
}

/// Scores and publishes.
pub fn infer(shared: &Shared, context: &Context, request: &InferenceRequest) -> Outcome {
    let stop = interrupt::stop_on_signals();
    execute(shared, context, "inference", |tasks, observer| {
        run_inference(tasks, request, observer, &SystemClock, stop)
    })
}

fn execute(
    shared: &Shared,
    context: &Context,
    title: &str,
    machine: impl FnOnce(&LocalTasks<'_>, &dyn Observer) -> Result<Execution, OrchestraError>,
) -> Outcome {
    let local = Local {
        store: &context.store,
        shared,
    };
    let tasks = LocalTasks::new(context.clone(), &local).with_sizes(sizes()?);
    let lines = Lines::new(title, std::io::stderr());
    let observer: &dyn Observer = if shared.quiet || shared.json {
        &Silent
    } else {
        &lines
    };
    succeeded(&machine(&tasks, observer)?)
}

/// The memory of a function in MiB, and the bytes of a shard: to see here what an account would do.
const FUNCTION_MEMORY: &str = "MILLRACE_FUNCTION_MEMORY_MIB";
const BYTES_PER_SHARD: &str = "MILLRACE_BYTES_PER_SHARD";

fn sizes() -> Result<Sizes, Failure> {
    Ok(Sizes {
        function_memory_bytes: size(FUNCTION_MEMORY)?.map(|mebibytes| mebibytes << 20),
        bytes_per_shard: size(BYTES_PER_SHARD)?,
    })
}

fn size(variable: &str) -> Result<Option<u64>, Failure> {
    let Ok(text) = std::env::var(variable) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(size @ 1..=MOST_SIZE) => Ok(Some(size)),
        _ => Err(Failure::new(
            "EnvironmentInvalid",
            format!(
                "the variable {variable} is `{text}`: a whole number from 1 to {MOST_SIZE} is needed"
            ),
        )),
    }
}

const MOST_SIZE: u64 = 1 << 40;

/// The failure of an execution, under the name that the machine gave it.
fn succeeded(execution: &Execution) -> Outcome {
    let take_up = format!("`millrace resume {}` takes it up", execution.name);
    match &execution.outcome {
        Ended::Succeeded { .. } => Ok(()),
        Ended::Failed { error, cause } => Err(Failure::new(error, cause)),
        Ended::TimedOut => Err(Failure::new(
            "States.Timeout",
            format!("the run took longer than its machine allows; {take_up}"),
        )),
        Ended::Stopped => Err(Failure::new(
            "Stopped",
            format!("the run was stopped; {take_up}"),
        )),
    }
}
