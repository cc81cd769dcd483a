//! What the stages of a run left, where they finished.

use std::collections::BTreeSet;

use millrace_contract::RunId;
use millrace_contract::stages::{ScoreOutput, TrainOutput};
use millrace_store::{Key, Store, StoreError};
use millrace_trail::{TrailError, collect_stage};
use serde::de::DeserializeOwned;

use crate::failure::Failure;

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

/// The candidate of the last attempt that finished.
pub fn last_candidate(store: &Store, run_id: &RunId) -> Result<Option<TrainOutput>, Failure> {
    for attempt in attempts(store, run_id)?.into_iter().rev() {
        if let Some(trained) = finished(store, run_id, &format!("train-{attempt}"))? {
            return Ok(Some(trained));
        }
    }
    Ok(None)
}

/// The attempts at training that left anything, as numbers: as texts the tenth would come before the second.
fn attempts(store: &Store, run_id: &RunId) -> Result<BTreeSet<u32>, Failure> {
    let folder = format!("runs/{run_id}/train-");
    let listed = store.list(&folder)?;
    let attempt = |key: &Key| {
        let (attempt, _) = key.as_ref().strip_prefix(&folder)?.split_once('/')?;
        attempt.parse().ok()
    };
    Ok(listed
        .iter()
        .filter_map(|info| attempt(&info.key))
        .collect())
}

/// What stages are sorted by: those of the same name by their number.
pub fn place_of_stage(stage: &str) -> (&str, u32) {
    let numbered = stage.rsplit_once('-');
    let number = numbered.and_then(|(name, number)| Some((name, number.parse().ok()?)));
    number.unwrap_or((stage, 0))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use millrace_trail::{Begun, begin};
    use serde_json::json;

    fn train(store: &Store, run_id: &RunId, attempt: u32) {
        let stage = format!("train-{attempt}");
        let Begun::Fresh(mut work) =
            begin::<_, TrainOutput>(store, run_id, &stage, &attempt).unwrap()
        else {
            panic!("{stage} is finished already");
        };
        let mut file = || work.put(&format!("file-{attempt}"), "f").unwrap();
        let files = json!({
            "model": file(), "recipe": file(), "metadata": file(), "spec": file(),
            "contract": file(), "holdout": file(), "holdout_rows": file(),
        });
        let output: TrainOutput = serde_json::from_value(json!({
            "attempt": attempt, "files": files,
            "metrics": {"r2": 0.5, "rmse": 0.1, "mae": 0.1},
        }))
        .unwrap();
        work.finish(output).unwrap();
    }

    #[test]
    fn the_last_of_many_attempts_is_the_candidate() {
        let (store, run_id) = (Store::memory(), RunId::new("r").unwrap());
        let last = |store: &Store| last_candidate(store, &run_id).unwrap();
        assert_eq!(last(&store), None);
        for attempt in 1..=12 {
            train(&store, &run_id, attempt);
            assert_eq!(last(&store).unwrap().attempt, attempt);
        }
    }

    #[test]
    fn stages_are_sorted_by_their_numbers() {
        let mut stages = [
            "train-10",
            "validate",
            "train-2",
            "search-1-00010",
            "search-1-00002",
        ];
        stages.sort_by_key(|stage| place_of_stage(stage));
        let expected = [
            "search-1-00002",
            "search-1-00010",
            "train-2",
            "train-10",
            "validate",
        ];
        assert_eq!(stages, expected);
    }
}
