//! The publishing function on Lambda.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::function::serve("publish", |context, input| {
        millrace_stage_publish::run_shards(&context.store, input)
    })
}
