//! A run as a whole: what it was asked, and how it ended.

use serde::{Deserialize, Serialize};

use super::{Documents, Run};
use crate::names::ModelName;
use crate::spec::{ExtraColumns, Strategy};

/// The two state machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    Training,
    Inference,
}

impl RunKind {
    pub fn name(self) -> &'static str {
        match self {
            RunKind::Training => "training",
            RunKind::Inference => "inference",
        }
    }
}

/// `runs/<run>/run.json`: written once, when the run begins. A run that is started again keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    pub run: Run,
    pub kind: RunKind,
    pub model: ModelName,
    pub data: String,
    /// The frozen spec and contract of a training run. An inference run has those of its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Documents>,
    /// What a training run searches by instead of its spec's own way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// The version that an inference run was asked to apply; absent for the live one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Columns beyond those of the spec that an inference run was asked for.
    #[serde(default, skip_serializing_if = "ExtraColumns::is_none")]
    pub extra: ExtraColumns,
    /// The scores of an inference run stay in its folder: nothing is published.
    #[serde(default, skip_serializing_if = "is_false")]
    pub trial: bool,
}

/// For fields that are written only where they say something.
pub(super) fn is_false(value: &bool) -> bool {
    !*value
}

/// `runs/<run>/end.json`: how the run ended, last of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnd {
    pub run: Run,
    #[serde(flatten)]
    pub result: RunResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RunResult {
    Succeeded {
        /// What came of it, in a sentence.
        summary: String,
    },
    Failed {
        /// The state of the machine in which it failed.
        stage: String,
        error: String,
        cause: String,
    },
}

/// `runs/<run>/<stage>/error.json`: what a container says before it exits with a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageFailure {
    pub error: String,
    pub cause: String,
}
