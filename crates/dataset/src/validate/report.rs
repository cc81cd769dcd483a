//! What a validation found, as data.

use jiff::Timestamp;
use millrace_contract::ColumnType;
use millrace_contract::stages::{DataVerdict, Purpose};
use serde::{Deserialize, Serialize};

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityReport {
    pub contract: String,
    pub contract_version: u32,
    pub data: String,
    pub purpose: Purpose,
    pub checked_at: Timestamp,
    pub verdict: DataVerdict,
    /// Why the data was refused; empty if it was not.
    pub refusals: Vec<Refusal>,
    pub quality_score: f64,
    pub minimum_quality: f64,
    pub families: Families,
    pub files: u64,
    /// Files of no known kind, which were not read.
    pub ignored_files: Vec<String>,
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    pub columns: Vec<ColumnReport>,
    pub rules: Vec<RuleReport>,
    pub uniqueness: UniquenessReport,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<FreshnessReport>,
    /// Columns that the contract does not have.
    pub extra_columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// What is worth knowing and no reason to refuse.
    pub notes: Vec<String>,
}

/// A reason to refuse the data, with a name that a state machine can use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    pub name: RefusalName,
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RefusalName {
    MissingColumn,
    WrongType,
    UnexpectedColumn,
    NoTarget,
    TooMuchMissing,
    TooManyBadRows,
    Stale,
    LowQuality,
}

/// A score in [0, 1] per family of checks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Families {
    pub completeness: f64,
    pub validity: f64,
    pub consistency: f64,
    pub uniqueness: f64,
    pub freshness: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnReport {
    pub name: String,
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    pub nullable: bool,
    pub missing: u64,
    /// Values that are there and not valid.
    pub invalid: u64,
    pub problems: Vec<ColumnProblem>,
    /// Some of the values that are not valid; of ids none.
    pub examples: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnProblem {
    pub problem: String,
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleReport {
    pub name: String,
    pub expression: String,
    pub violated: u64,
    /// Rows in which a value that decides is missing: not held against them.
    pub unknown: u64,
}

/// Rows after the first of their kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UniquenessReport {
    /// Rows with the id of an earlier row, and other values.
    pub repeated_ids: u64,
    /// Rows that equal an earlier row in every column.
    pub repeated_rows: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreshnessReport {
    /// Of the days that are possible.
    pub newest_day: String,
    /// This share of the rows is of `bulk_day` or earlier.
    #[serde(default)]
    pub quantile: f64,
    #[serde(default)]
    pub bulk_day: String,
    /// From `bulk_day` to the day of the run, in UTC; negative for tomorrow.
    pub age_days: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_age_days: Option<u32>,
}

/// Against the profile of earlier data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    pub reference_rows: u64,
    /// Columns that the reference had and this data has not.
    pub missing_columns: Vec<String>,
    /// Columns that this data has and the reference had not.
    pub new_columns: Vec<String>,
    /// The columns of numbers, the most moved first.
    pub shifts: Vec<Shift>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    pub column: String,
    pub reference_mean: f64,
    pub mean: f64,
    /// How far the mean moved, in deviations of the reference; absent where that was constant.
    pub deviations: Option<f64>,
}

impl QualityReport {
    /// The report as it may be printed: examples are values of customers, and stay in the object.
    pub fn without_examples(&self) -> QualityReport {
        let mut report = self.clone();
        for column in &mut report.columns {
            column.examples.clear();
        }
        report
    }

    pub fn is_accepted(&self) -> bool {
        self.verdict == DataVerdict::Accepted
    }

    /// Why the data was refused, one sentence each.
    pub fn reasons(&self) -> Vec<String> {
        let sentence = |refusal: &Refusal| format!("{:?}: {}", refusal.name, refusal.detail);
        self.refusals.iter().map(sentence).collect()
    }
}
