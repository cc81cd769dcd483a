//! The trail that a run leaves: every stage writes below `runs/<run>/<stage>/`, and last `output.json`.
//!
//! `output.json` names every object of the stage with its SHA-256 and carries the digest of the
//! stage's input. A stage that finds it there for the same input gives it back and does no work:
//! so a retry, a redrive and a resume are all the same.

mod documents;
mod place;
mod read;
mod runs;
pub mod together;
mod work;

use millrace_contract::tables::lines;
use millrace_contract::{Digest, NamedError, ObjectRef, RunId};
use millrace_store::{Key, Store, StoreError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use documents::{Text, freeze_documents, load_documents, read_documents, read_text, read_toml};
pub use millrace_contract::stages::Documents;
pub use place::StagePlace;
pub use read::{fetch, fetch_json};
pub use runs::{
    close_run, collect_stage, input_of, list_runs, open_run, prepare_stage, read_end, read_run,
    stage_key,
};
pub use work::Work;

/// What a finished stage leaves as `output.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecord<Output> {
    pub run_id: RunId,
    pub stage: String,
    /// The digest of the input that this output answers.
    pub input_digest: Digest,
    /// Everything that the stage wrote.
    pub objects: Vec<ObjectRef>,
    pub output: Output,
}

/// Whether a stage has to work, or has done so already.
#[derive(Debug)]
pub enum Begun<Output> {
    Finished(StageRecord<Output>),
    Fresh(Work),
}

