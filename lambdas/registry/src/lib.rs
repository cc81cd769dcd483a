//! The registry's function: opens and closes runs, prepares and collects their containers, and moves
//! versions of models. One file for each kind of action.
//!
//! Whatever is asked twice for the same run is done once.

mod candidates;
mod catalogue;
mod error;
mod models;
mod moves;
mod runs;
mod shards;

use jiff::Timestamp;
use millrace_contract::ModelName;
use millrace_contract::stages::{
    ChangedModel, CollectedStage, OpenedRun, PreparedStage, RegisteredVersion, RegistryInput,
    ResolvedVersion, RunEnd, TalliedShards,
};
use millrace_keys::Context;
use millrace_registry::Registry;
use serde::Serialize;

pub use error::RegistryStageError;

/// What an action gives back.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RegistryOutput {
    Opened(Box<OpenedRun>),
    Prepared(PreparedStage),
    Collected(CollectedStage),
    Tallied(TalliedShards),
    Resolved(Box<ResolvedVersion>),
    Registered(RegisteredVersion),
    Changed(ChangedModel),
    Closed(RunEnd),
}

/// Carries out one action. History is told the present time: it is about what people did when.
pub fn run(context: &Context, input: RegistryInput) -> Result<RegistryOutput, RegistryStageError> {
    run_at(context, input, Timestamp::now())
}

/// The same at a given time.
pub fn run_at(
    context: &Context,
    input: RegistryInput,
    now: Timestamp,
) -> Result<RegistryOutput, RegistryStageError> {
    use RegistryOutput as Output;
    let store = &context.store;
    let output = match input {
        RegistryInput::OpenRun(asked) => runs::open(store, asked, now)
            .map(Box::new)
            .map(Output::Opened),
        RegistryInput::Prepare(asked) => runs::prepare(store, &asked).map(Output::Prepared),
        RegistryInput::Collect(asked) => runs::collect(store, &asked).map(Output::Collected),
        RegistryInput::Tally(asked) => shards::tally(store, &asked).map(Output::Tallied),
        RegistryInput::CloseRun(asked) => runs::close(store, asked, now).map(Output::Closed),
        RegistryInput::Resolve(asked) => {
            let resolved = models::resolve(context, &asked)?;
            Ok(Output::Resolved(Box::new(resolved)))
        }
        RegistryInput::Register(asked) => {
            models::register(context, &asked, now).map(Output::Registered)
        }
        RegistryInput::Promote(asked) => moves::promote(context, &asked, now).map(Output::Changed),
        RegistryInput::Reject(asked) => moves::reject(context, asked, now).map(Output::Changed),
        RegistryInput::Rollback(asked) => moves::rollback(context, asked, now).map(Output::Changed),
    }?;
    if let Some(model) = output.changed_model() {
        Registry::open(context, model.clone()).write_rows()?;
    }
    Ok(output)
}

impl RegistryOutput {
    /// Whose versions are no longer what they were; also when an earlier attempt changed them.
    fn changed_model(&self) -> Option<&ModelName> {
        match self {
            Self::Registered(registered) => Some(&registered.model),
            Self::Changed(changed) => Some(&changed.model),
            Self::Opened(_)
            | Self::Prepared(_)
            | Self::Collected(_)
            | Self::Tallied(_)
            | Self::Resolved(_)
            | Self::Closed(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
