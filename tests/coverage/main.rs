//! Intervals hold the truth of as many rows as they promise, on tables on which it is hard to promise anything:
//! few rows, many columns of noise, noise that differs from row to row.
//!
//! Each table is drawn many times. The training stage learns from it, and its intervals are measured on fresh
//! rows, which it never had. Both sides are tested: an interval that is too wide keeps no promise either.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod learn;
mod table;

use std::collections::BTreeMap;

use learn::{Measured, learn};
use table::Table;

/// How often each table is drawn.
const DRAWS: u64 = 120;
/// How many standard errors a mean over the draws may be off: more by chance once in 15,000 comparisons.
const STANDARD_ERRORS: f64 = 4.0;
/// What may go wrong unseen: a tolerance that is wider than this would show nothing.
const WIDEST_TOLERANCE: f64 = 0.027;

/// All that was measured of an interval, over the draws.
#[derive(Default)]
struct Shares {
    fresh: Vec<f64>,
    reported_too_much: Vec<f64>,
}

#[test]
fn few_rows() {
    keeps_its_promise(&Table::FEW_ROWS);
}

#[test]
fn few_rows_and_many_columns_of_noise() {
    keeps_its_promise(&Table::WIDE);
}

#[test]
fn much_noise() {
    keeps_its_promise(&Table::NOISY);
}

/// The promise is about all rows. Where noise differs it is not kept for each kind of row: docs/MODELS.md says so.
#[test]
fn noise_that_differs_from_row_to_row() {
    let all = keeps_its_promise(&Table::UNEVEN);
    let mean = |share: fn(&Measured) -> f64| mean(&all.iter().map(share).collect::<Vec<_>>());
    let (quiet, loud) = (mean(|m| m.of_quiet_rows), mean(|m| m.of_loud_rows));
    assert!(quiet > 0.93 && loud < 0.87, "{quiet} and {loud}");
}

/// The measures of all draws, after their intervals were held to their promises.
fn keeps_its_promise(table: &Table) -> Vec<Measured> {
    let all = draws(table);
    let mut by_promise: BTreeMap<u64, Shares> = BTreeMap::new();
    for interval in all.iter().flat_map(|measured| &measured.intervals) {
        let shares = by_promise.entry(interval.promised.to_bits()).or_default();
        shares.fresh.push(interval.of_fresh_rows);
        shares
            .reported_too_much
            .push(interval.reported - interval.of_fresh_rows);
    }
    let mut broken = Vec::new();
    for (promised, shares) in &by_promise {
        let promised = f64::from_bits(*promised);
        assert_eq!(shares.fresh.len(), all.len(), "{promised} in some draws");
        let tolerance = STANDARD_ERRORS * standard_error(&shares.fresh);
        let measured = mean(&shares.fresh);
        let off = mean(&shares.reported_too_much);
        let line = format!(
            "{}: {promised} promised, {measured:.4} measured, {tolerance:.4} is chance, the report is {off:.4} off",
            table.name
        );
        println!("{line}");
        assert!(promised < 0.9 || tolerance < WIDEST_TOLERANCE, "{line}");
        // An interval ends at one of the rows that calibrate, so it may hold one row more.
        let most = promised + 1.0 / (all[0].calibration_rows as f64 + 1.0);
        let is_kept = measured > promised - tolerance && measured < most + tolerance;
        let is_honest = off.abs() < STANDARD_ERRORS * standard_error(&shares.reported_too_much);
        if !is_kept || !is_honest {
            broken.push(line);
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    let promises: Vec<f64> = by_promise
        .keys()
        .map(|bits| f64::from_bits(*bits))
        .collect();
    assert_eq!(
        promises,
        [0.5, 0.8, 0.9, 0.95],
        "99 of 100 need 99 rows to calibrate on"
    );
    all
}

/// Half of the draws on each of two threads.
fn draws(table: &Table) -> Vec<Measured> {
    std::thread::scope(|scope| {
        let halves = [0, 1].map(|first| {
            scope.spawn(move || {
                (first..DRAWS)
                    .step_by(2)
                    .map(|seed| learn(table, seed))
                    .collect::<Vec<_>>()
            })
        });
        halves
            .into_iter()
            .flat_map(|half| half.join().unwrap())
            .collect()
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn standard_error(values: &[f64]) -> f64 {
    let (mean, count) = (mean(values), values.len() as f64);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0) / count).sqrt()
}
