//! The gates' function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("fairness-gate", |context, input| {
        millrace_stage_fairness_gate::run_within(&context.store, input, context.memory_bytes)
    })
}
