//! The validating function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("validate", |function, input| {
        millrace_stage_validate::run_within(&function.context, input, function.memory_bytes)
    })
}
