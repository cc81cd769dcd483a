//! Makes a run's scores visible: one conditional write of one small document for each model and day.
//!
//! Until then nothing refers to the run's files, so a reader sees the old scores or the new ones,
//! never a mixture. Publishing a run a second time changes nothing; what a newer run replaces stays
//! restorable.

mod current;
mod shards;

use millrace_contract::stages::{CurrentPredictions, PublishInput, PublishOutput, VisibleFiles};
use millrace_contract::{NamedError, ObjectRef, Run};
use millrace_erasure::{ErasureError, explains_size};
use millrace_store::{Key, Store, StoreError};
use millrace_trail::TrailError;

pub use current::visible;
pub use shards::run_shards;

/// Why scores were not made visible.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Trail(#[from] TrailError),
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    #[error("{uri} has {found} bytes and not the {expected} that its stage wrote: score again")]
    FileChanged {
        uri: String,
        expected: u64,
        found: u64,
    },
    #[error(
        "{uri} is damaged ({detail}): publish the run again, or remove the document to forget what is visible"
    )]
    CurrentDamaged { uri: String, detail: String },
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
            Self::CurrentDamaged { .. } => "CurrentDamaged",
            Self::Busy { .. } => "PublishBusy",
            Self::RowsLost { .. } => "RowsLost",
        }
    }
}

/// How often a lost race is tried again before the stage gives up.
const TRIES: u32 = 20;

/// Publishes the files of a run.
pub fn run(store: &Store, input: PublishInput) -> Result<PublishOutput, PublishError> {
    for file in &input.files {
        check_file(store, file)?;
    }
    let key = current::key(&input.table, input.model.as_str(), input.scored_on)?;
    for _ in 0..TRIES {
        match replace(store, &key, &input) {
            Err(StoreErrorOr::Store(
                StoreError::Changed { .. } | StoreError::AlreadyExists { .. },
            )) => continue,
            Err(error) => return Err(error.into()),
            Ok(before) => {
                let changed = before.is_none();
                tracing::info!(run_id = %input.run.run_id, rows = input.rows, changed, "published");
                let visible = match &before {
                    Some(before) => folder_of(store, &before.run, &before.files, before.rows)?,
                    None => folder_of(store, &input.run, &input.files, input.rows)?,
                };
                return Ok(PublishOutput {
                    current: key.to_string(),
                    rows: input.rows,
                    changed,
                    visible,
                });
            }
        }
    }
    Err(PublishError::Busy {
        uri: store.object_uri(&key),
        tries: TRIES,
    })
}

/// Keeps a lost race apart from what ends the stage.
enum StoreErrorOr {
    Store(StoreError),
    Other(PublishError),
}

impl From<StoreErrorOr> for PublishError {
    fn from(error: StoreErrorOr) -> PublishError {
        match error {
            StoreErrorOr::Store(error) => error.into(),
            StoreErrorOr::Other(error) => error,
        }
    }
}

impl From<StoreError> for StoreErrorOr {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The folder of a run's files; what is visible and nothing else lies in it.
fn folder_of(
    store: &Store,
    run: &Run,
    files: &[ObjectRef],
    rows: u64,
) -> Result<VisibleFiles, StoreError> {
    let folder = files
        .first()
        .and_then(|file| file.key.rsplit_once('/'))
        .map_or("tables", |(folder, _)| folder);
    Ok(VisibleFiles {
        run_id: run.run_id.clone(),
        location: format!("{}/", store.object_uri(&Key::new(folder)?)),
        rows,
    })
}

/// One try: gives what stays visible when that is this run already, or a newer one.
fn replace(
    store: &Store,
    key: &Key,
    input: &PublishInput,
) -> Result<Option<CurrentPredictions>, StoreErrorOr> {
    let found = match store.get(key) {
        Ok(object) => Some(object),
        Err(StoreError::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(object) = found else {
        store.put_if_absent(
            key,
            current::document(input, None).map_err(StoreErrorOr::Other)?,
        )?;
        return Ok(None);
    };
    let before =
        current::parse(&object.bytes, store.object_uri(key)).map_err(StoreErrorOr::Other)?;
    if before.run.run_id == input.run.run_id || before.run.started_at > input.run.started_at {
        return Ok(Some(before));
    }
    // One step back is enough to restore; more would grow the document with every run.
    let before = CurrentPredictions {
        previous: None,
        ..before
    };
    let document = current::document(input, Some(before)).map_err(StoreErrorOr::Other)?;
    store.replace_if_unchanged(key, document, &object.etag)?;
    Ok(None)
}

/// Whether the file is there and as long as it was written.
fn check_file(store: &Store, file: &ObjectRef) -> Result<(), PublishError> {
    let key = Key::new(file.key.clone())?;
    let found = store.head(&key)?.bytes;
    if found == file.bytes || explains_size(store, file, found)? {
        return Ok(());
    }
    Err(PublishError::FileChanged {
        uri: store.object_uri(&key),
        expected: file.bytes,
        found,
    })
}

#[cfg(test)]
mod tests;
