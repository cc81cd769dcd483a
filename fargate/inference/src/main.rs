//! The inference container: reads the input document that its argument names, and scores. Where that lies in the
//! folder of a validation, it validates: what is more than a function can hold.

use std::process::ExitCode;

use millrace_adapter::container;

fn main() -> ExitCode {
    match container::stage_asked().as_deref() {
        Some(millrace_stage_validate::STAGE) => container::serve(
            millrace_stage_validate::STAGE,
            |context, input, memory, _| millrace_stage_validate::run_aside(context, input, memory),
        ),
        _ => container::serve("score", |context, input, memory, listener| {
            millrace_stage_inference::run_within(context, input, memory, listener)
        }),
    }
}
