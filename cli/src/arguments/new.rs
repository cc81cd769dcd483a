//! `millrace new`.

use clap::Args;
use millrace_contract::ModelName;

/// Write a contract and a model spec for your own table
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace new my.csv
  millrace new diamonds.csv --target price --yes
  millrace new loans.parquet --id \"Loan ID\" --target defaulted --protected sex,age --out loans

On a terminal it asks for what it cannot know. Elsewhere it takes its guesses, and refuses where it cannot tell what is to
be predicted: name it with --target, or take the first guess with --yes. Files that are there are never overwritten.")]
pub struct New {
    /// Parquet or CSV: a file, a folder or s3://bucket/prefix
    #[arg(value_name = "DATA")]
    pub data: String,
    /// Where contracts/NAME.toml, models/NAME.toml and, if the table must be mended, data/NAME.parquet are written
    #[arg(long, value_name = "PLACE", default_value = ".")]
    pub out: String,
    /// The name of the model and of its contract [default: made from the file's name]
    #[arg(long)]
    pub name: Option<ModelName>,
    /// The column that names each row; without one the rows of a copy are numbered
    #[arg(long, value_name = "COLUMN")]
    pub id: Option<String>,
    /// The column with the day that each row describes
    #[arg(long, value_name = "COLUMN")]
    pub date: Option<String>,
    /// The column to predict
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// Attributes of people that are compared and not learned from; "" for none
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    pub protected: Option<Vec<String>>,
    /// Ask nothing, and take every guess
    #[arg(long, short)]
    pub yes: bool,
}
