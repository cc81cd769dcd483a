//! Makes a run's scores visible: one conditional write of the one small document that says whose scores
//! of a model are served.
//!
//! Until then nothing refers to the run's files, so a reader sees the old scores or the new ones,
//! never a mixture. Publishing a run a second time changes nothing; what a newer run replaces can be
//! shown again, for no file is ever moved or removed.
//!
//! Nothing that it is told is believed: the registry says whether the version may serve, and what the
//! shards left says that this version scored these rows.

mod error;
mod shards;
mod verify;

use millrace_contract::stages::{PublishOutput, PublishShards, VisibleRows};
use millrace_contract::tables::ServedRun;
use millrace_keys::Context;
use millrace_registry::Registry;
use millrace_served::{Of, Serving, key};
use millrace_trail::together;

pub use error::PublishError;

/// Publishes the files of all shards, if together they hold the rows that they must.
pub fn run(context: &Context, input: PublishShards) -> Result<PublishOutput, PublishError> {
    let store = &context.store;
    let registry = Registry::open(context, input.model.clone());
    let files = shards::files(store, &registry, &input)?;
    together::each(&files, |file| verify::verify(store, file))?;
    let of = Of {
        table: input.table.as_str(),
        scored_on: input.scored_on,
    };
    let next = ServedRun {
        run: input.run.clone(),
        version: input.version.clone(),
        rows: input.rows,
    };
    let shown = Serving::of(&registry).show(&of, &next)?;
    tracing::info!(
        run_id = %input.run.run_id, rows = input.rows, changed = shown.changed, "published"
    );
    Ok(PublishOutput {
        served: key(&input.model)?.to_string(),
        rows: input.rows,
        changed: shown.changed,
        visible: match shown.visible {
            Some(shown) => VisibleRows {
                run_id: shown.run.run_id,
                rows: shown.rows,
            },
            None => VisibleRows {
                run_id: input.run.run_id,
                rows: 0,
            },
        },
    })
}

#[cfg(test)]
mod tests;
