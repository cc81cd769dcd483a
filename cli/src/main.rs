//! `millrace`: from a data file to predictions that can be asked in SQL, on this machine or on AWS.
// `out` alone writes standard output: print! panics when its reader goes away.
#![deny(clippy::print_stdout)]

mod arguments;
mod aws;
mod builtin;
mod child;
mod commands;
mod cost;
mod data;
#[cfg(test)]
mod documented;
mod failure;
mod interrupt;
mod left;
mod machines;
mod out;
mod platform;
mod progress;
mod runs;
mod say;
mod sql;
mod text;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_logging();
    match dispatch(arguments).and_then(|()| out::outcome()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: Arguments) -> Outcome {
    let shared = arguments.shared;
    match arguments.command {
        Command::New(options) => commands::new::run(&shared, &options),
        Command::Generate(options) => commands::generate::run(&shared, &options),
        Command::Train(options) => commands::train::run(&shared, &options),
        Command::Score(options) => commands::score::run(&shared, &options),
        Command::Run(options) => commands::run::run(&shared, &options),
        Command::Validate(options) => commands::validate::run(&shared, &options),
        Command::Fairness(options) => commands::fairness::run(&shared, &options),
        Command::Models(options) => commands::models::run(&shared, &options),
        Command::Predictions(options) => commands::predictions::run(&shared, &options),
        Command::Query(options) => commands::query::run(&shared, &options),
        Command::Runs(options) => commands::runs::run(&shared, &options),
        Command::Resume(options) => commands::resume::run(&shared, &options),
        Command::Start(options) => commands::start::run(&shared, &options),
        Command::Keys(options) => commands::keys::run(&shared, &options),
        Command::Erase(options) => commands::erase::run(&shared, &options),
    }
}

/// Logs go to standard error, and only when asked for: `RUST_LOG=info millrace ...`.
fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
