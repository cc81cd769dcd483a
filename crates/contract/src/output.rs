//! The columns of the tables that are published, in one place: Parquet, SQL and Glue follow it.

use serde::{Deserialize, Serialize};

use crate::contract::{ColumnType, Contract};
use crate::spec::{Reasons, Spec};

/// A column of a published table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub output_type: OutputType,
}

/// The few types that are published; each has a Parquet and an Athena form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputType {
    Text,
    Integer,
    Double,
    Boolean,
    /// Milliseconds since 1970, in UTC.
    Timestamp,
    Date,
}

/// The columns of the table that a model's scores are published to, in their order.
pub fn score_columns(spec: &Spec, contract: &Contract) -> Vec<OutputColumn> {
    let column = |name: &str, output_type| OutputColumn {
        name: name.to_owned(),
        output_type,
    };
    let mut columns = Vec::new();
    if let Some(id) = contract.id() {
        let whole = contract
            .columns
            .get(id)
            .is_some_and(|c| c.column_type == ColumnType::Integer);
        columns.push(column(
            id,
            // A pseudonym is text, whatever it stands for.
            if whole && !spec.scores.pseudonymise_ids {
                OutputType::Integer
            } else {
                OutputType::Text
            },
        ));
    }
    let scores = &spec.scores;
    columns.push(column(&scores.column, OutputType::Double));
    columns.extend(
        scores
            .confidence
            .iter()
            .map(|c| column(&c.column, OutputType::Double)),
    );
    columns.extend(
        scores
            .tiers
            .iter()
            .map(|t| column(&t.column, OutputType::Text)),
    );
    columns.extend(
        scores
            .label
            .iter()
            .map(|l| column(&l.column, OutputType::Text)),
    );
    if let Some(inverse) = &scores.inverse {
        columns.push(column(&inverse.column, OutputType::Double));
        columns.push(column(&inverse.tiers.column, OutputType::Text));
    }
    if let Some(interval) = &scores.interval {
        columns.push(column(&interval.low, OutputType::Double));
        columns.push(column(&interval.high, OutputType::Double));
    }
    for (name, effect) in scores.reasons.into_iter().flat_map(Reasons::columns) {
        columns.push(column(&name, OutputType::Text));
        columns.push(column(&effect, OutputType::Double));
    }
    columns.push(column("model_name", OutputType::Text));
    columns.push(column("model_version", OutputType::Text));
    columns.push(column("scored_at", OutputType::Timestamp));
    columns.push(column("run_id", OutputType::Text));
    columns
}
