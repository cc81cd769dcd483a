//! What each stage is given and gives back: references and verdicts, small enough to travel as messages.

mod clock;
mod data_files;
mod gate;
mod progress;
mod publish;
mod registry;
mod run;
mod score;
mod train;
mod validate;

use serde::{Deserialize, Serialize};

use crate::artifact::ObjectRef;
use crate::names::RunId;

pub use clock::OtherClock;
pub use data_files::{DataFile, DataFiles, DataFilesVersion, HeldBy};
pub use gate::{Gate, GateDecision, GateInput, GateOutput};
pub use progress::{BestSoFar, Listener, Progress, Silent};
pub use publish::{PublishOutput, PublishShards, VisibleRows};
pub use registry::{
    CatalogueColumn, ChangedModel, CloseRun, CollectStage, CollectedStage, OpenRun, OpenedRun,
    PrepareStage, PreparedStage, PromoteModel, RegisterModel, RegisteredVersion, RegistryInput,
    RejectModel, ResolveModel, ResolvedVersion, RollbackModel, TrainingPlan,
};
pub use run::{RunEnd, RunKind, RunRecord, RunResult, StageFailure};
pub use score::{ModelReference, ScoreInput, ScoreOutput, Shard, TierCount};
pub use train::{
    FeatureCosts, ModelFiles, SearchPartOutput, Share, Spread, TrainInput, TrainOutput, part_stage,
};
pub use validate::{DataVerdict, Purpose, ValidateInput, ValidateOutput};

/// The run that a stage works for. The time is the run's: no computation asks the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub run_id: RunId,
    pub started_at: jiff::Timestamp,
}

/// The spec and the contract of a run, frozen in its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    pub spec: ObjectRef,
    pub contract: ObjectRef,
}
