//! What can be typed after `millrace runs`, `millrace resume` and `millrace start`.

use clap::{Args, Subcommand, ValueEnum};
use millrace_contract::stages::RunKind;
use millrace_contract::{ModelName, RunId};

use super::{RunOptions, Strategy};

/// Runs of this store: list them, follow one state by state, take one up, compare two
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace runs list
  millrace runs show 20261101T080000123-run-training
  millrace runs resume 20261101T080000123-run
  millrace runs diff monday-training tuesday-training --json")]
pub struct Runs {
    #[command(subcommand)]
    pub command: RunsCommand,
}

#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// All runs with what they were asked and how they ended
    List,
    /// One run: its states, how often each was tried, how long it took, where it wrote
    Show { run: RunId },
    /// The same as `millrace resume`
    Resume(Resume),
    /// What differs between two runs: input, spec, data, metrics, verdicts, versions
    Diff { before: RunId, after: RunId },
}

/// Take a run up where it ended: finished stages are not done again, published rows stay
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace resume 20261101T080000123-run
  millrace resume monday-training

It needs nothing but the run's name: what was asked lies in the run's folder.")]
pub struct Resume {
    /// A run, or what `millrace run` was called: its training and its inference together
    pub run: RunId,
}

/// Start a run on AWS, and follow it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace start training --store s3://bucket/millrace --data s3://bucket/customers --watch
  millrace start inference --store s3://bucket/millrace --data s3://bucket/week --watch
  millrace start training --store s3://bucket/millrace --run-id monday --watch

Without --data a run of that name is taken up where it ended. With --watch the exit code is 0 when the run
succeeds and 1 when it fails; ending the watching does not end the run.")]
pub struct Start {
    #[arg(value_enum)]
    pub kind: Kind,
    /// The model spec [default: models/engagement.toml, or the built-in copy of it]
    #[arg(long, value_name = "FILE")]
    pub spec: Option<String>,
    /// The rows: s3://bucket/prefix
    #[arg(long, value_name = "URI")]
    pub data: Option<String>,
    /// For inference: the model to apply
    #[arg(long, default_value = "engagement", value_name = "NAME")]
    pub model: ModelName,
    /// For inference: a version or an alias [default: live]
    #[arg(long)]
    pub version: Option<String>,
    /// For training: instead of the spec's own way to search
    #[arg(long, value_enum)]
    pub strategy: Option<Strategy>,
    /// The state machine's ARN or name [default: the one that is named after Millrace and the kind]
    #[arg(long, value_name = "ARN")]
    pub machine: Option<String>,
    /// Follow the run to its end
    #[arg(long)]
    pub watch: bool,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Training,
    Inference,
}

impl From<Kind> for RunKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Training => Self::Training,
            Kind::Inference => Self::Inference,
        }
    }
}
