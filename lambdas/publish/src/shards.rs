//! What the shards of a run left, held against what is to be published.

use millrace_contract::ObjectRef;
use millrace_contract::stages::{PublishShards, ScoreInput, ScoreOutput};
use millrace_contract::tables::run_folder;
use millrace_registry::{Manifest, Registry};
use millrace_store::Store;
use millrace_trail::{collect_stage, input_of, together};

use crate::PublishError;
use crate::verify::Written;

/// The files of all shards: scored by this version as the registry vouches for it, for this day's table, and
/// with the rows that they must have together.
pub fn files(
    store: &Store,
    registry: &Registry,
    asked: &PublishShards,
) -> Result<Vec<Written>, PublishError> {
    let manifest = match registry.vouch_for(&asked.version) {
        Ok(manifest) => manifest,
        Err(refused) => {
            // An attempt of which nobody heard may have shown the run before its version was rejected.
            millrace_served::Serving::of(registry).tidy()?;
            return Err(refused.into());
        }
    };
    let records = together::numbered(asked.shards, |shard| {
        let stage = format!("score-{shard:05}");
        collect_stage::<ScoreOutput>(store, &asked.run.run_id, &stage)
    })?;
    let scored = records.iter().map(|record| record.output.rows_scored);
    let found = scored.fold(0, u64::saturating_add);
    // Nothing at all would be a table without rows for whoever reads it.
    if found != asked.rows || records.is_empty() {
        return Err(PublishError::RowsLost {
            run_id: asked.run.run_id.clone(),
            shards: asked.shards,
            expected: asked.rows,
            found,
        });
    }
    let records: Vec<_> = (0..).zip(records).collect();
    together::all(&records, |(shard, record)| {
        let expected = Expected {
            asked,
            manifest: &manifest,
            shard: *shard,
        };
        let input: ScoreInput = input_of(store, record)?;
        expected.scored(&input)?;
        expected.written(&record.output.file)?;
        Ok(Written {
            file: record.output.file.clone(),
            entity_tag: record.output.entity_tag.clone(),
        })
    })
}

struct Expected<'a> {
    asked: &'a PublishShards,
    manifest: &'a Manifest,
    shard: u32,
}

impl Expected<'_> {
    fn scored(&self, input: &ScoreInput) -> Result<(), PublishError> {
        let asked = self.asked;
        self.same("the model", &asked.model, &input.model.name)?;
        self.same("the version", &asked.version, &input.model.version)?;
        self.same("the run", &asked.run.run_id, &input.run.run_id)?;
        self.same("the time", &asked.run.started_at, &input.run.started_at)?;
        self.same("the count of shards", &asked.shards, &input.shard.count)?;
        if input.trial {
            return Err(self.otherwise("the scores of", "readers", "a trial"));
        }
        for (name, file) in input.model.files.named() {
            if !self.manifest.files.contains(file) {
                let vouched = format!("the one that the registry vouches for as {name}");
                return Err(self.otherwise("the file", &vouched, &file.key));
            }
        }
        Ok(())
    }

    /// Where the view of the table looks, and nowhere else.
    fn written(&self, file: &ObjectRef) -> Result<(), PublishError> {
        let asked = self.asked;
        let (table, run) = (asked.table.as_str(), &asked.run.run_id);
        let folder = run_folder(table, &asked.model, asked.scored_on, run);
        match file.key.rsplit_once('/') {
            Some((above, _)) if above == folder => Ok(()),
            _ => Err(self.otherwise("its scores at", &folder, &file.key)),
        }
    }

    fn same<T: PartialEq + ToString>(
        &self,
        what: &'static str,
        expected: &T,
        found: &T,
    ) -> Result<(), PublishError> {
        match expected == found {
            true => Ok(()),
            false => Err(self.otherwise(what, &expected.to_string(), &found.to_string())),
        }
    }

    fn otherwise(&self, what: &'static str, expected: &str, found: &str) -> PublishError {
        PublishError::ScoredOtherwise {
            run_id: self.asked.run.run_id.clone(),
            shard: self.shard,
            what,
            expected: format!("`{expected}`"),
            found: format!("`{found}`"),
        }
    }
}
