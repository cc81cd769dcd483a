//! The training container: reads the input document that its argument names, and learns.

use std::process::ExitCode;

fn main() -> ExitCode {
    millrace_adapter::container::serve("train", millrace_stage_training::run_within)
}
