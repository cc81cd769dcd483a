//! What is known of a trained model: enough to judge it, apply it and train it again.

pub mod versions;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::artifact::Digest;
use crate::calibration::{Calibration, Method};
use crate::names::{ModelName, RunId};
use crate::params::Params;
use crate::spec::{Learner, SplitMethod, Task};

/// `metadata.json`, written beside the model. Older forms are read too ([`versions`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metadata {
    pub model_name: ModelName,
    pub run_id: RunId,
    /// When the run began: the only time that the document knows.
    pub trained_at: jiff::Timestamp,
    pub versions: Versions,
    pub digests: InputDigests,
    pub rows: RowCounts,
    /// How rows were held out; absent where an older program wrote it: then it was scikit-learn's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitRecord>,
    /// Which of the rows were used, where the spec asks for fewer than there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleRecord>,
    /// The encoded columns in the order in which the model takes them.
    pub features: Vec<String>,
    pub target: TargetSummary,
    pub task: Task,
    pub learner: Learner,
    pub hyperparameters: Params,
    pub search: SearchReport,
    /// On the held-out rows.
    pub metrics: Metrics,
    /// How a classifier's predictions become probabilities and labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<ClassReport>,
    /// How far from a score the truth lies, for rising shares of rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<IntervalReport>,
    /// Gain, normalised to a sum of 1, largest first.
    pub importance: Importance,
}

/// A split-conformal interval, measured on one half of the held-out rows and judged by the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalReport {
    /// The share of rows that was asked for.
    pub coverage: f64,
    /// Half the width: a quantile of the distances between score and truth in the half that calibrates.
    pub half_width: f64,
    /// The share of the rows of the other half whose truth lies within what would be written.
    pub holdout_coverage: f64,
}

/// What was fitted on the out-of-fold predictions of a classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassReport {
    /// The share of the training rows that are a yes.
    pub positive_share: f64,
    pub calibration: Calibration,
    /// Of each calibration that was tried, the Brier score on out-of-fold rows.
    pub out_of_fold_brier: Vec<MethodReport>,
    /// From which probability on, as it is written, a row is a yes.
    pub threshold: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodReport {
    pub method: Method,
    pub brier: f64,
}

/// Which code and documents made the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The version of this document's form.
    pub metadata: u32,
    pub millrace: String,
    /// The digest of the program's source, or of what stands for it.
    pub code: String,
    /// Of the library, where XGBoost has learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xgboost: Option<String>,
    pub contract: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputDigests {
    pub data: Digest,
    pub contract: Digest,
    pub spec: Digest,
    pub recipe: Digest,
    pub model: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowCounts {
    pub read: u64,
    pub quarantined: u64,
    pub training: u64,
    pub holdout: u64,
}

/// How the rows of a model were held out: enough to say of any id whether the model may have learned from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitRecord {
    pub method: SplitMethod,
    pub seed: u32,
    pub holdout_share: f64,
}

/// The rows with the lowest places of their ids were used, of each part. It is a sample of each, and a row that is in
/// it stays in it as long as the table does not grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRecord {
    /// The most rows to learn from.
    pub most: u64,
    /// The most rows to judge by.
    pub hold_out_most: u64,
    /// How many rows each part had.
    pub training_of: u64,
    pub holdout_of: u64,
}

impl SampleRecord {
    /// How many rows are learned from.
    pub fn training_used(&self) -> u64 {
        self.training_of.min(self.most)
    }

    /// How many rows are judged by.
    pub fn holdout_used(&self) -> u64 {
        self.holdout_of.min(self.hold_out_most)
    }

    /// What was used of what, for people.
    pub fn words(&self, rows: &RowCounts) -> String {
        format!(
            "used {} of {} rows: {} of {} to learn from, {} of {} to judge by",
            rows.training + rows.holdout,
            self.training_of + self.holdout_of,
            rows.training,
            self.training_of,
            rows.holdout,
            self.holdout_of
        )
    }
}

/// The training rows' target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSummary {
    pub column: String,
    pub mean: f64,
    /// The population deviation.
    pub deviation: f64,
    pub minimum: f64,
    pub maximum: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchReport {
    pub strategy: crate::spec::Strategy,
    /// What the scores are; absent where an older program wrote it: then it was R2.
    #[serde(default = "r2")]
    pub scoring: crate::spec::Scoring,
    pub folds: usize,
    /// How often training was tried before and including this one.
    pub attempt: u32,
    /// Every candidate, the best first.
    pub candidates: Vec<CandidateReport>,
}

fn r2() -> crate::spec::Scoring {
    crate::spec::Scoring::R2
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateReport {
    pub hyperparameters: Params,
    /// The score of each fold that was evaluated.
    pub fold_scores: Vec<f64>,
    pub mean: Option<f64>,
    /// The population deviation of the fold scores.
    pub deviation: Option<f64>,
    /// Why the candidate did not finish; absent when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Dropped>,
    /// Where and why the rounds of a trial ended; for the strategy `tpe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<RoundsEnded>,
}

/// A trial of the strategy `tpe` on the first fold. It counts with the rounds that scored best there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundsEnded {
    pub after_rounds: u32,
    pub because: WhyEnded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyEnded {
    /// For as many rounds as the spec is patient nothing was gained that could not be chance.
    NothingGained,
    /// Even if every further round gained as much as the last ones, an earlier trial would be better.
    OutOfReach,
    /// It had all the rounds that the spec allows.
    MostRounds,
}

/// When and why a candidate left the race.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    /// The folds that it had finished.
    pub after_folds: usize,
    pub after_rounds: u32,
    pub reason: String,
}

/// The values of measures by their names, in the order in which they are shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    #[serde(flatten)]
    pub values: IndexMap<String, f64>,
    /// Of the rows truly in each tier; empty when the spec has no tiers.
    #[serde(default)]
    pub tiers: Vec<TierMetrics>,
}

impl Metrics {
    /// The value of a measure; NaN, which keeps no limit, when it was not measured.
    pub fn value(&self, measure: &str) -> f64 {
        self.values.get(measure).copied().unwrap_or(f64::NAN)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierMetrics {
    pub label: String,
    /// Rows whose truth lies in the tier.
    pub rows: u64,
    /// Rows whose prediction lies in the tier.
    pub predicted: u64,
    /// The share of the tier's rows that are predicted in it; absent when it has none.
    pub recall: Option<f64>,
    pub rmse: Option<f64>,
    pub mae: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Importance {
    /// Per column of the table.
    pub columns: IndexMap<String, f64>,
    /// Per encoded column.
    pub encoded: IndexMap<String, f64>,
}
