//! What can be typed after `millrace models`.

use clap::{Args, Subcommand};

/// Versions of a model: list them, promote them, go back
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace models list
  millrace models show live
  millrace models history --at 2026-11-01T12:00Z
  millrace models promote v1.2.0 --why \"agreed in the review\"
  millrace models rollback --dry-run
  millrace models sign v1.0.0
  millrace models rollback --with-predictions --why \"wrong tiers since Monday\"
  millrace models diff v1.0.0 live
  millrace models prune --keep 5 --dry-run")]
pub struct Models {
    #[arg(long, global = true, default_value = "engagement", value_name = "NAME")]
    pub model: millrace_contract::ModelName,
    /// Whose name the history records [default: the user of this machine]
    #[arg(long, global = true, value_name = "NAME")]
    pub who: Option<String>,
    #[command(subcommand)]
    pub command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// All versions with their states and metrics
    List,
    /// One version with its evidence, lineage and history
    Show {
        /// A version, `live`, or another alias
        version: String,
    },
    /// Every change; or who was live at a moment
    History {
        #[arg(long, value_name = "TIME", value_parser = moment)]
        at: Option<jiff::Timestamp>,
    },
    /// Vouch for a version with the key in MILLRACE_SIGNING_KEY, after its files were checked
    Sign {
        /// A version, `live`, or another alias
        version: String,
    },
    /// Make a version live, or move it to staging
    Promote {
        version: millrace_contract::Version,
        #[arg(long)]
        to_staging: bool,
        #[arg(long)]
        why: Option<String>,
    },
    /// Say that a version must not be used
    Reject {
        version: millrace_contract::Version,
        #[arg(long)]
        why: String,
    },
    /// Make the previous live version live again
    Rollback {
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Take back what the present version scored as well: readers see the scores of the version before
        #[arg(long)]
        with_predictions: bool,
        #[arg(long)]
        why: Option<String>,
    },
    /// What differs between two versions
    Diff { before: String, after: String },
    /// Give a version a name of your own
    #[command(subcommand)]
    Alias(AliasCommand),
    /// Remove the files of old versions; never of one that is live, staged, named or the way back
    Prune {
        /// How many of the newest versions keep their files
        #[arg(long, default_value_t = 5)]
        keep: usize,
        #[arg(long)]
        dry_run: bool,
    },
    /// Put the last good copy in the place of a damaged registry document
    Restore {
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum AliasCommand {
    /// Point a name at a version
    Set {
        name: String,
        version: millrace_contract::Version,
    },
    /// Forget a name
    Remove { name: String },
}

/// A moment, with or without seconds: `2026-11-01T12:00Z`.
fn moment(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse()
        .map_err(|error: jiff::Error| format!("{error}; write it like 2026-11-01T12:00Z"))
}
