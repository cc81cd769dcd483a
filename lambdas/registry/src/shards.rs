//! What the shards of a run left, where they are too many for one execution to hear of each.

use millrace_contract::NamedError;
use millrace_contract::stages::{ScoreOutput, TalliedShards, TallyShards};
use millrace_store::Store;
use millrace_trail::{TrailError, collect_stage, together};

use crate::RegistryStageError;

/// The state machine plans no more.
const MOST_SHARDS: u32 = 10_000;

/// The counts of all shards together. Where one failed, the others were ended: so an error that a shard named goes before
/// those of shards that left nothing.
pub fn tally(store: &Store, asked: &TallyShards) -> Result<TalliedShards, RegistryStageError> {
    if asked.shards > MOST_SHARDS {
        let stage = format!("score-{MOST_SHARDS:05}");
        let run_id = asked.run_id.clone();
        return Err(TrailError::StageUnfinished { run_id, stage }.into());
    }
    let left = together::numbered(asked.shards, |shard| {
        let stage = format!("score-{shard:05}");
        let record = collect_stage::<ScoreOutput>(store, &asked.run_id, &stage);
        Ok::<_, TrailError>(record.map(|record| record.output))
    })?;
    let mut tallied = TalliedShards::default();
    let mut unfinished = None;
    for shard in left {
        match shard {
            Ok(output) => {
                tallied.rows_scored += output.rows_scored;
                tallied.rows_excluded += output.rows_excluded;
            }
            Err(error @ TrailError::StageUnfinished { .. }) => {
                unfinished.get_or_insert(error);
            }
            Err(error) => {
                tracing::warn!(run_id = %asked.run_id, error = error.name(), "a shard failed");
                return Err(error.into());
            }
        }
    }
    match unfinished {
        Some(error) => Err(error.into()),
        None => Ok(tallied),
    }
}
