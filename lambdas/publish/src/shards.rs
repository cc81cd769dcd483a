//! A run that was scored in shards: what each left in its folder says which files are published.

use millrace_contract::stages::{PublishInput, PublishOutput, PublishShards, ScoreOutput};
use millrace_keys::Context;
use millrace_trail::collect_stage;

use crate::{PublishError, run};

/// Publishes the files of all shards, if together they hold the rows that they must.
pub fn run_shards(context: &Context, input: PublishShards) -> Result<PublishOutput, PublishError> {
    let mut files = Vec::new();
    let mut found = 0u64;
    for shard in 0..input.shards {
        let stage = format!("score-{shard:05}");
        let scored: ScoreOutput = collect_stage(&context.store, &input.run.run_id, &stage)?.output;
        found = found.saturating_add(scored.rows_scored);
        files.push(scored.file);
    }
    // Nothing at all would be a table without rows for whoever reads it.
    if found != input.rows || files.is_empty() {
        return Err(PublishError::RowsLost {
            run_id: input.run.run_id,
            shards: input.shards,
            expected: input.rows,
            found,
        });
    }
    let whole = PublishInput {
        run: input.run,
        table: input.table.into(),
        model: input.model,
        version: input.version,
        scored_on: input.scored_on,
        files,
        rows: input.rows,
    };
    run(context, whole)
}
