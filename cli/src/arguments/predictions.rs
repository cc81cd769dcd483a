//! What can be typed after `millrace predictions`.

use clap::{Args, Subcommand};

/// Whose scores readers see, day by day: list them, show an earlier run again
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace predictions list
  millrace predictions restore --day 2026-11-01 --run score-20261101
  millrace predictions withdraw --day 2026-11-01 --dry-run

No file is moved or removed: only what is shown changes, in one step.")]
pub struct Predictions {
    #[arg(long, global = true, default_value = "engagement", value_name = "NAME")]
    pub model: millrace_contract::ModelName,
    #[command(subcommand)]
    pub command: PredictionsCommand,
}

#[derive(Debug, Subcommand)]
pub enum PredictionsCommand {
    /// Every day with the run that is shown, and those that were
    List,
    /// Show a run again that a day showed before
    Restore {
        #[command(flatten)]
        of: Of,
        /// The run to show
        #[arg(long, value_name = "RUN")]
        run: millrace_contract::RunId,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show nothing for a day
    Withdraw {
        #[command(flatten)]
        of: Of,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// A day of a table.
#[derive(Debug, Args)]
pub struct Of {
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub day: jiff::civil::Date,
    /// The table that the model's spec names
    #[arg(long, default_value = "predictions", value_name = "NAME")]
    pub table: String,
}
