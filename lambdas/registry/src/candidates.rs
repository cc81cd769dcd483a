//! What training runs left that was never registered: found by the run, for trials alone.

use millrace_contract::stages::{ModelReference, TrainOutput};
use millrace_contract::{ModelName, RunId};
use millrace_store::Store;
use millrace_trail::{TrailError, collect_stage};

use crate::RegistryStageError;

/// What a version begins with that names a run.
pub const PREFIX: &str = "run:";

/// The candidate of `ID/ATTEMPT`; of `ID` alone that of the newest attempt that finished.
pub fn find(
    store: &Store,
    model: &ModelName,
    named: &str,
) -> Result<ModelReference, RegistryStageError> {
    let unknown = |detail: String| RegistryStageError::NoSuchCandidate {
        model: model.to_string(),
        version: shown(named),
        detail,
    };
    let (run, attempt) = match named.split_once('/') {
        Some((run, attempt)) => {
            let number = attempt.parse().ok().filter(|number| *number > 0u32);
            let wrong = || unknown(format!("`{}` is no attempt", shown(attempt)));
            (run, Some(number.ok_or_else(wrong)?))
        }
        None => (named, None),
    };
    let run = RunId::new(run).map_err(|error| unknown(error.to_string()))?;
    let attempt = match attempt {
        Some(attempt) => attempt,
        None => newest_attempt(store, &run)?
            .ok_or_else(|| unknown(format!("run `{run}` has not finished training")))?,
    };
    let stage = format!("train-{attempt}");
    let record = match collect_stage::<TrainOutput>(store, &run, &stage) {
        Err(TrailError::StageUnfinished { .. }) => {
            return Err(unknown(format!("run `{run}` has not finished `{stage}`")));
        }
        record => record?,
    };
    Ok(ModelReference {
        name: model.clone(),
        version: format!("{PREFIX}{run}/{attempt}"),
        files: record.output.files,
    })
}

fn newest_attempt(store: &Store, run: &RunId) -> Result<Option<u32>, RegistryStageError> {
    let prefix = format!("runs/{run}/train-");
    let attempts = store.list(&prefix)?.into_iter().filter_map(|info| {
        let attempt = info.key.as_str().strip_prefix(&prefix)?;
        attempt.strip_suffix("/output.json")?.parse().ok()
    });
    Ok(attempts.max())
}

/// At most so much of what somebody typed, and nothing that a terminal obeys.
fn shown(text: &str) -> String {
    let plain = text.chars().take(80).flat_map(char::escape_default);
    plain.collect()
}
