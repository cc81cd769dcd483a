//! Whose scores readers see: `tables/served/<model>.json`, a line for each table and day.
//!
//! The files of all runs stay where they were written; a run is shown by being named here, and no other
//! way. The view of a score table joins its rows with these lines.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Table, TableFormat, TableTime, named};
use crate::names::ModelName;
use crate::output::OutputType;
use crate::stages::Run;

/// The name of the table, and of its folder.
pub const SERVED: &str = "served";

/// A run whose scores are shown, or were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServedRun {
    pub run: Run,
    pub version: String,
    pub rows: u64,
}

/// One line: what is shown of a table and a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Line", into = "Line")]
pub struct ServedDay {
    pub table: String,
    pub model: ModelName,
    pub scored_on: Date,
    /// Nothing where the scores were taken back.
    pub shown: Option<ServedRun>,
    /// What was shown before, the newest first: it can be shown again.
    pub replaced: Vec<ServedRun>,
}

/// The form on disk: its first fields are the columns of the table.
#[derive(Clone, Serialize, Deserialize)]
struct Line {
    table_name: String,
    model: ModelName,
    scored_on: Date,
    run_id: Option<crate::RunId>,
    version: Option<String>,
    rows: Option<u64>,
    started_at: Option<TableTime>,
    replaced: Vec<ServedRun>,
}

impl From<ServedDay> for Line {
    fn from(day: ServedDay) -> Line {
        let shown = day.shown.as_ref();
        Line {
            table_name: day.table,
            model: day.model,
            scored_on: day.scored_on,
            run_id: shown.map(|shown| shown.run.run_id.clone()),
            version: shown.map(|shown| shown.version.clone()),
            rows: shown.map(|shown| shown.rows),
            started_at: shown.map(|shown| TableTime(shown.run.started_at)),
            replaced: day.replaced,
        }
    }
}

impl TryFrom<Line> for ServedDay {
    type Error = &'static str;

    /// A line with only a part of a run is damaged: taken for nothing shown, it would hide scores.
    fn try_from(line: Line) -> Result<ServedDay, &'static str> {
        let shown = match (line.run_id, line.version, line.rows, line.started_at) {
            (Some(run_id), Some(version), Some(rows), Some(started_at)) => Some(ServedRun {
                run: Run {
                    run_id,
                    started_at: started_at.0,
                },
                version,
                rows,
            }),
            (None, None, None, None) => None,
            _ => return Err("a line has some of run_id, version, rows and started_at, not all"),
        };
        Ok(ServedDay {
            table: line.table_name,
            model: line.model,
            scored_on: line.scored_on,
            shown,
            replaced: line.replaced,
        })
    }
}

pub(super) fn served() -> Table {
    Table::new(
        SERVED,
        "Whose scores readers see, for each table, model and day.",
        TableFormat::JsonLines,
        named(&[
            ("table_name", OutputType::Text),
            ("model", OutputType::Text),
            ("scored_on", OutputType::Date),
            ("run_id", OutputType::Text),
            ("version", OutputType::Text),
            ("rows", OutputType::Integer),
            ("started_at", OutputType::Timestamp),
        ]),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::tables::lines;

    fn run(id: &str) -> ServedRun {
        ServedRun {
            run: Run {
                run_id: id.parse().unwrap(),
                started_at: "2026-11-01T06:00:00.25Z".parse().unwrap(),
            },
            version: "v1.0.0".into(),
            rows: 10,
        }
    }

    #[test]
    fn a_line_has_the_columns_of_the_table_and_is_read_back() {
        let mut day = ServedDay {
            table: "predictions".into(),
            model: "engagement".parse().unwrap(),
            scored_on: jiff::civil::date(2026, 11, 1),
            shown: Some(run("r2")),
            replaced: vec![run("r1")],
        };
        for shown in [Some(run("r2")), None] {
            day.shown = shown;
            let text = lines(std::slice::from_ref(&day)).unwrap();
            let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
            let mut fields: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            assert_eq!(fields.pop().unwrap(), "replaced");
            let columns: Vec<String> = served().columns.into_iter().map(|c| c.name).collect();
            assert_eq!(fields, columns);
            assert_eq!(serde_json::from_slice::<ServedDay>(&text).unwrap(), day);
        }
    }

    #[test]
    fn a_part_of_a_run_is_no_line() {
        let day = ServedDay {
            table: "predictions".into(),
            model: "engagement".parse().unwrap(),
            scored_on: jiff::civil::date(2026, 11, 1),
            shown: Some(run("r2")),
            replaced: Vec::new(),
        };
        for lacking in ["run_id", "version", "rows", "started_at"] {
            let mut line = serde_json::to_value(&day).unwrap();
            line[lacking] = serde_json::Value::Null;
            assert!(
                serde_json::from_value::<ServedDay>(line).is_err(),
                "{lacking}"
            );
        }
    }
}
