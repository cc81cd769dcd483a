//! Runs both strategies on generated data sets of different seeds and noise, and shows by how much
//! the race's winner is worse than the exhaustive one, and what it saved.
//!
//! `cargo run --release -p millrace-training --example race_check -- 10 20000 64`
//! takes the number of data sets, their rows and `max_bin` (256 is the usual; fewer is quicker).

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use millrace_contract::spec::{Search, Strategy};
use millrace_contract::{Contract, Spec};
use millrace_dataset::{Purpose, Request, Source};
use millrace_features::{Matrix, Recipe, hold_out};
use millrace_generator::{Directory, Options, Table, generate};
use millrace_training::{SearchOutcome, SearchRequest, Silent, search};

const NOISE: [f64; 5] = [1.0, 0.3, 2.0, 0.6, 1.5];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |position: usize, otherwise: &str| {
        let given = arguments.get(position).map(String::as_str);
        given.unwrap_or(otherwise).to_owned()
    };
    let count: u64 = argument(0, "10").parse()?;
    let rows: u64 = argument(1, "20000").parse()?;
    let max_bin: u32 = argument(2, "256").parse()?;
    println!(
        "seed noise   exhaustive R2   of the race's winner   behind   time  trees  candidates at the end"
    );
    let mut worst = f64::NEG_INFINITY;
    for seed in 1..=count {
        let noise = NOISE[(seed as usize - 1) % NOISE.len()];
        let (matrix, target) = table(rows, seed, noise)?;
        let (exhaustive, slow) = run(&matrix, &target, Strategy::Exhaustive, max_bin)?;
        let (race, quick) = run(&matrix, &target, Strategy::Race, max_bin)?;
        let all = &exhaustive.report.candidates;
        let same = all.iter().find(|c| c.hyperparameters == race.best);
        let of_race = same.and_then(|c| c.mean).ok_or("the winner is missing")?;
        let finished = race
            .report
            .candidates
            .iter()
            .filter(|c| c.dropped.is_none());
        println!(
            "{seed:4} {noise:5}   {:13.5}   {of_race:20.5}   {:6.5}   {:4.1}  {:5.1}  {}",
            exhaustive.score,
            exhaustive.score - of_race,
            slow / quick,
            exhaustive.effort.trees as f64 / race.effort.trees as f64,
            finished.count(),
        );
        worst = worst.max(exhaustive.score - of_race);
    }
    println!("at most {worst:.5} behind on {count} data sets of {rows} rows");
    Ok(())
}

fn run(
    matrix: &Matrix,
    target: &[f64],
    strategy: Strategy,
    max_bin: u32,
) -> Result<(SearchOutcome, f64), Box<dyn Error>> {
    let mut settings = Search {
        strategy,
        ..Search::default()
    };
    settings.fixed.max_bin = max_bin;
    let request = SearchRequest {
        matrix,
        target,
        search: &settings,
        attempt: 1,
        workers: 0,
    };
    let start = Instant::now();
    let outcome = search(&request, &Silent)?;
    Ok((outcome, start.elapsed().as_secs_f64()))
}

/// Customers with a seed and a noise of their own, as training sees them.
fn table(rows: u64, seed: u64, noise: f64) -> Result<(Matrix, Vec<f64>), Box<dyn Error>> {
    let contract = Contract::parse(Table::Customers.contract_toml(), "customers.toml")?;
    let spec_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/engagement.toml");
    let spec = Spec::parse(&std::fs::read_to_string(&spec_path)?, "engagement.toml")?;
    let options = Options {
        rows: Some(rows),
        seed,
        noise,
        ..Options::default()
    };
    let folder = tempfile::tempdir()?;
    let mut sink = Directory(folder.path().to_owned());
    generate(&options, &contract, &mut sink, &|_| {})?;
    let uri = folder.path().to_string_lossy();
    let frame = Source::open(&uri)?.read(&Request::all(&contract, Purpose::Training))?;
    let target = frame.numbers(&spec.target).ok_or("no target")?;
    let rows = hold_out(target, &spec.split)?.training;
    let target: Vec<f64> = rows.iter().map(|row| target[*row]).collect();
    let frame = frame.take(&rows);
    let (recipe, _) = Recipe::fit(&frame, &target, &spec, &contract)?;
    Ok((recipe.apply(&frame)?, target))
}
