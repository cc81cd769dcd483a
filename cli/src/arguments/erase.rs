//! What can be typed after `millrace erase`.

use clap::Args;

/// Take one customer's rows out of the store: a dry run, unless --yes is given
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace erase --customer-id C000042
  millrace erase --customer-id C000042 --data customers --yes
  millrace erase --customer-id C000042 --yes --json")]
pub struct Erase {
    /// The id as the data writes it
    #[arg(long, value_name = "ID")]
    pub customer_id: String,
    /// Also rewrite these files of data: a file, a folder or s3://bucket/prefix; may be given again
    #[arg(long, value_name = "PATH")]
    pub data: Vec<String>,
    /// A contract that names the id's column, beside those of the store [default: contracts/customers.toml, or the built-in copy of it]
    #[arg(long, value_name = "FILE")]
    pub contract: Option<String>,
    /// Do it
    #[arg(long)]
    pub yes: bool,
}
