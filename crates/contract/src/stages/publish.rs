//! Making scores visible: one change of one small document, which says whose scores are served.

use serde::{Deserialize, Serialize};

use super::Run;
use crate::names::{ModelName, RunId, TableName};

/// The run whose shards are published: what they left says which files there are.
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
    pub served: String,
    pub rows: u64,
    /// False when this very run was shown already or was taken back, or when a newer one is shown.
    pub changed: bool,
    /// What readers see now: it is another run's where a newer run was quicker.
    pub visible: VisibleRows,
}

/// The rows that readers of one model and day see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisibleRows {
    pub run_id: RunId,
    /// None where the run was taken back and nothing took its place.
    pub rows: u64,
}
