//! Making scores visible: one change of one small document.

use serde::{Deserialize, Serialize};

use super::Run;
use crate::artifact::ObjectRef;
use crate::names::{ModelName, RunId, TableName};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishInput {
    pub run: Run,
    pub table: String,
    pub model: ModelName,
    pub version: String,
    pub scored_on: jiff::civil::Date,
    pub files: Vec<ObjectRef>,
    /// The rows that all files together must hold.
    pub rows: u64,
}

/// The same for a run that was scored in shards: their outputs say which files there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishShards {
    pub run: Run,
    pub table: TableName,
    pub model: ModelName,
    pub version: String,
    pub scored_on: jiff::civil::Date,
    pub shards: u32,
    /// The rows that all shards together must have scored.
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishOutput {
    /// The document that readers follow.
    pub current: String,
    pub rows: u64,
    /// False when this very run was visible already, or a newer one is.
    pub changed: bool,
    /// What readers see now: it is another run's where a newer run was quicker.
    pub visible: VisibleFiles,
}

/// Where the visible files are, for whoever keeps a catalogue of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisibleFiles {
    pub run_id: RunId,
    /// The URI of their folder, which holds nothing else.
    pub location: String,
    pub rows: u64,
}

/// What readers of one model and day see: the document that publishing replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrentPredictions {
    pub table: String,
    pub model: ModelName,
    pub version: String,
    pub scored_on: jiff::civil::Date,
    pub run: Run,
    pub files: Vec<ObjectRef>,
    pub rows: u64,
    /// The run that was visible before: it can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Box<CurrentPredictions>>,
}
