//! The publishing function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("publish", |function, input| {
        millrace_stage_publish::run(&function.context, input)
    })
}
