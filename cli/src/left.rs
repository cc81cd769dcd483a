//! What the stages of a run left, where they finished.

use millrace_contract::RunId;
use millrace_contract::stages::{ScoreOutput, TrainOutput};
use millrace_store::{Store, StoreError};
use millrace_trail::{TrailError, collect_stage};
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The most attempts at training that a run can have made.
const ATTEMPTS: u32 = 10;

/// The output of a stage, or nothing when it did not finish.
pub fn finished<T: DeserializeOwned>(
    store: &Store,
    run_id: &RunId,
    stage: &str,
) -> Result<Option<T>, Failure> {
    match collect_stage(store, run_id, stage) {
        Ok(record) => Ok(Some(record.output)),
        Err(
            TrailError::StageUnfinished { .. }
            | TrailError::StageFailed { .. }
            // Pruned, with the version that it became.
            | TrailError::Store(StoreError::NotFound { .. }),
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The candidate of the last attempt.
pub fn last_candidate(store: &Store, run_id: &RunId) -> Result<Option<TrainOutput>, Failure> {
    for attempt in (1..=ATTEMPTS).rev() {
        if let Some(trained) = finished(store, run_id, &format!("train-{attempt}"))? {
            return Ok(Some(trained));
        }
    }
    Ok(None)
}

/// The scores of all shards together.
pub fn all_scores(store: &Store, run_id: &RunId) -> Result<Option<ScoreOutput>, Failure> {
    let mut all: Option<ScoreOutput> = None;
    for shard in 0.. {
        let stage = millrace_stage_inference::stage_name(shard);
        let Some(scored) = finished::<ScoreOutput>(store, run_id, &stage)? else {
            break;
        };
        match &mut all {
            Some(sum) => sum.add(&scored),
            None => all = Some(scored),
        }
    }
    Ok(all)
}

/// The size of the files of all scores of a run.
pub fn score_bytes(store: &Store, run_id: &RunId) -> Result<u64, Failure> {
    let mut bytes = 0;
    for shard in 0.. {
        let stage = millrace_stage_inference::stage_name(shard);
        match finished::<ScoreOutput>(store, run_id, &stage)? {
            Some(scored) => bytes += scored.file.bytes,
            None => break,
        }
    }
    Ok(bytes)
}
