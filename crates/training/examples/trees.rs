//! Times a tree by its depth: grown here as a search does it, and by XGBoost, on one core, on the same rows.
//!
//! `cargo run --release -p millrace-training --example trees -- 100000 60`
//! takes the rows of generated customers and the trees of each fit.

mod common;

use std::error::Error;
use std::time::Instant;

use common::{Rows, booster, customers, matrix};
use millrace_contract::spec::{Search, Space, Strategy};
use millrace_training::{SearchRequest, SearchRows, Setup, Silent, search};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().as_deref().unwrap_or("100000").parse()?;
    let trees: u32 = arguments.next().as_deref().unwrap_or("60").parse()?;
    let rows = customers(rows, 42, 1.0)?.training;
    println!(
        "{} rows x {} columns, of which a fold learns from four fifths",
        rows.matrix.rows(),
        rows.matrix.columns()
    );
    println!("depth  rows and columns  here ms  XGBoost ms  ratio");
    for depth in [3, 6, 9] {
        for share in [1.0, 0.8] {
            // What comes before the first tree is in both and falls out.
            let here = (grown(&rows, depth, share, 10 + trees)? - grown(&rows, depth, share, 10)?)
                / f64::from(5 * trees);
            let there = by_xgboost(&rows, depth, share, trees)?;
            println!(
                "{depth:5}  {share:16}  {:7.2}  {:10.2}  {:5.2}",
                here * 1e3,
                there * 1e3,
                there / here
            );
        }
    }
    Ok(())
}

/// The seconds of a search with one candidate and five folds.
fn grown(rows: &Rows, depth: u32, share: f64, trees: u32) -> Result<f64, Box<dyn Error>> {
    let settings = Search {
        strategy: Strategy::Exhaustive,
        folds: 5,
        space: Space::default()
            .with("n_estimators", [trees])
            .with("max_depth", [depth])
            .with("learning_rate", [0.1])
            .with("subsample", [share])
            .with("colsample_bytree", [share]),
        ..Search::default()
    };
    let request = SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &rows.matrix,
            target: &rows.target,
        },
        setup: Setup::xgboost(&settings),
        attempt: 1,
        workers: 1,
    };
    let start = Instant::now();
    let outcome = search(&request, &Silent)?;
    match outcome.effort.fits_by_xgboost {
        0 => Ok(start.elapsed().as_secs_f64()),
        _ => Err("XGBoost had to grow the trees itself".into()),
    }
}

/// The seconds of a tree, on as many rows as a fold learns from.
fn by_xgboost(rows: &Rows, depth: u32, share: f64, trees: u32) -> Result<f64, Box<dyn Error>> {
    let learned = rows.matrix.rows() * 4 / 5;
    let matrix = matrix(rows, learned)?;
    let mut booster = booster(&matrix, depth, share, 1)?;
    let rounds = trees as i32;
    (0..10).try_for_each(|round| booster.update(&matrix, round))?;
    let start = Instant::now();
    (10..10 + rounds).try_for_each(|round| booster.update(&matrix, round))?;
    Ok(start.elapsed().as_secs_f64() / f64::from(trees))
}
