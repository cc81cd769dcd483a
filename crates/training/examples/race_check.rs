//! Runs both strategies of the grid on generated data sets of different seeds and noise, shows by how much
//! the race's winner is worse than the exhaustive one and what it saved, and fails when it is too much.
//!
//! `cargo run --release -p millrace-training --example race_check -- 10 14000 64`
//! takes the number of data sets, their rows and `max_bin` (256 is the usual; fewer is quicker). The grid is
//! the real one, of 108 candidates.

mod common;

use std::error::Error;
use std::process::ExitCode;

use common::{Customers, customers, timed};
use millrace_contract::spec::{Search, Strategy};
use millrace_training::SearchOutcome;

const NOISE: [f64; 5] = [1.0, 0.3, 2.0, 0.6, 1.5];
/// How far behind the race's winner may be.
const ALLOWED: f64 = 0.001;

/// What one data set showed.
struct Compared {
    behind: f64,
    same: bool,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |position: usize, otherwise: &str| {
        let given = arguments.get(position).map(String::as_str);
        given.unwrap_or(otherwise).to_owned()
    };
    let count: u64 = argument(0, "10").parse()?;
    let rows: u64 = argument(1, "14000").parse()?;
    let max_bin: u32 = argument(2, "64").parse()?;
    println!(
        "seed  noise  exhaustive R2  of the race's winner  behind   same  times quicker  trees  at the end"
    );
    let mut all = Vec::new();
    for seed in 1..=count {
        let noise = NOISE[(seed as usize - 1) % NOISE.len()];
        print!("{seed:4}  {noise:5}  ");
        all.push(compare(&customers(rows, seed, noise)?, max_bin)?);
    }
    let worst = all.iter().map(|one| one.behind).fold(0.0, f64::max);
    let same = all.iter().filter(|one| one.same).count();
    println!(
        "the same winner on {same} of {count} data sets of {rows} rows, elsewhere at most {worst:.5} R2 behind; {ALLOWED} is allowed"
    );
    match all.iter().all(|one| one.behind <= ALLOWED) {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

fn compare(customers: &Customers, max_bin: u32) -> Result<Compared, Box<dyn Error>> {
    let (exhaustive, slow) = run(customers, Strategy::Exhaustive, max_bin)?;
    let (race, quick) = run(customers, Strategy::Race, max_bin)?;
    let mut all = exhaustive.report.candidates.iter();
    let winner = all.find(|c| c.hyperparameters == race.best);
    let of_race = winner.and_then(|c| c.mean).ok_or("the winner is missing")?;
    let finished = race.report.candidates.iter();
    let finished = finished.filter(|c| c.dropped.is_none()).count();
    let behind = exhaustive.score - of_race;
    let same = race.best == exhaustive.best;
    println!(
        "{:13.5}  {of_race:20.5}  {behind:7.5}  {:4}  {:13.1}  {:5.1}  {finished}",
        exhaustive.score,
        if same { "yes" } else { "no" },
        slow / quick,
        exhaustive.effort.trees as f64 / race.effort.trees as f64,
    );
    Ok(Compared { behind, same })
}

fn run(
    customers: &Customers,
    strategy: Strategy,
    max_bin: u32,
) -> Result<(SearchOutcome, f64), Box<dyn Error>> {
    let mut settings = Search {
        strategy,
        ..Search::default()
    };
    settings.fixed.set("max_bin", max_bin);
    Ok(timed(customers, &settings)?)
}
