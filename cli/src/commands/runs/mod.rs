//! `millrace runs`: what ran in this store, state by state, and what differs between two runs.

mod diff;
mod facts;
mod list;
mod show;

use crate::arguments::{Runs, RunsCommand, Shared};
use crate::commands::resume;
use crate::failure::Outcome;
use crate::say::say;

pub use show::{StageState, stages};

pub fn run(shared: &Shared, options: &Runs) -> Outcome {
    let context = shared.context()?;
    let store = &context.store;
    match &options.command {
        RunsCommand::List => {
            let listed = list::list(store)?;
            say(shared, &listed, || list::text(&listed))
        }
        RunsCommand::Show { run } => {
            let shown = show::show(store, run)?;
            say(shared, &shown, || show::text(&shown))
        }
        RunsCommand::Diff { before, after } => {
            let diff = diff::diff(&context, before, after)?;
            say(shared, &diff, || diff::text(&diff))
        }
        RunsCommand::Resume(options) => resume::run(shared, options),
    }
}
