//! `millrace generate`: a made-up table whose truth is known.

use std::io;
use std::time::Instant;

use millrace_contract::Contract;
use millrace_contract::stages::{Listener, Progress};
use millrace_generator::{Options, Summary, Table};
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
    format!(
        "{} rows x {} columns of {} for {days} in {} ({} files)\n\
         target mean {:.3}, deviation {:.3}; no model can expect more than R2 {:.4} (RMSE {:.4})\n\
         {} values missing, {} extreme\n",
        text::count(summary.rows),
        summary.columns,
        summary.table,
        text::duration(took),
        summary.files.len(),
        summary.target_mean,
        summary.target_deviation,
        summary.best_possible_r2,
        summary.best_possible_rmse,
        text::count(summary.missing_values),
        text::count(summary.outlier_values),
    ) + &format!("written to {out}\n")
}

fn document(summary: &Summary, out: &str) -> serde_json::Value {
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
        "target_mean": summary.target_mean,
        "target_deviation": summary.target_deviation,
        "best_possible_r2": summary.best_possible_r2,
        "best_possible_rmse": summary.best_possible_rmse,
    })
}
