//! Searches the same rows by the grid and by `tpe`, and fails when `tpe` is not better, or not quicker.
//!
//! `cargo run --release -p millrace-training --example tpe_check -- 100000 exhaustive`
//! takes the rows and how the grid is searched (exhaustive, or race). 100,000 rows are what
//! `millrace generate` makes.

mod common;

use std::error::Error;
use std::process::ExitCode;

use common::{Customers, timed};
use millrace_contract::spec::{Search, Strategy};
use millrace_training::{Setup, TreeParams, r2, refit};

struct Found {
    seconds: f64,
    folds: f64,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().as_deref().unwrap_or("100000").parse()?;
    let grid = common::strategy(arguments.next().as_deref().unwrap_or("exhaustive"))?;
    let customers = common::customers(rows, 42, 1.0)?;
    println!("strategy     seconds  trees    R2 over folds  R2 held out  best");
    let by_grid = run(&customers, grid)?;
    let by_tpe = run(&customers, Strategy::Tpe)?;
    let gained = by_tpe.folds - by_grid.folds;
    let share = by_tpe.seconds / by_grid.seconds;
    println!("tpe: {gained:+.5} R2 over the folds, in {share:.2} of the time");
    match gained > 0.0 && share < 1.0 {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

fn run(customers: &Customers, strategy: Strategy) -> Result<Found, Box<dyn Error>> {
    let settings = Search {
        strategy,
        ..Search::default()
    };
    let (outcome, seconds) = timed(customers, &settings)?;
    let rows = &customers.training;
    let names: Vec<String> = (0..rows.matrix.columns())
        .map(|c| format!("c{c}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let model = refit(
        &rows.matrix,
        &rows.target,
        &names,
        Setup::xgboost(&settings),
        &outcome.best,
    )?;
    let held = &customers.holdout;
    let predictions = model.predict(&held.matrix)?;
    let best = TreeParams::of(&outcome.best);
    println!(
        "{:11}  {seconds:7.1}  {:7}  {:13.5}  {:11.5}  depth {}, rate {}, {} rounds, rows {}, columns {}",
        format!("{strategy:?}").to_lowercase(),
        outcome.effort.trees,
        outcome.score,
        r2(&held.target, &predictions),
        best.max_depth,
        best.learning_rate,
        best.n_estimators,
        best.subsample,
        best.colsample_bytree,
    );
    Ok(Found {
        seconds,
        folds: outcome.score,
    })
}
