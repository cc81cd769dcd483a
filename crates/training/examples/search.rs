//! Times a search on numbers made up here, or on the training rows of a data set.
//!
//! `cargo run --release -p millrace-training --example search -- race 80000 1 0.09`
//! takes a strategy (race, exhaustive or tpe), rows, a seed and the noise;
//! `... -- race DATA models/engagement.toml` reads a data set as training does. A last argument
//! `table` prints every candidate.

mod common;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use millrace_contract::spec::Search;
use millrace_contract::{Contract, Params, Spec};
use millrace_dataset::{Frame, Purpose, Request, Source};
use millrace_features::{Matrix, Unfitted, hold_out};
use millrace_training::{Progress, SearchRequest, SearchRows, Setup, TreeParams, search};

const COLUMNS: usize = 45;
const TRAITS: usize = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |position: usize, otherwise: &str| {
        arguments
            .get(position)
            .cloned()
            .unwrap_or_else(|| otherwise.to_owned())
    };
    let strategy = common::strategy(&argument(0, "race"))?;
    let table = match argument(1, "20000").parse() {
        Ok(rows) => Rows::Numbers(generated(
            rows,
            argument(2, "1").parse()?,
            argument(3, "0.09").parse()?,
        )?),
        Err(_) => read(&argument(1, ""), &argument(2, "models/engagement.toml"))?,
    };
    let settings = Search {
        strategy,
        ..Search::default()
    };
    let request = SearchRequest {
        rows: table.to_search()?,
        setup: Setup::xgboost(&settings),
        attempt: 1,
        workers: 0,
    };
    let start = Instant::now();
    let outcome = search(&request, &Stages(start))?;
    let seconds = start.elapsed().as_secs_f64();
    let cores = std::thread::available_parallelism()?.get() as f64;
    let busy = outcome.effort.busy.as_secs_f64();
    println!(
        "{strategy:?}: {} rows, {seconds:.1} s, {:.0} % of {cores} cores, {} fits, {} of them by XGBoost, {} trees, {} matrices",
        table.count(),
        100.0 * busy / (seconds * cores),
        outcome.effort.fits,
        outcome.effort.fits_by_xgboost,
        outcome.effort.trees,
        outcome.effort.matrices,
    );
    println!("best {} R2 {:.5}", words(&outcome.best), outcome.score);
    if arguments.iter().any(|argument| argument == "table") {
        for candidate in &outcome.report.candidates {
            println!(
                "{}\t{:.5}\t{:?}\t{}",
                words(&candidate.hyperparameters),
                candidate.mean.unwrap_or(f64::NAN),
                candidate.fold_scores,
                candidate
                    .dropped
                    .as_ref()
                    .map_or("", |dropped| dropped.reason.as_str()),
            );
        }
    }
    Ok(())
}

/// Numbers made up here, or a data set as training reads it.
enum Rows {
    Numbers((Matrix, Vec<f64>)),
    Table(Box<DataSet>),
}

struct DataSet {
    frame: Frame,
    target: Vec<f64>,
    spec: Spec,
    contract: Contract,
}

impl Rows {
    fn to_search(&self) -> Result<SearchRows<'_>, Box<dyn Error>> {
        Ok(match self {
            Rows::Numbers((matrix, target)) => SearchRows::Numbers { matrix, target },
            Rows::Table(data) => SearchRows::Table(Unfitted::new(
                &data.frame,
                &data.target,
                &data.spec,
                &data.contract,
            )?),
        })
    }

    fn count(&self) -> usize {
        match self {
            Rows::Numbers((_, target)) => target.len(),
            Rows::Table(data) => data.target.len(),
        }
    }
}

fn words(candidate: &Params) -> String {
    let candidate = TreeParams::of(candidate);
    format!(
        "depth {} rate {} rounds {} rows {} columns {}",
        candidate.max_depth,
        candidate.learning_rate,
        candidate.n_estimators,
        candidate.subsample,
        candidate.colsample_bytree
    )
}

/// Prints each stage with the time at which it began.
struct Stages(Instant);

impl Progress for Stages {
    fn stage(&self, words: &str) {
        println!("{:7.1} s  {words}", self.0.elapsed().as_secs_f64());
    }
}

/// A small generator of random numbers, so that the example needs no other crate.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.next()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.next()).cos()
    }
}

/// Columns that share a few traits, and a target with bends and interactions.
fn generated(rows: usize, seed: u64, noise: f64) -> Result<(Matrix, Vec<f64>), Box<dyn Error>> {
    let mut random = Random(seed);
    let loads: Vec<f64> = (0..COLUMNS * TRAITS).map(|_| random.normal()).collect();
    let weights: Vec<f64> = (0..COLUMNS).map(|_| random.normal()).collect();
    let mut values = Vec::with_capacity(rows * COLUMNS);
    let mut target = Vec::with_capacity(rows);
    for _ in 0..rows {
        let traits: Vec<f64> = (0..TRAITS).map(|_| random.normal()).collect();
        let row: Vec<f64> = (0..COLUMNS)
            .map(|column| {
                let shared: f64 = (0..TRAITS)
                    .map(|t| loads[column * TRAITS + t] * traits[t])
                    .sum();
                let value = shared / 2.0 + random.normal();
                match column % 5 {
                    0 => value.exp().min(50.0),
                    1 => f64::from(u8::from(value > 0.5)),
                    _ => value,
                }
            })
            .collect();
        let mut score = 0.0;
        for column in 0..15 {
            score += 0.5 * weights[column] * (row[column] / 2.0).tanh();
        }
        score += 0.8 * (row[2] * row[3] / 2.0).tanh() + 0.6 * (row[4] + row[7]).sin();
        score += if row[8] > 0.3 && row[12] < 0.5 {
            0.8
        } else {
            0.0
        };
        let share = 1.0 / (1.0 + (-score * 0.8).exp());
        target.push((share + noise * random.normal()).clamp(0.0, 1.0));
        values.extend(row.iter().map(|x| *x as f32));
    }
    let matrix = Matrix::from_rows(rows, COLUMNS, values).ok_or("the matrix is not whole")?;
    Ok((matrix, target))
}

/// The training rows of a data set, as a training run makes them.
fn read(uri: &str, spec_path: &str) -> Result<Rows, Box<dyn Error>> {
    let spec = Spec::parse(&std::fs::read_to_string(spec_path)?, spec_path)?;
    let path = Path::new(spec_path).with_file_name(&spec.contract);
    let contract = Contract::parse(&std::fs::read_to_string(&path)?, &path.to_string_lossy())?;
    let start = Instant::now();
    let frame = Source::open(uri)?.read(&Request::all(&contract, Purpose::Training))?;
    let target = frame.numbers(&spec.target).ok_or("no target")?;
    println!("read in {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let rows = hold_out(target, &spec.split)?.training;
    let target: Vec<f64> = rows.iter().map(|row| target[*row]).collect();
    let names: Vec<&str> = spec.learnable(&contract).map(|(name, _)| name).collect();
    let frame = frame.take_columns(&names, &rows);
    println!("split in {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let (recipe, report) = Unfitted::new(&frame, &target, &spec, &contract)?.recipe()?;
    println!(
        "recipe fitted in {:.2} s, {} of {} encoded columns kept",
        start.elapsed().as_secs_f64(),
        recipe.columns().len(),
        report.columns.len()
    );
    let start = Instant::now();
    recipe.apply(&frame)?;
    println!("applied in {:.2} s", start.elapsed().as_secs_f64());
    Ok(Rows::Table(Box::new(DataSet {
        frame,
        target,
        spec,
        contract,
    })))
}