/// What can go wrong with a run's folder.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "run `{run_id}` has already finished its stage `{stage}` with another input: \
         start a run with a new id, or repeat the first input exactly"
    )]
    InputChanged { run_id: RunId, stage: String },
    #[error(
        "{uri} is not what its digest says (expected {expected}, found {found}): it was altered after it was written; do not use it"
    )]
    Altered {
        uri: String,
        expected: String,
        found: String,
    },
    #[error(
        "{uri} holds other bytes than the same input gives now (made now {expected}, found {found}): another build wrote it, or it was altered; nothing was changed; start a run with a new id"
    )]
    OutputDiffers {
        uri: String,
        expected: String,
        found: String,
    },
    #[error("{uri} cannot be read as {what}: {detail}")]
    Unreadable {
        uri: String,
        what: &'static str,
        detail: String,
    },
    #[error(
        "the run `{run_id}` does not exist in {store}: `millrace runs list` names those that do"
    )]
    RunNotFound { run_id: RunId, store: String },
    #[error(
        "the stage `{stage}` of run `{run_id}` left no output and no error: its container was stopped; resume the run"
    )]
    StageUnfinished { run_id: RunId, stage: String },
    /// What the stage itself said: its name goes on as it is.
    #[error("{cause}")]
    StageFailed { error: String, cause: String },
    #[error(transparent)]
    Document(#[from] millrace_contract::DocumentError),
    #[error(transparent)]
    Erasure(#[from] millrace_erasure::ErasureError),
}

impl NamedError for TrailError {
    fn name(&self) -> &str {
        match self {
            Self::Store(error) => error.name(),
            Self::InputChanged { .. } => "RunInputChanged",
            Self::Altered { .. } => "ObjectAltered",
            Self::OutputDiffers { .. } => "OutputDiffers",
            Self::Unreadable { .. } => "ObjectUnreadable",
            Self::RunNotFound { .. } => "RunNotFound",
            Self::StageUnfinished { .. } => "StageUnfinished",
            Self::StageFailed { error, .. } => error,
            Self::Document(error) => error.name(),
            Self::Erasure(error) => error.name(),
        }
    }
}

/// Looks for the finished stage; when there is none, notes the input and lets the work begin.
pub fn begin<Input: Serialize, Output: DeserializeOwned>(
    store: &Store,
    run_id: &RunId,
    stage: &str,
    input: &Input,
) -> Result<Begun<Output>, TrailError> {
    let folder = Key::new(format!("runs/{run_id}/{stage}"))?;
    let written = to_json(input)?;
    let input_digest = Digest::of(&written);
    let record_key = folder.join("output.json")?;
    if let Some(record) = finished(store, &record_key, run_id, stage, &input_digest)? {
        tracing::info!(run_id = %run_id, stage, "already finished: nothing to do");
        return Ok(Begun::Finished(record));
    }
    store.put(&folder.join("input.json")?, written)?;
    Ok(Begun::Fresh(Work::new(
        store.clone(),
        run_id.clone(),
        stage.to_owned(),
        folder,
        input_digest,
    )))
}

/// The record of a stage that has been finished for this input; for another it is refused.
pub(crate) fn finished<Output: DeserializeOwned>(
    store: &Store,
    key: &Key,
    run_id: &RunId,
    stage: &str,
    input_digest: &Digest,
) -> Result<Option<StageRecord<Output>>, TrailError> {
    let Some(object) = store.find(key)? else {
        return Ok(None);
    };
    let uri = store.object_uri(key);
    let record: StageRecord<Output> = read::parse(&object.bytes, uri, "a stage's output")?;
    if record.input_digest == *input_digest {
        return Ok(Some(record));
    }
    Err(TrailError::InputChanged {
        run_id: run_id.clone(),
        stage: stage.to_owned(),
    })
}

/// Readable JSON, written the same way every time.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, TrailError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| TrailError::Unreadable {
        uri: "a stage's document".into(),
        what: "JSON",
        detail: error.to_string(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes the rows that a stage adds to a table: one file of its own, the same again when it is repeated.
pub fn put_rows<Row: Serialize>(
    store: &Store,
    key: String,
    rows: &[Row],
) -> Result<(), TrailError> {
    let bytes = lines(rows).map_err(|error| TrailError::Unreadable {
        uri: key.clone(),
        what: "JSON",
        detail: error.to_string(),
    })?;
    store.put(&Key::new(key)?, bytes)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn run() -> RunId {
        RunId::new("r1").unwrap()
    }

    #[test]
    fn a_finished_stage_is_given_back_and_not_done_again() {
        let store = Store::memory();
        let Begun::Fresh(mut work) = begin::<_, u32>(&store, &run(), "train", &"input").unwrap()
        else {
            panic!("nothing was finished yet")
        };
        let written = work.put("model.ubj", b"model".to_vec()).unwrap();
        work.finish(7u32).unwrap();
        let Begun::Finished(record) = begin::<_, u32>(&store, &run(), "train", &"input").unwrap()
        else {
            panic!("the stage was finished")
        };
        assert_eq!(record.output, 7);
        assert_eq!(record.objects, [written]);
    }

    #[test]
    fn a_stage_that_did_not_finish_begins_again() {
        let store = Store::memory();
        let Begun::Fresh(mut work) = begin::<_, u32>(&store, &run(), "train", &"input").unwrap()
        else {
            panic!("nothing was finished yet")
        };
        work.put("model.ubj", b"half".to_vec()).unwrap();
        drop(work);
        assert!(matches!(
            begin::<_, u32>(&store, &run(), "train", &"input").unwrap(),
            Begun::Fresh(_)
        ));
    }

    #[test]
    fn what_was_finished_is_not_changed_by_a_process_that_comes_late() {
        let store = Store::memory();
        let begun = || begin::<_, u32>(&store, &run(), "gate", &"input").unwrap();
        let (Begun::Fresh(mut late), Begun::Fresh(mut quick)) = (begun(), begun()) else {
            panic!("nothing was finished yet")
        };
        late.put("leftover.json", b"early".to_vec()).unwrap();
        quick.put("leftover.json", b"quick".to_vec()).unwrap();
        let verdict = quick.put("verdict.json", b"quick".to_vec()).unwrap();
        assert!(!late.is_overtaken().unwrap());
        assert_eq!(quick.finish(1u32).unwrap(), 1);
        assert!(late.is_overtaken().unwrap());
        late.put("verdict.json", b"late".to_vec()).unwrap();
        assert_eq!(late.finish(2u32).unwrap(), 1, "the first answer holds");
        assert_eq!(fetch(&store, &verdict).unwrap(), b"quick".as_slice());
        let Begun::Finished(record) = begun() else {
            panic!("the stage was finished")
        };
        for object in &record.objects {
            fetch(&store, object).unwrap();
        }
    }

    /// A hangs, B does the shard again, finishes it and publishes; then A wakes up and writes.
    #[test]
    fn rows_that_a_finished_stage_vouches_for_are_not_replaced_by_a_process_that_comes_late() {
        let store = Store::memory();
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let rows = Key::new("tables/predictions/part-00000.parquet").unwrap();
        let begun = || begin::<_, u32>(&store, &run(), "score-00000", &"input").unwrap();
        let (Begun::Fresh(mut late), Begun::Fresh(mut quick)) = (begun(), begun()) else {
            panic!("nothing was finished yet")
        };
        let vouched = quick.put_file_at(&rows, &file("quick", "rows")).unwrap();
        quick.finish(1u32).unwrap();
        late.put_file_at(&rows, &file("late", "roes")).unwrap();
        assert_eq!(late.finish(2u32).unwrap(), 1, "the first answer holds");
        assert_eq!(fetch(&store, &vouched).unwrap(), b"rows".as_slice());
    }

    /// As long as the stage has not ended, other bytes there are an error: whose they are cannot be known.
    #[test]
    fn rows_of_an_attempt_that_did_not_finish_are_taken_when_equal_and_never_replaced() {
        let store = Store::memory();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        let rows = Key::new("tables/predictions/part-00000.parquet").unwrap();
        let put = |text: &str| {
            std::fs::write(&path, text).unwrap();
            match begin::<_, u32>(&store, &run(), "score-00000", &"input").unwrap() {
                Begun::Fresh(mut work) => work.put_file_at(&rows, &path),
                Begun::Finished(_) => panic!("it was never finished"),
            }
        };
        put("rows").unwrap();
        put("rows").unwrap();
        for other in ["roes", "more rows"] {
            assert_eq!(put(other).unwrap_err().name(), "OutputDiffers");
        }
        assert_eq!(store.get(&rows).unwrap().bytes, "rows");
    }

    #[test]
    fn another_input_under_the_same_run_is_refused() {
        let store = Store::memory();
        if let Begun::Fresh(work) = begin::<_, u32>(&store, &run(), "train", &"input").unwrap() {
            work.finish(7u32).unwrap();
        }
        let error = begin::<_, u32>(&store, &run(), "train", &"another").unwrap_err();
        assert_eq!(error.name(), "RunInputChanged");
    }

    #[test]
    fn an_altered_object_is_refused() {
        let store = Store::memory();
        let key = Key::new("models/m.ubj").unwrap();
        store.put(&key, b"good".to_vec()).unwrap();
        let reference = ObjectRef::of(key.as_ref(), b"good");
        assert_eq!(fetch(&store, &reference).unwrap(), b"good".as_slice());
        store.put(&key, b"evil".to_vec()).unwrap();
        assert_eq!(
            fetch(&store, &reference).unwrap_err().name(),
            "ObjectAltered"
        );
    }
}
