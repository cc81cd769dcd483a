//! Applying a model: from a data set to one file of scores for each shard.

use serde::{Deserialize, Serialize};

use super::run::is_false;
use super::{ModelFiles, Run};
use crate::artifact::ObjectRef;
use crate::names::ModelName;
use crate::spec::ExtraColumns;

/// One version of a model and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelReference {
    pub name: ModelName,
    /// The registered version; `run:ID/ATTEMPT` for a candidate that a training run left.
    pub version: String,
    pub files: ModelFiles,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreInput {
    pub run: Run,
    pub model: ModelReference,
    /// The list of the files to score, as validation found them.
    pub data_files: ObjectRef,
    /// The rows that validation put into quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusions: Option<ObjectRef>,
    pub shard: Shard,
    /// Columns beyond those of the spec.
    #[serde(default)]
    pub extra: ExtraColumns,
    /// The scores stay in the run's folder, where no reader looks and publishing refuses them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub trial: bool,
}

/// A part of the data set: what `division` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    pub index: u32,
    pub count: u32,
}

impl Shard {
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreOutput {
    /// The file of scores.
    pub file: ObjectRef,
    /// The mark of the object that was written: while the store gives the same one, its digest holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_tag: Option<String>,
    pub rows_read: u64,
    pub rows_excluded: u64,
    pub rows_scored: u64,
    /// Scores that lay outside the spec's range.
    pub rows_clipped: u64,
    /// Words that the contract does not list, treated as missing.
    pub unseen_words: u64,
    pub mean: Option<f64>,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub tiers: Vec<TierCount>,
    pub inverse_tiers: Vec<TierCount>,
}

impl ScoreOutput {
    /// Adds another shard's counts; the file stays the first shard's.
    pub fn add(&mut self, other: &ScoreOutput) {
        let sum = |output: &ScoreOutput| {
            output
                .mean
                .map_or(0.0, |mean| mean * output.rows_scored as f64)
        };
        let total = sum(self) + sum(other);
        self.rows_read += other.rows_read;
        self.rows_excluded += other.rows_excluded;
        self.rows_scored += other.rows_scored;
        self.rows_clipped += other.rows_clipped;
        self.unseen_words += other.unseen_words;
        self.mean = (self.rows_scored > 0).then(|| total / self.rows_scored as f64);
        self.minimum = self
            .minimum
            .into_iter()
            .chain(other.minimum)
            .reduce(f64::min);
        self.maximum = self
            .maximum
            .into_iter()
            .chain(other.maximum)
            .reduce(f64::max);
        let tiers = self.tiers.iter_mut().zip(&other.tiers);
        for (tier, more) in tiers.chain(self.inverse_tiers.iter_mut().zip(&other.inverse_tiers)) {
            tier.rows += more.rows;
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierCount {
    pub label: String,
    pub rows: u64,
}
