//! The validating function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("validate", |context, input| {
        millrace_stage_validate::run_within(&context.store, input, context.memory_bytes)
    })
}
