//! Generated customers as training sees them, for the examples.

#![allow(dead_code)]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use millrace_contract::spec::{Search, Strategy};
use millrace_contract::{Contract, Spec};
use millrace_dataset::{Frame, Purpose, Request, Source};
use millrace_features::{Matrix, Recipe, Unfitted, hold_out};
use millrace_generator::{Directory, Options, Table, generate};
use millrace_training::{
    SearchOutcome, SearchRequest, SearchRows, Setup, Silent, TrainingError, search,
};
use xgb::parameters::BoosterParameters;
use xgb::{Booster, DMatrix, XGBError};

/// Encoded rows with their targets.
pub struct Rows {
    pub matrix: Matrix,
    pub target: Vec<f64>,
}

/// The rows to learn from, and those held out, both encoded by the recipe of the former.
pub struct Customers {
    pub training: Rows,
    pub holdout: Rows,
    frame: Frame,
    spec: Spec,
    contract: Contract,
}

impl Customers {
    /// What training searches on: each fold fits a recipe of its own.
    pub fn unfitted(&self) -> Result<SearchRows<'_>, TrainingError> {
        let target = &self.training.target;
        let rows = Unfitted::new(&self.frame, target, &self.spec, &self.contract)?;
        Ok(SearchRows::Table(rows))
    }
}

/// Customers with a seed and a noise of their own; seed 42 and noise 1 are what `millrace generate` makes.
pub fn customers(rows: u64, seed: u64, noise: f64) -> Result<Customers, Box<dyn Error>> {
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
    let split = hold_out(target, &spec.split)?;
    let of = |rows: &[usize]| -> Vec<f64> { rows.iter().map(|row| target[*row]).collect() };
    let (learned, held) = (frame.take(&split.training), frame.take(&split.holdout));
    let (recipe, _) = Recipe::fit(&learned, &of(&split.training), &spec, &contract)?;
    Ok(Customers {
        training: Rows {
            matrix: recipe.apply(&learned)?,
            target: of(&split.training),
        },
        holdout: Rows {
            matrix: recipe.apply(&held)?,
            target: of(&split.holdout),
        },
        frame: learned,
        spec,
        contract,
    })
}

/// What a search finds in these rows, on all cores, and the seconds that it took.
pub fn timed(
    customers: &Customers,
    settings: &Search,
) -> Result<(SearchOutcome, f64), TrainingError> {
    let start = Instant::now();
    let request = SearchRequest {
        rows: customers.unfitted()?,
        setup: Setup::xgboost(settings),
        attempt: 1,
        workers: 0,
    };
    let outcome = search(&request, &Silent)?;
    Ok((outcome, start.elapsed().as_secs_f64()))
}

/// The strategy of a name.
pub fn strategy(name: &str) -> Result<Strategy, String> {
    match name {
        "exhaustive" => Ok(Strategy::Exhaustive),
        "race" => Ok(Strategy::Race),
        "tpe" => Ok(Strategy::Tpe),
        other => Err(format!(
            "there is no strategy `{other}`: exhaustive, race or tpe"
        )),
    }
}

/// So many of the first rows inside of XGBoost.
pub fn matrix(rows: &Rows, count: usize) -> Result<DMatrix, XGBError> {
    let labels: Vec<f32> = rows.target[..count].iter().map(|y| *y as f32).collect();
    let values = &rows.matrix.values()[..count * rows.matrix.columns()];
    let mut matrix = DMatrix::from_dense(values, count)?;
    matrix.set_labels(&labels)?;
    Ok(matrix)
}

/// XGBoost with the usual settings; a tree sees the share of rows and of columns.
pub fn booster(
    matrix: &DMatrix,
    depth: u32,
    share: f64,
    threads: usize,
) -> Result<Booster, XGBError> {
    let mut booster = Booster::new_with_cached_dmats(&BoosterParameters::default(), &[matrix])?;
    for (name, value) in [
        ("verbosity", "0".to_owned()),
        ("objective", "reg:squarederror".to_owned()),
        ("tree_method", "hist".to_owned()),
        ("max_depth", depth.to_string()),
        ("eta", "0.1".to_owned()),
        ("subsample", share.to_string()),
        ("colsample_bytree", share.to_string()),
        ("nthread", threads.to_string()),
    ] {
        booster.set_param(name, &value)?;
    }
    Ok(booster)
}
