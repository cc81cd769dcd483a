//! The gates' function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("fairness-gate", |function, input| {
        millrace_stage_fairness_gate::run_within(&function.context, input, function.memory_bytes)
    })
}
