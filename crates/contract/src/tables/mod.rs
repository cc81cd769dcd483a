//! The tables that analysts read, in one place: what is written, SQL here and the Glue catalogue follow it.
//!
//! Scores have a table for every name that a spec gives; the other tables are the same everywhere. The
//! scores of all runs are the table `<name>_by_run`; `<name>` itself is a view of those that are served.
//! `infra/tables.json` is this list, written for the specs of `models/`; a test fails when the two differ.

mod rows;
mod served;

use serde::Serialize;

use crate::contract::Contract;
use crate::names::{ModelName, RunId};
use crate::output::{OutputColumn, OutputType, score_columns};
use crate::spec::Spec;

pub use rows::{DataQualityRow, GateVerdictRow, ModelVersionRow, RunRow, TableTime, lines};
pub use served::{SERVED, ServedDay, ServedRun};

/// The views of `sql/views`, in the order in which they can be made.
pub const VIEWS: [&str; 4] = [
    "current_predictions",
    "latest_per_customer",
    "tier_counts",
    "churn_list",
];

/// A table of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    pub name: String,
    /// One sentence, for whoever sees it in a catalogue.
    pub description: String,
    /// Its files lie below `tables/<folder>/`.
    pub folder: String,
    pub format: TableFormat,
    pub columns: Vec<TableColumn>,
    /// What its folders are named after: `<key>=<value>`.
    pub partition_keys: Vec<TableColumn>,
}

/// What readers of a score table ask: the rows of the runs that are served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    pub name: String,
    pub description: String,
    pub sql: String,
    pub columns: Vec<TableColumn>,
}

/// Everything that can be asked, but for the views of `sql/views`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Catalogue {
    pub tables: Vec<Table>,
    pub views: Vec<View>,
}

/// How the files of a table are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TableFormat {
    Parquet,
    /// A JSON document on each line, with every column in it, null where there is no value.
    JsonLines,
}

/// A column by its name and type in Athena.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub athena_type: &'static str,
}

/// Two specs publish to one table and do not agree on its columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the table `{table}` has other columns for `{model}` than for the models before it: name another table"
)]
pub struct TableConflict {
    pub table: String,
    pub model: String,
}

impl OutputType {
    /// The name of the type in Athena and in the Glue catalogue.
    pub fn athena_type(self) -> &'static str {
        match self {
            OutputType::Text => "string",
            OutputType::Integer => "bigint",
            OutputType::Double => "double",
            OutputType::Boolean => "boolean",
            OutputType::Timestamp => "timestamp",
            OutputType::Date => "date",
        }
    }
}

/// Every table: those of the specs' scores first, in their order.
pub fn catalogue<'a>(
    models: impl IntoIterator<Item = (&'a Spec, &'a Contract)>,
) -> Result<Catalogue, TableConflict> {
    let mut tables: Vec<Table> = Vec::new();
    for (spec, contract) in models {
        let table = scores(spec, contract);
        match tables.iter().find(|known| known.name == table.name) {
            None => tables.push(table),
            Some(known) if *known == table => {}
            Some(_) => {
                return Err(TableConflict {
                    table: table.folder,
                    model: spec.name.to_string(),
                });
            }
        }
    }
    let views = tables.iter().map(View::served).collect();
    tables.extend(always());
    Ok(Catalogue { tables, views })
}

/// The tables that are there whatever the specs.
pub fn always() -> Vec<Table> {
    vec![
        served::served(),
        rows::runs(),
        rows::model_versions(),
        rows::gate_verdicts(),
        rows::data_quality(),
        quarantine(),
    ]
}

/// The table that has the scores of all runs, of which `table` shows those that are served.
pub fn by_run(table: &str) -> String {
    format!("{table}_by_run")
}

/// The folder of a model's scores for a day, whichever run made them.
pub fn scores_folder(table: &str, model: &ModelName, scored_on: jiff::civil::Date) -> String {
    format!("tables/{table}/model={model}/scored_on={scored_on}")
}

/// The folder of one run in it.
pub fn run_folder(
    table: &str,
    model: &ModelName,
    scored_on: jiff::civil::Date,
    run_id: &RunId,
) -> String {
    format!("{}/run={run_id}", scores_folder(table, model, scored_on))
}

/// The columns of the rows that validation put aside, whatever the data; the rows themselves with all
/// their columns lie in the run's folder.
pub fn quarantine_columns() -> Vec<OutputColumn> {
    named(&[
        ("run_id", OutputType::Text),
        ("contract", OutputType::Text),
        ("checked_at", OutputType::Timestamp),
        ("file", OutputType::Text),
        ("row_in_file", OutputType::Integer),
        ("id", OutputType::Text),
        ("reasons", OutputType::Text),
        ("rows_object", OutputType::Text),
    ])
}

fn scores(spec: &Spec, contract: &Contract) -> Table {
    let table = &spec.scores.table;
    Table {
        partition_keys: in_athena(named(&[
            ("model", OutputType::Text),
            ("scored_on", OutputType::Date),
        ])),
        folder: table.clone(),
        ..Table::new(
            &by_run(table),
            "The scores of every run, served or not, by model and day.",
            TableFormat::Parquet,
            score_columns(spec, contract),
        )
    }
}

impl View {
    /// The runs that are served join with their rows; a reader never sees two runs of a model and day.
    fn served(table: &Table) -> View {
        let name = &table.folder;
        let columns: Vec<TableColumn> = table
            .columns
            .iter()
            .chain(&table.partition_keys)
            .cloned()
            .collect();
        let selected: Vec<String> = columns
            .iter()
            .map(|column| format!("    p.{}", column.name))
            .collect();
        View {
            name: name.clone(),
            description: "The scores that are served, by model and day.".into(),
            sql: format!(
                "SELECT\n{}\nFROM {} p\nJOIN {SERVED} s\n    ON s.table_name = '{name}'\n    AND s.model = p.model\n    AND s.scored_on = p.scored_on\n    AND s.run_id = p.run_id",
                selected.join(",\n"),
                table.name,
            ),
            columns,
        }
    }
}

fn quarantine() -> Table {
    Table::new(
        "quarantine",
        "The rows that validation put aside, with the reasons.",
        TableFormat::Parquet,
        quarantine_columns(),
    )
}

impl Table {
    fn new(
        name: &str,
        description: &str,
        format: TableFormat,
        columns: Vec<OutputColumn>,
    ) -> Table {
        Table {
            name: name.to_owned(),
            description: description.to_owned(),
            folder: name.to_owned(),
            format,
            columns: in_athena(columns),
            partition_keys: Vec::new(),
        }
    }
}

fn named(columns: &[(&str, OutputType)]) -> Vec<OutputColumn> {
    let column = |(name, output_type): &(&str, OutputType)| OutputColumn {
        name: (*name).to_owned(),
        output_type: *output_type,
    };
    columns.iter().map(column).collect()
}

fn in_athena(columns: Vec<OutputColumn>) -> Vec<TableColumn> {
    let column = |column: OutputColumn| TableColumn {
        name: column.name,
        athena_type: column.output_type.athena_type(),
    };
    columns.into_iter().map(column).collect()
}
