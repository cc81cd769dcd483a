//! From options and a contract to everything that is needed for each block of rows.

use jiff::civil::Date;
use millrace_contract::{Column, ColumnType, Contract};

use crate::columns::sources;
use crate::customers::Customers;
use crate::damage::{KeptBound, resolve};
use crate::error::GenerateError;
use crate::gemstones::Gemstones;
use crate::options::{Options, Table};
use crate::population::{ColumnPlan, Population, Truth, World};
use crate::random::Place;
use crate::request::{check_numbers, days, shifts};

/// Rows that share a stream of random numbers, and that one thread draws.
pub(crate) const BLOCK_ROWS: u64 = 5_000;
/// The sample from which a column's usual mean and deviation are taken: the same for every seed.
const SAMPLE_ROWS: usize = 10_000;
/// The sample on which a bias is tried.
const TRIAL_ROWS: usize = 4_000;

/// What one column of the file holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    Id,
    Plan(usize),
    /// One of the population's targets.
    Target(usize),
}

/// One day's rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    pub index: u64,
    pub date: Date,
    pub rows: u64,
    pub first_id: u64,
}

pub(crate) struct Prepared {
    pub population: Box<dyn Population>,
    pub plans: Vec<ColumnPlan>,
    pub world: World,
    pub seed: u64,
    pub missing: f64,
    pub outliers: f64,
    pub days: Vec<Day>,
    /// The columns of the file in the contract's order.
    pub sources: Vec<(String, ColumnType, bool, Source)>,
    pub partition: String,
    pub bounds: Vec<KeptBound>,
    /// Per column of the plan: may it be missing, whom does it follow, its usual mean and deviation.
    pub nullable: Vec<bool>,
    pub leaders: Vec<Option<usize>>,
    pub usual: Vec<(f64, f64)>,
    pub shifts: Vec<(usize, f64)>,
}

impl Prepared {
    pub fn new(options: &Options, contract: &Contract) -> Result<Prepared, GenerateError> {
        check_numbers(options)?;
        let population: Box<dyn Population> = match options.table {
            Table::Customers => Box::new(Customers::new()),
            Table::Gemstones => Box::new(Gemstones),
        };
        let plans = population.columns();
        let mismatch = |detail: String| GenerateError::ContractMismatch {
            contract: contract.name.clone(),
            table: options.table.as_str(),
            detail,
        };
        let partition = contract
            .date()
            .ok_or_else(|| mismatch("no column has the role `date`".into()))?
            .to_owned();
        let sources = sources(contract, population.as_ref(), &plans).map_err(mismatch)?;
        let described = plans.iter().map(|plan| contract.columns.get(plan.name));
        let world = World {
            ranges: described.clone().map(|column| range(column)).collect(),
            target_ranges: target_ranges(population.as_ref(), contract),
            noise: options.noise,
            tilt: 0.0,
            group_tilts: Vec::new(),
        };
        let position = |name: &str| plans.iter().position(|plan| plan.name == name);
        let mut prepared = Prepared {
            bounds: resolve(population.bounds(), &plans),
            nullable: described
                .map(|column| column.is_some_and(|c| c.nullable))
                .collect(),
            leaders: plans
                .iter()
                .map(|plan| plan.follows.and_then(position))
                .collect(),
            usual: usual(&sample(population.as_ref(), &world, SAMPLE_ROWS)),
            shifts: shifts(options, &plans)?,
            days: days(options)?,
            seed: options.seed,
            missing: options.missing,
            outliers: options.outliers,
            population,
            plans,
            world,
            sources,
            partition,
        };
        prepared.world.group_tilts = prepared.tilts(options)?;
        Ok(prepared)
    }

    /// Turns each bias into how much the hidden trait of a group must fall for its mean target to fall so far.
    fn tilts(&self, options: &Options) -> Result<Vec<(String, f64)>, GenerateError> {
        let mut tilts: Vec<(String, f64)> = Vec::new();
        let known = self.population.attributes();
        let largest = self.population.largest_bias();
        for bias in &options.bias {
            if !known.contains(&bias.name.as_str()) {
                return Err(GenerateError::UnknownAttribute {
                    table: options.table.as_str(),
                    attribute: bias.name.clone(),
                    known: known.iter().map(|name| (*name).to_owned()).collect(),
                });
            }
            if tilts.iter().any(|(name, _)| *name == bias.name) {
                return Err(GenerateError::NamedTwice {
                    option: "bias",
                    name: bias.name.clone(),
                });
            }
            if !(bias.amount > 0.0 && bias.amount <= largest) {
                return Err(GenerateError::InvalidBias {
                    attribute: bias.name.clone(),
                    strength: bias.amount,
                    largest,
                });
            }
            tilts.push((bias.name.clone(), self.tilt_for(bias.amount)));
        }
        Ok(tilts)
    }

    fn tilt_for(&self, strength: f64) -> f64 {
        let mean = |tilt: f64| {
            let world = World {
                tilt,
                ..self.world.clone()
            };
            let trial = sample(self.population.as_ref(), &world, TRIAL_ROWS);
            let first = trial.targets.first();
            first.map_or(0.0, |target| average(&target.expected))
        };
        let wanted = mean(0.0) - strength;
        let (mut low, mut high) = (0.0, 8.0);
        for _ in 0..11 {
            let middle = (low + high) / 2.0;
            if mean(middle) > wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        (low + high) / 2.0
    }
}

fn range(column: Option<&Column>) -> [f64; 2] {
    column
        .and_then(|column| column.range)
        .unwrap_or([f64::MIN, f64::MAX])
}

fn target_ranges(population: &dyn Population, contract: &Contract) -> Vec<[f64; 2]> {
    let targets = population.targets().iter();
    targets
        .map(|target| range(contract.columns.get(target.name)))
        .collect()
}

/// Rows of a day that no table has.
fn sample(population: &dyn Population, world: &World, rows: usize) -> Truth {
    let nowhere = Place {
        seed: 0,
        day: u64::MAX,
        block: 0,
    };
    population.draw(nowhere, rows, world)
}

fn usual(truth: &Truth) -> Vec<(f64, f64)> {
    truth
        .columns
        .iter()
        .map(|column| {
            let mean = average(column);
            let squares: Vec<f64> = column
                .iter()
                .map(|value| (value - mean) * (value - mean))
                .collect();
            (mean, average(&squares).sqrt())
        })
        .collect()
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
