//! `millrace generate`: a made-up table whose truth is known.

use std::path::Path;
use std::time::Instant;

use millrace_contract::Contract;
use millrace_contract::stages::{Listener, Progress};
use millrace_generator::{Directory, Options, Summary, Table};
use serde_json::json;

use crate::arguments::{Generate, Shared};
use crate::failure::{Failure, Outcome};
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
    let summary = write(shared, &wanted, &options.out)?;
    if shared.json {
        println!("{}", document(&summary, &options.out));
    } else if !shared.quiet {
        print!("{}", describe(&summary, &options.out, began.elapsed()));
    }
    Ok(())
}

/// Generates into a folder that holds nothing yet: data of two makings must not mix.
pub fn write(shared: &Shared, wanted: &Options, out: &Path) -> Result<Summary, Failure> {
    let occupied = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        let message = format!(
            "the folder {} is not empty: choose another, or remove it first",
            out.display()
        );
        return Err(Failure::new("FolderNotEmpty", message));
    }
    let table: Table = wanted.table;
    let contract = Contract::parse(table.contract_toml(), table.as_str())?;
    let display = Display::new(shared);
    let total = wanted.rows.unwrap_or(100_000);
    let progress = |done: u64| display.hear(Progress::Rows { done, total });
    let made =
        millrace_generator::generate(wanted, &contract, &mut Directory(out.to_owned()), &progress);
    display.clear();
    Ok(made?)
}

/// What was generated, for a person.
pub fn describe(summary: &Summary, out: &Path, took: std::time::Duration) -> String {
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
    ) + &format!("written to {}\n", out.display())
}

fn document(summary: &Summary, out: &Path) -> serde_json::Value {
    json!({
        "event": "generated",
        "table": summary.table.as_str(),
        "out": out.display().to_string(),
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
