//! The whole of it: days, blocks of rows drawn side by side, one file per day.

use millrace_contract::Contract;
use rayon::prelude::*;

use crate::damage::damage;
use crate::error::GenerateError;
use crate::options::Options;
use crate::prepare::{BLOCK_ROWS, Day, Prepared};
use crate::random::Place;
use crate::sink::Sink;
use crate::summary::{File, Summary};
use crate::totals::{Counts, Sums, Totals};
use crate::write::{DayFile, ROW_GROUP_ROWS};

/// Rows that are ready to be written.
pub(crate) struct Block {
    pub first_id: u64,
    pub rows: u64,
    pub columns: Vec<Vec<f64>>,
    pub targets: Vec<Vec<f64>>,
}

/// Generates a table that keeps its contract and hands each day's file to the sink, under
/// `<date column>=YYYY-MM-DD/part-000.parquet`. `progress` is told the number of rows done so far.
///
/// The bytes depend on the options and the contract alone. Work is shared among the threads of the current
/// rayon pool.
pub fn generate(
    options: &Options,
    contract: &Contract,
    sink: &mut dyn Sink,
    progress: &dyn Fn(u64),
) -> Result<Summary, GenerateError> {
    let prepared = Prepared::new(options, contract)?;
    let mut totals = Totals::new(prepared.population.targets());
    let mut files = Vec::with_capacity(prepared.days.len());
    for day in &prepared.days {
        let path = format!("{}={}/part-000.parquet", prepared.partition, day.date);
        let bytes = write_day(&prepared, day, &path, &mut totals, progress)?;
        files.push(File {
            path: path.clone(),
            rows: day.rows,
            bytes: bytes.len() as u64,
        });
        sink.put(&path, bytes)
            .map_err(|source| GenerateError::WriteFailed { path, source })?;
    }
    Ok(summarize(options, contract, &prepared, files, &totals))
}

fn write_day(
    prepared: &Prepared,
    day: &Day,
    path: &str,
    totals: &mut Totals,
    progress: &dyn Fn(u64),
) -> Result<Vec<u8>, GenerateError> {
    let failed = |source| GenerateError::EncodingFailed {
        path: path.to_owned(),
        source,
    };
    let mut file = DayFile::new(prepared).map_err(failed)?;
    let mut first_row = 0;
    while first_row < day.rows {
        let end = (first_row + ROW_GROUP_ROWS).min(day.rows);
        let starts: Vec<u64> = (first_row..end).step_by(BLOCK_ROWS as usize).collect();
        let drawn: Vec<(Block, Counts)> = starts
            .into_par_iter()
            .map(|start| draw(prepared, day, start, (end - start).min(BLOCK_ROWS)))
            .collect();
        let mut blocks = Vec::with_capacity(drawn.len());
        for (block, counts) in drawn {
            totals.add(&counts);
            blocks.push(block);
        }
        file.append(prepared, &blocks).map_err(failed)?;
        progress(totals.rows);
        first_row = end;
    }
    file.finish().map_err(failed)
}

fn draw(prepared: &Prepared, day: &Day, first_row: u64, rows: u64) -> (Block, Counts) {
    let place = Place {
        seed: prepared.seed,
        day: day.index,
        block: first_row / BLOCK_ROWS,
    };
    let population = &prepared.population;
    let mut truth = population.draw(place, rows as usize, &prepared.world);
    let damaged = damage(&mut truth.columns, prepared, place);
    let plans = population.targets().iter();
    let counts = Counts {
        rows,
        missing: damaged.missing,
        outliers: damaged.outliers,
        targets: plans
            .zip(&truth.targets)
            .map(|(plan, drawn)| Sums::of(plan.measure, drawn))
            .collect(),
    };
    let block = Block {
        first_id: day.first_id + first_row,
        rows,
        columns: truth.columns,
        targets: truth
            .targets
            .into_iter()
            .map(|drawn| drawn.values)
            .collect(),
    };
    (block, counts)
}

fn summarize(
    options: &Options,
    contract: &Contract,
    prepared: &Prepared,
    files: Vec<File>,
    totals: &Totals,
) -> Summary {
    let date = |day: Option<&Day>| day.map_or(options.date, |day| day.date);
    Summary {
        table: options.table,
        files,
        rows: totals.rows,
        columns: contract.columns.len(),
        first_date: date(prepared.days.first()),
        last_date: date(prepared.days.last()),
        missing_values: totals.missing,
        outlier_values: totals.outliers,
        targets: totals.targets(),
    }
}
