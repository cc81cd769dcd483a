//! A search in parts: one container scores its share of the candidates, another joins what all have found.

use millrace_contract::Digest;
use millrace_contract::stages::{Listener, SearchPartOutput, Share, TrainInput, part_stage};
use millrace_store::Store;
use millrace_trail::{StageRecord, Work, collect_stage, fetch_json};
use millrace_training::{PartStandings, SearchOutcome, TrainingError, join, search_part};
use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::narrate::Narrator;
use crate::prepared::{Prepared, phase};

/// `standings.json`: what a part found, and on which data.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartDocument {
    data: Digest,
    standings: PartStandings,
}

/// Scores one share of the candidates, and ends the stage.
pub fn search(
    mut work: Work,
    input: &TrainInput,
    share: Share,
    memory_bytes: Option<u64>,
    listener: &dyn Listener,
) -> Result<SearchPartOutput, TrainError> {
    let prepared = Prepared::new(work.store(), input, memory_bytes, listener)?;
    phase(
        listener,
        &format!(
            "searching hyperparameters, part {} of {}",
            share.index + 1,
            share.count
        ),
    );
    let narrator = Narrator::new(listener, prepared.spec.scoring());
    let found = search_part(&prepared.request()?, share, &narrator)?;
    let candidates = found.scored.len();
    let document = PartDocument {
        data: prepared.data.digest,
        standings: found,
    };
    let output = SearchPartOutput {
        share,
        candidates,
        standings: work.put_json("standings.json", &document)?,
    };
    Ok(work.finish(output)?)
}

/// The outcome of a search that was done in parts.
pub fn joined(
    store: &Store,
    input: &TrainInput,
    prepared: &Prepared,
    count: u32,
) -> Result<SearchOutcome, TrainError> {
    let mut parts = Vec::new();
    for index in 0..count {
        let stage = part_stage(input.attempt, index);
        let record: StageRecord<SearchPartOutput> =
            collect_stage(store, &input.run.run_id, &stage)?;
        let document: PartDocument =
            fetch_json(store, &record.output.standings, "a part of a search")?;
        let expected = Share { index, count };
        if record.output.share != expected || document.data != prepared.data.digest {
            let detail =
                format!("`{stage}` was made for other data, or for another number of parts");
            return Err(TrainingError::PartsDoNotFit { detail }.into());
        }
        parts.push(document.standings);
    }
    Ok(join(prepared.setup(), input.attempt, &parts)?)
}
