//! What can be typed after `millrace keys`.

use clap::{Args, Subcommand};

/// Make the keys that sign models and hide customers' ids
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace keys make --out keys")]
pub struct Keys {
    #[command(subcommand)]
    pub command: KeysCommand,
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Write signing.key, verify.key and pseudonym.key; nothing that is there is overwritten
    Make {
        #[arg(long, value_name = "FOLDER")]
        out: std::path::PathBuf,
    },
}
