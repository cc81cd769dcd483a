//! What the registry's function is asked: one input, tagged by its action.
//!
//! Each action may be repeated with the same run: it then finds what it did before.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::run::is_false;
use super::{ModelReference, Run, RunKind, RunRecord, RunResult, TrainOutput};
use crate::artifact::ObjectRef;
use crate::names::{ModelName, RunId, StageName, Version};
use crate::spec::{ExtraColumns, PromotionTarget, Strategy};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum RegistryInput {
    OpenRun(OpenRun),
    Prepare(PrepareStage),
    Collect(CollectStage),
    Tally(TallyShards),
    Resolve(ResolveModel),
    Register(Box<RegisterModel>),
    Promote(PromoteModel),
    Reject(RejectModel),
    Rollback(RollbackModel),
    CloseRun(CloseRun),
}

/// Begins a run, or finds it begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenRun {
    pub run_id: RunId,
    /// A run that is started again keeps its first time.
    pub started_at: jiff::Timestamp,
    /// The run's time may lie far from the clock: what it makes then rules until that time has come.
    #[serde(default)]
    pub allow_other_clock: bool,
    pub kind: RunKind,
    /// For training: the path or URI of the spec. Without it the run must have its documents already.
    #[serde(default)]
    pub spec: Option<String>,
    /// For inference; training takes the name from the spec.
    #[serde(default)]
    pub model: Option<ModelName>,
    /// Without it the run must have been opened before.
    #[serde(default)]
    pub data: Option<String>,
    /// For training: instead of the spec's own way to search.
    #[serde(default)]
    pub strategy: Option<Strategy>,
    /// For inference: the version to apply; the live one when absent.
    #[serde(default)]
    pub version: Option<String>,
    /// For inference: columns beyond those of the spec.
    #[serde(default)]
    pub extra: Option<ExtraColumns>,
    /// For inference: nothing is published.
    #[serde(default)]
    pub trial: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedRun {
    pub record: RunRecord,
    /// What the spec says of how a training run goes on; absent for inference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<TrainingPlan>,
}

/// The part of a spec that decides which way the state machine takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingPlan {
    /// How often training is tried.
    pub attempts: u32,
    pub promote_to: PromotionTarget,
    /// Over how many containers the search is spread.
    pub containers: u32,
}

/// Writes the input document of a stage that runs in a container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepareStage {
    pub run_id: RunId,
    pub stage: StageName,
    pub input: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreparedStage {
    pub uri: String,
}

/// Reads what a container left: its output, or else the error that it named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectStage {
    pub run_id: RunId,
    pub stage: StageName,
    /// The container was killed, as one is that wants more memory than it has. Where it left nothing, this is said in its
    /// stead, for whoever asks later.
    #[serde(default, skip_serializing_if = "is_false")]
    pub killed: bool,
}

/// Reads what all shards of a run left: their counts together, or the error that the first of them named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TallyShards {
    pub run_id: RunId,
    pub shards: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TalliedShards {
    pub rows_scored: u64,
    pub rows_excluded: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectedStage {
    pub output: Value,
}

/// Finds the version that a run works with: once, so that the run never mixes two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolveModel {
    pub run: Run,
    pub model: ModelName,
    /// `live`, an alias or a number; `live` when absent. For a trial also `run:ID` and `run:ID/ATTEMPT`, for
    /// what a training run left.
    #[serde(default)]
    pub version: Option<String>,
    /// Nobody is shown the scores: any version may be applied, also one that was rejected or never registered.
    #[serde(default, skip_serializing_if = "is_false")]
    pub trial: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolvedVersion {
    pub model: ModelReference,
    /// Where its scores are published.
    pub table: String,
    /// The URI of the folder that the scores of this model and day lie in, whichever run made them.
    pub location: String,
    /// The table's columns as the data catalogue names them.
    pub columns: Vec<CatalogueColumn>,
}

/// A column in the words of the Glue data catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CatalogueColumn {
    pub name: String,
    #[serde(rename = "Type")]
    pub column_type: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterModel {
    pub run: Run,
    pub train: TrainOutput,
    /// The verdict documents of the gates.
    pub quality: ObjectRef,
    pub fairness: ObjectRef,
    pub data: String,
    /// Reasons beyond the gates' own, such as attempts used up.
    #[serde(default)]
    pub rejected_because: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredVersion {
    pub model: ModelName,
    pub version: Version,
    /// `candidate` or `rejected`, or what it has become since when it was registered before.
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromoteModel {
    pub run: Run,
    pub model: ModelName,
    pub version: Version,
    pub to: PromotionTarget,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectModel {
    pub model: ModelName,
    pub version: Version,
    pub who: String,
    pub why: String,
    /// Set it to make a repetition harmless.
    #[serde(default)]
    pub operation_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackModel {
    pub model: ModelName,
    pub who: String,
    #[serde(default)]
    pub why: Option<String>,
    /// Set it to make a repetition harmless: without it a second call goes back one version more.
    #[serde(default)]
    pub operation_id: Option<String>,
}

/// What is live after a promotion, a rejection or a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedModel {
    pub model: ModelName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Version>,
    /// False when it was so before.
    pub changed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseRun {
    pub run_id: RunId,
    pub result: RunResult,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn an_action_is_read_by_its_tag_and_nothing_unknown_is_taken() {
        let collect = json!({"action": "collect", "run_id": "r1", "stage": "train-1"});
        let read: RegistryInput = serde_json::from_value(collect.clone()).unwrap();
        assert!(
            matches!(&read, RegistryInput::Collect(collect) if collect.stage.as_str() == "train-1")
        );
        assert_eq!(serde_json::to_value(&read).unwrap(), collect);
        let open = json!({"action": "open_run", "run_id": "r1", "started_at": "2026-11-01T08:00:00Z", "kind": "inference", "model": "m", "data": "d"});
        serde_json::from_value::<RegistryInput>(open.clone()).unwrap();
        let mut more = open;
        more["nobody_knows"] = json!(1);
        for wrong in [
            more,
            json!({"action": "collect", "run_id": "r1", "stage": "train-1", "extra": 1}),
            json!({"action": "delete", "run_id": "r1"}),
            json!({"run_id": "r1"}),
        ] {
            assert!(serde_json::from_value::<RegistryInput>(wrong).is_err());
        }
    }
}
