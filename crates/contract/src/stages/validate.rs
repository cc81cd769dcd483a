//! Checking a data set before anything is learned from it or scored.

use serde::{Deserialize, Serialize};

use super::{Documents, Run};
use crate::artifact::{Digest, ObjectRef};

/// What the data is for: training needs the target, scoring does not and takes extra columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Training,
    Scoring,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidateInput {
    pub run: Run,
    pub documents: Documents,
    /// Where the rows are: a path or URI.
    pub data: String,
    pub purpose: Purpose,
    /// The profile of earlier data to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ObjectRef>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidateOutput {
    pub verdict: DataVerdict,
    pub quality_score: f64,
    /// Why the data was refused, in words.
    pub reasons: Vec<String>,
    pub data_digest: Digest,
    /// The list of the files that were read: later stages read these bytes, or nothing.
    pub data_files: ObjectRef,
    /// How many files the rows lie in.
    pub files: u32,
    /// All bytes of all files.
    #[serde(default)]
    pub bytes: u64,
    /// How many files and row groups of large files there are: more shards than that would have nothing to do.
    #[serde(default)]
    pub pieces: u64,
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    /// The whole report.
    pub report: ObjectRef,
    /// The profile of every column.
    pub profile: ObjectRef,
    /// Which rows later stages leave out; absent when every row is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusions: Option<ObjectRef>,
    /// The bad rows with their reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<ObjectRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataVerdict {
    Accepted,
    Refused,
}
