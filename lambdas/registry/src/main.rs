//! The registry's function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("registry", |context, input| {
        millrace_stage_registry::run(&context.store, input)
    })
}
