//! What can be typed: every command, flag, default and example.

mod erase;
mod keys;
mod models;
mod new;
mod predictions;
mod runs;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use millrace_generator::{Setting, Table};
use millrace_keys::Context;

use crate::failure::Failure;

pub use erase::{Erase, EraseCommand, VerifyErasure};
pub use keys::{Keys, KeysCommand};
pub use models::{AliasCommand, Models, ModelsCommand};
pub use new::New;
pub use predictions::{Of, Predictions, PredictionsCommand};
pub use runs::{Resume, Runs, RunsCommand, Start};

/// Turns customer data into trustworthy predictions.
#[derive(Debug, Parser)]
#[command(name = "millrace", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Shared {
    /// Where models, runs and predictions are kept: a folder or s3://bucket/prefix
    #[arg(
        long,
        global = true,
        env = "MILLRACE_STORE",
        default_value = "./.millrace",
        value_name = "STORE"
    )]
    pub store: String,
    /// Print results and progress as JSON, one document a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Print nothing but the result
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl Shared {
    /// The store, with the keys of the environment: what signs, whose signatures are believed, what hides ids.
    pub fn context(&self) -> Result<Context, Failure> {
        let keys = millrace_keys::Keys::read(millrace_keys::variable)?;
        Ok(Context::open(&self.store, keys)?)
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    New(New),
    Generate(Generate),
    Validate(Validate),
    Train(Train),
    Score(Score),
    Fairness(Fairness),
    Models(Models),
    Predictions(Predictions),
    Query(Query),
    Run(Run),
    Runs(Runs),
    Resume(Resume),
    Start(Start),
    Erase(Erase),
    Keys(Keys),
}

/// Write a table of made-up rows that behaves like a real one
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace generate --out customers
  millrace generate --out week --days 7 --date 2026-11-01
  millrace generate --out unfair --bias gender=0.2
  millrace generate --out drifted --shift feed_time_minutes_day=0.5
  millrace generate --table gemstones --out gemstones --rows 20000")]
pub struct Generate {
    /// The folder or s3://bucket/prefix to write to; it must not hold files yet
    #[arg(long, value_name = "PLACE")]
    pub out: String,
    /// customers or gemstones
    #[arg(long, default_value = "customers")]
    pub table: Table,
    /// Rows of each day; without it 100,000, or 800 to 1,300 a day when --days is given
    #[arg(long)]
    pub rows: Option<u64>,
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// The first day
    #[arg(long, default_value = "2026-11-01", value_name = "YYYY-MM-DD")]
    pub date: jiff::civil::Date,
    /// Daily arrivals, one folder each
    #[arg(long)]
    pub days: Option<u32>,
    /// The share of missing values
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    pub missing: f64,
    /// The share of extreme values
    #[arg(long, default_value_t = 0.02, value_name = "SHARE")]
    pub outliers: f64,
    /// Plant an unfairness: lower the score of one group of an attribute
    #[arg(long, value_name = "ATTRIBUTE=AMOUNT")]
    pub bias: Vec<Setting>,
    /// Plant a drift: move a column by so many of its deviations
    #[arg(long, value_name = "COLUMN=DEVIATIONS")]
    pub shift: Vec<Setting>,
}

/// Check a data set against its contract
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace validate --data customers
  millrace validate --contract contracts/customers.toml --data customers.csv --purpose scoring --json

The exit code is 0 when the data is accepted, 1 when it is refused.")]
pub struct Validate {
    /// The contract [default: contracts/customers.toml, or the built-in copy of it]
    #[arg(long, value_name = "FILE")]
    pub contract: Option<String>,
    #[arg(long, value_name = "PATH")]
    pub data: String,
    /// Training data needs the target; scoring data may lack it and may have extra columns
    #[arg(long, value_enum, default_value_t = Purpose::Training)]
    pub purpose: Purpose,
    /// A profile of earlier data (profile.json) to compare with
    #[arg(long, value_name = "FILE")]
    pub reference: Option<String>,
    /// Write report.json, profile.json and quarantine/rows.parquet into this folder or s3://bucket/prefix
    #[arg(long, value_name = "PLACE")]
    pub out: Option<String>,
    /// The time that the age of the data is measured at [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Purpose {
    Training,
    Scoring,
}

/// Learn a model from a data set
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace train --data customers
  millrace train --data customers --strategy exhaustive
  millrace train --data customers --strategy tpe
  millrace train --spec models/gemstones.toml --data gemstones")]
pub struct Train {
    /// The model spec [default: models/engagement.toml, or the built-in copy of it]
    #[arg(long, value_name = "FILE")]
    pub spec: Option<String>,
    /// Parquet or CSV: a file, a folder or s3://bucket/prefix
    #[arg(long, value_name = "PATH")]
    pub data: String,
    /// Instead of the spec's own way to search
    #[arg(long, value_enum)]
    pub strategy: Option<Strategy>,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    Exhaustive,
    Race,
    Tpe,
}

/// A run's name and time.
#[derive(Debug, Clone, Args)]
pub struct RunOptions {
    /// The run's name; a run of the same name takes up its finished stages [default: made from the time]
    #[arg(long, value_name = "ID")]
    pub run_id: Option<millrace_contract::RunId>,
    /// The run's time, written into everything it makes [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
    /// Let that time lie more than a day from the clock: scores dated ahead stay the latest until then
    #[arg(long, env = "MILLRACE_ALLOW_OTHER_CLOCK", value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub allow_other_clock: bool,
}

/// Apply a model to a data set and publish the scores
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace score --data customers
  millrace score --data customers --model engagement --version v1.0.0
  millrace score --data customers --reasons 3 --interval 0.9
  millrace score --data customers --out scores.parquet")]
pub struct Score {
    #[arg(long, value_name = "PATH")]
    pub data: String,
    #[arg(long, default_value = "engagement")]
    pub model: millrace_contract::ModelName,
    /// A version, an alias, or for --out alone `run:ID`, what a training run made, and `run:ID/2`, its second attempt [default: live]
    #[arg(long, default_value = "live")]
    pub version: String,
    /// Add the columns that moved each score most, with their effects [default: as the spec says]
    #[arg(long, value_name = "COUNT", num_args = 0..=1, default_missing_value = "3")]
    pub reasons: Option<u32>,
    /// Add an interval that holds the truth of this share of the rows [default: as the spec says]
    #[arg(long, value_name = "SHARE", num_args = 0..=1, default_missing_value = "0.9")]
    pub interval: Option<f64>,
    /// Write the scores to this file too, or to s3://bucket/key; those of a version that may not serve go nowhere else
    #[arg(long, value_name = "FILE")]
    pub out: Option<String>,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Ask the published tables in SQL
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace query \"SHOW TABLES\"
  millrace query \"SELECT churn_risk_tier, count(*) FROM predictions GROUP BY 1\"
  millrace query \"SELECT * FROM predictions LIMIT 10\" --csv
  millrace query --file sql/queries/whom_to_call.sql")]
pub struct Query {
    /// One SELECT
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub sql: Option<String>,
    /// A file with the SELECT
    #[arg(long, value_name = "FILE")]
    pub file: Option<std::path::PathBuf>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// Do all of it: data (generated when none is given), training, scoring, three answers
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace run
  millrace run --data customers.parquet
  millrace run --spec models/gemstones.toml --data gemstones")]
pub struct Run {
    #[arg(long, value_name = "FILE")]
    pub spec: Option<String>,
    /// Your own Parquet or CSV; without it 100,000 customers are generated
    #[arg(long, value_name = "PATH")]
    pub data: Option<String>,
    #[arg(long, value_enum)]
    pub strategy: Option<Strategy>,
    #[command(flatten)]
    pub run: RunOptions,
}

impl From<Strategy> for millrace_contract::spec::Strategy {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Exhaustive => Self::Exhaustive,
            Strategy::Race => Self::Race,
            Strategy::Tpe => Self::Tpe,
        }
    }
}

/// Judge predictions by groups of people
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace fairness --predictions holdout.parquet --truth truth --score prediction --spec models/engagement.toml
  millrace fairness --predictions scores.csv --truth hired --score score --attributes gender --threshold 0.7 --json

The exit code is 0 when every attribute passes, 1 otherwise.")]
pub struct Fairness {
    /// Parquet or CSV with the truth, the score and the attributes
    #[arg(long, value_name = "FILE")]
    pub predictions: String,
    /// The column of what really happened: 0 or 1, or a score in 0 to 1
    #[arg(long, value_name = "COLUMN")]
    pub truth: String,
    /// The column of what was predicted
    #[arg(long, value_name = "COLUMN")]
    pub score: String,
    /// The protected attributes [default: those of the spec]
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    pub attributes: Option<Vec<String>>,
    /// A model spec whose fairness section gives the limits and the bands, and whose range predictions are moved into
    #[arg(long, value_name = "FILE")]
    pub spec: Option<String>,
    /// A score above it counts as selected [default: the spec's, or 0.5]
    #[arg(long)]
    pub threshold: Option<f64>,
}
