//! The tables that grow by a few rows with each run: their rows are JSON lines, so that a function which
//! writes one needs no data frames. A struct's fields are its table's columns, in their order.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{Table, TableFormat, named};
use crate::names::{ModelName, RunId};
use crate::output::OutputType::{Double, Integer, Text, Timestamp};

/// A time as Athena's JSON reader understands it: `2026-11-01 06:00:00.000`, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableTime(pub jiff::Timestamp);

impl Serialize for TableTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.strftime("%Y-%m-%d %H:%M:%S%.3f"))
    }
}

const TIME: &str = "%Y-%m-%d %H:%M:%S%.f";

impl<'de> Deserialize<'de> for TableTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = jiff::civil::DateTime::strptime(TIME, &text).map_err(D::Error::custom)?;
        let utc = time
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_err(D::Error::custom)?;
        Ok(TableTime(utc.timestamp()))
    }
}

/// How a run ended: `tables/runs/<run>.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRow {
    pub run_id: RunId,
    /// `training` or `inference`.
    pub kind: String,
    pub model: ModelName,
    pub data: String,
    pub started_at: TableTime,
    pub ended_at: TableTime,
    /// `succeeded` or `failed`.
    pub result: String,
    /// The state in which it failed.
    pub failed_stage: Option<String>,
    pub error: Option<String>,
    /// What came of it, or why it failed.
    pub summary: String,
}

/// A version as the registry knows it now: `tables/model_versions/<model>.json` holds all of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelVersionRow {
    pub model: ModelName,
    pub version: String,
    /// `candidate`, `staging`, `live`, `retired` or `rejected`.
    pub state: String,
    pub run_id: RunId,
    pub registered_at: TableTime,
    pub pruned_at: Option<TableTime>,
    /// The gates' decisions, `passed`, `blocked` or `insufficient_evidence`.
    pub quality: Option<String>,
    pub fairness: Option<String>,
    pub r2: Option<f64>,
    pub rmse: Option<f64>,
    pub mae: Option<f64>,
    /// Why it was rejected.
    pub reasons: String,
    /// What it learned from.
    pub data: Option<String>,
    pub data_digest: Option<String>,
    /// The revision of the registry's document that these rows show.
    pub revision: u64,
}

/// What a gate found on one subject: `tables/gate_verdicts/<run>/<gate>-<attempt>.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateVerdictRow {
    pub run_id: RunId,
    pub model: ModelName,
    pub judged_at: TableTime,
    pub gate: String,
    pub attempt: u32,
    /// The whole gate's decision.
    pub decision: String,
    /// The attribute or the threshold.
    pub subject: String,
    /// `pass`, `fail` or `insufficient_evidence`.
    pub outcome: String,
    pub value: Option<f64>,
    pub threshold: Option<f64>,
    pub detail: String,
}

/// What a validation found: `tables/data_quality/<run>.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataQualityRow {
    pub run_id: RunId,
    pub contract: String,
    pub data: String,
    /// `training` or `scoring`.
    pub purpose: String,
    pub checked_at: TableTime,
    /// `accepted` or `refused`.
    pub verdict: String,
    pub quality_score: f64,
    pub completeness: f64,
    pub validity: f64,
    pub consistency: f64,
    pub uniqueness: f64,
    pub freshness: f64,
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    /// Why it was refused.
    pub reasons: String,
    /// The key of the whole report.
    pub report: String,
}

/// The bytes of a file with these rows.
pub fn lines<Row: Serialize>(rows: &[Row]) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut bytes, row)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

pub(super) fn runs() -> Table {
    Table::new(
        "runs",
        "Every run that ended, and how.",
        TableFormat::JsonLines,
        named(&[
            ("run_id", Text),
            ("kind", Text),
            ("model", Text),
            ("data", Text),
            ("started_at", Timestamp),
            ("ended_at", Timestamp),
            ("result", Text),
            ("failed_stage", Text),
            ("error", Text),
            ("summary", Text),
        ]),
    )
}

pub(super) fn model_versions() -> Table {
    Table::new(
        "model_versions",
        "Every version of every model as the registry knows it now.",
        TableFormat::JsonLines,
        named(&[
            ("model", Text),
            ("version", Text),
            ("state", Text),
            ("run_id", Text),
            ("registered_at", Timestamp),
            ("pruned_at", Timestamp),
            ("quality", Text),
            ("fairness", Text),
            ("r2", Double),
            ("rmse", Double),
            ("mae", Double),
            ("reasons", Text),
            ("data", Text),
            ("data_digest", Text),
            ("revision", Integer),
        ]),
    )
}

pub(super) fn gate_verdicts() -> Table {
    Table::new(
        "gate_verdicts",
        "What the gates found, a row for each attribute or threshold.",
        TableFormat::JsonLines,
        named(&[
            ("run_id", Text),
            ("model", Text),
            ("judged_at", Timestamp),
            ("gate", Text),
            ("attempt", Integer),
            ("decision", Text),
            ("subject", Text),
            ("outcome", Text),
            ("value", Double),
            ("threshold", Double),
            ("detail", Text),
        ]),
    )
}

pub(super) fn data_quality() -> Table {
    Table::new(
        "data_quality",
        "What the validation of each run found.",
        TableFormat::JsonLines,
        named(&[
            ("run_id", Text),
            ("contract", Text),
            ("data", Text),
            ("purpose", Text),
            ("checked_at", Timestamp),
            ("verdict", Text),
            ("quality_score", Double),
            ("completeness", Double),
            ("validity", Double),
            ("consistency", Double),
            ("uniqueness", Double),
            ("freshness", Double),
            ("rows_read", Integer),
            ("rows_accepted", Integer),
            ("rows_quarantined", Integer),
            ("reasons", Text),
            ("report", Text),
        ]),
    )
}
