//! The inference container: reads the input document that its argument names, and scores.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::container::serve("score", millrace_stage_inference::run)
}
