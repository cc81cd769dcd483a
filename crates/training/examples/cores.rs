//! Measures how the cores are best split between fits side by side and threads of one fit.
//!
//! `cargo run --release -p millrace-training --example cores -- 100000 50`
//! takes the rows of generated customers and the rounds of each fit. Every split of the cores trains the same
//! fits: depths 3, 6 and 9, with all rows and columns and with 0.8 of them, twice each.

mod common;

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use common::{Rows, booster, customers, matrix};
use xgb::DMatrix;

#[derive(Clone, Copy)]
struct Fit {
    depth: u32,
    share: f64,
    rounds: i32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().as_deref().unwrap_or("100000").parse()?;
    let rounds: i32 = arguments.next().as_deref().unwrap_or("50").parse()?;
    let customers = customers(rows, 42, 1.0)?;
    let rows = customers.training;
    // The costliest first, as the search does it.
    let fits: Vec<Fit> = [9, 6, 3]
        .into_iter()
        .flat_map(|depth| {
            [1.0, 0.8, 1.0, 0.8].map(|share| Fit {
                depth,
                share,
                rounds,
            })
        })
        .collect();
    let cores = std::thread::available_parallelism()?.get();
    println!(
        "{} rows x {} columns, {} fits of {rounds} rounds, {cores} cores",
        rows.matrix.rows(),
        rows.matrix.columns(),
        fits.len()
    );
    println!("fits side by side  threads of each  seconds");
    for side_by_side in (1..=cores).filter(|count| cores.is_multiple_of(*count)) {
        let threads = cores / side_by_side;
        let seconds = time(&rows, &fits, side_by_side, threads)?;
        println!("{side_by_side:17}  {threads:15}  {seconds:7.1}");
    }
    Ok(())
}

/// Trains all the fits; each worker has its own copy of the rows, as in the search.
fn time(rows: &Rows, fits: &[Fit], workers: usize, threads: usize) -> Result<f64, Box<dyn Error>> {
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Result<(), String> {
            let matrix = matrix(rows, rows.matrix.rows()).map_err(|error| error.to_string())?;
            while let Some(fit) = fits.get(next.fetch_add(1, Ordering::Relaxed)) {
                train(&matrix, *fit, threads).map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        let started: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        started.into_iter().try_for_each(|worker| {
            let ended = worker.join();
            ended.unwrap_or_else(|_| Err("a worker stopped".into()))
        })
    })?;
    Ok(start.elapsed().as_secs_f64())
}

fn train(matrix: &DMatrix, fit: Fit, threads: usize) -> Result<(), xgb::XGBError> {
    let mut booster = booster(matrix, fit.depth, fit.share, threads)?;
    (0..fit.rounds).try_for_each(|round| booster.update(matrix, round))
}
