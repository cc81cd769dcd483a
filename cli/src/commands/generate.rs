//! `millrace generate`: a made-up table whose truth is known.

use std::io;
use std::time::Instant;

use millrace_contract::Contract;
use millrace_contract::stages::{Listener, Progress};
use millrace_generator::{Best, Options, Summary, Table, TargetSummary};
use millrace_store::{Key, Store, StoreError};
use serde_json::json;

use crate::arguments::{Generate, Shared};
use crate::failure::{Failure, Outcome};
use crate::out;
use crate::progress::Display;
use crate::text;

pub fn run(shared: &Shared, options: &Generate) -> Outcome {
    let began = Instant::now();
    let wanted = Options {
        table: options.table,
        rows: options.rows,
        seed: options.seed,
        date: options.date,
        days: options.days,
        missing: options.missing,
        outliers: options.outliers,
        bias: options.bias.clone(),
        shift: options.shift.clone(),
        ..Options::default()
    };
    let out = Store::open(&options.out)?;
    let summary = write(shared, &wanted, &out)?;
    if shared.json {
        out::line(document(&summary, &options.out));
    } else if !shared.quiet {
        out::text(describe(&summary, &options.out, began.elapsed()));
    }
    Ok(())
}

/// Generates into a place that holds nothing yet: data of two makings must not mix.
pub fn write(shared: &Shared, wanted: &Options, out: &Store) -> Result<Summary, Failure> {
    if !out.list("")?.is_empty() {
        let message = format!(
            "{} is not empty: choose another place, or empty it first",
            out.uri()
        );
        return Err(Failure::new("FolderNotEmpty", message));
    }
    let table: Table = wanted.table;
    let contract = Contract::parse(table.contract_toml(), table.as_str())?;
    let display = Display::new(shared);
    let total = wanted.rows.unwrap_or(100_000);
    let progress = |done: u64| display.hear(Progress::Rows { done, total });
    let mut refused: Option<StoreError> = None;
    let mut put = |path: &str, bytes: Vec<u8>| {
        let written = Key::new(path).and_then(|key| out.put(&key, bytes));
        written.map(drop).map_err(|error| {
            let shown = io::Error::other(error.to_string());
            refused = Some(error);
            shown
        })
    };
    let made = millrace_generator::generate(wanted, &contract, &mut put, &progress);
    display.clear();
    match refused {
        Some(error) => Err(error.into()),
        None => Ok(made?),
    }
}

/// What was generated, for a person.
pub fn describe(summary: &Summary, out: &str, took: std::time::Duration) -> String {
    let days = match summary.first_date == summary.last_date {
        true => format!("{}", summary.first_date),
        false => format!("{} to {}", summary.first_date, summary.last_date),
    };
    let targets: String = summary.targets.iter().map(target_line).collect();
    format!(
        "{} rows x {} columns of {} for {days} in {} ({} files)\n{targets}\
         {} values missing, {} extreme\nwritten to {out}\n",
        text::count(summary.rows),
        summary.columns,
        summary.table,
        text::duration(took),
        summary.files.len(),
        text::count(summary.missing_values),
        text::count(summary.outlier_values),
    )
}

/// What is known of a target, and how well it can be predicted.
fn target_line(target: &TargetSummary) -> String {
    let TargetSummary { name, mean, .. } = target;
    match target.best {
        Best::R2 { r2, rmse } => {
            let (few, more) = if mean.abs() < 10.0 { (3, 4) } else { (2, 2) };
            format!(
                "{name}: mean {mean:.few$}, deviation {:.few$}; no model can expect more than R2 {r2:.4} (RMSE {rmse:.more$})\n",
                target.deviation
            )
        }
        Best::Auc(Some(auc)) => format!(
            "{name}: {:.1} of 100 rows are 1; no model can expect more than AUC {auc:.4}\n",
            100.0 * mean
        ),
        Best::Auc(None) => format!("{name}: all rows are {mean}; there is nothing to tell apart\n"),
    }
}

fn document(summary: &Summary, out: &str) -> serde_json::Value {
    let targets: Vec<serde_json::Value> = summary.targets.iter().map(target_document).collect();
    json!({
        "event": "generated",
        "table": summary.table.as_str(),
        "out": out,
        "rows": summary.rows,
        "columns": summary.columns,
        "files": summary.files.len(),
        "first_date": summary.first_date,
        "last_date": summary.last_date,
        "missing_values": summary.missing_values,
        "outlier_values": summary.outlier_values,
        "targets": targets,
    })
}

fn target_document(target: &TargetSummary) -> serde_json::Value {
    let (r2, rmse, auc) = match target.best {
        Best::R2 { r2, rmse } => (Some(r2), Some(rmse), None),
        Best::Auc(auc) => (None, None, auc),
    };
    json!({
        "name": target.name,
        "mean": target.mean,
        "deviation": target.deviation,
        "best_possible_r2": r2,
        "best_possible_rmse": rmse,
        "best_possible_auc": auc,
    })
}
