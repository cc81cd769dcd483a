//! The registry's function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("registry", |function, input| {
        millrace_stage_registry::run(&function.context, input)
    })
}
