//! Makes a run's scores visible: one conditional write of the one small document that says whose scores
//! of a model are served.
//!
//! Until then nothing refers to the run's files, so a reader sees the old scores or the new ones,
//! never a mixture. Publishing a run a second time changes nothing; what a newer run replaces can be
//! shown again, for no file is ever moved or removed.

mod served;
mod shards;
mod taking_back;
mod verify;

use jiff::civil::Date;
use millrace_contract::stages::{PublishInput, PublishOutput, VisibleRows};
use millrace_contract::tables::{ServedDay, ServedRun};
use millrace_contract::{ModelName, NamedError};
use millrace_erasure::ErasureError;
use millrace_keys::Context;
use millrace_store::StoreError;
use millrace_trail::TrailError;

pub use served::{Visible, all, read, visible};
pub use shards::run_shards;
pub use taking_back::{
    Of, TurnedDay, plan_restore, plan_roll_back, plan_withdraw, restore, roll_back, withdraw,
};

/// Why scores were not made visible.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    #[error(
        "{uri} has {found} and not {expected}, as its stage wrote it: nothing was published; score again under another run id"
    )]
    FileChanged {
        uri: String,
        expected: String,
        found: String,
    },
    #[error(
        "{uri} is damaged ({detail}): bring back its older version, or remove it and publish the runs again"
    )]
    ServedDamaged { uri: String, detail: String },
    #[error(
        "{what} of model `{model}` was never shown in `{table}` for {scored_on}: `millrace predictions list` says what was"
    )]
    NotServed {
        what: String,
        model: ModelName,
        table: String,
        scored_on: Date,
    },
    #[error("{uri} was changed by others {tries} times in a row: publish again when they are done")]
    Busy { uri: String, tries: u32 },
    #[error(
        "the {shards} shards of run `{run_id}` scored {found} rows and not {expected}: nothing was published; score again"
    )]
    RowsLost {
        run_id: millrace_contract::RunId,
        shards: u32,
        expected: u64,
        found: u64,
    },
}

impl NamedError for PublishError {
    fn name(&self) -> &str {
        match self {
            Self::Store(error) => error.name(),
            Self::Trail(error) => error.name(),
            Self::Erasure(error) => error.name(),
            Self::FileChanged { .. } => "FileChanged",
            Self::ServedDamaged { .. } => "ServedDamaged",
            Self::NotServed { .. } => "NotServed",
            Self::Busy { .. } => "PublishBusy",
            Self::RowsLost { .. } => "RowsLost",
        }
    }
}

/// Publishes the files of a run.
pub fn run(context: &Context, input: PublishInput) -> Result<PublishOutput, PublishError> {
    let store = &context.store;
    for file in &input.files {
        verify::verify(store, file)?;
    }
    let (changed, visible) = served::change(store, &input.model, |days| {
        let day = served::day_of(days, &input.table, &input.model, input.scored_on);
        let changed = show(day, &input);
        Ok((changed, rows_of(day, &input)))
    })?;
    tracing::info!(run_id = %input.run.run_id, rows = input.rows, changed, "published");
    Ok(PublishOutput {
        served: served::key(&input.model)?.to_string(),
        rows: input.rows,
        changed,
        visible,
    })
}

/// Shows the run, unless it is or was shown, or a newer one is: a late retry must bring nothing back.
fn show(day: &mut ServedDay, input: &PublishInput) -> bool {
    let shown = day.shown.iter();
    let known = shown
        .clone()
        .chain(&day.replaced)
        .any(|known| known.run.run_id == input.run.run_id);
    let newer = shown
        .clone()
        .any(|shown| shown.run.started_at > input.run.started_at);
    if known || newer {
        return false;
    }
    let next = ServedRun {
        run: input.run.clone(),
        version: input.version.clone(),
        rows: input.rows,
    };
    served::replace(day, Some(next));
    true
}

fn rows_of(day: &ServedDay, input: &PublishInput) -> VisibleRows {
    match &day.shown {
        Some(shown) => VisibleRows {
            run_id: shown.run.run_id.clone(),
            rows: shown.rows,
        },
        None => VisibleRows {
            run_id: input.run.run_id.clone(),
            rows: 0,
        },
    }
}

#[cfg(test)]
mod tests;
