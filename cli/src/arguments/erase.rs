//! What can be typed after `millrace erase`.

use clap::{Args, Subcommand};

/// Take one customer's rows out of the store: a dry run, unless --yes is given
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  millrace erase --customer-id C000042
  millrace erase --customer-id C000042 --data customers --yes
  millrace erase --customer-id C000042 --yes --json
  millrace erase verify 20261101T080000000000

The exit code is 0 when all of it could be looked into and cleaned, 1 when something is left: then the same command
goes on with what is left."
)]
pub struct Erase {
    #[command(subcommand)]
    pub command: Option<EraseCommand>,
    /// The id as the data writes it
    #[arg(long, value_name = "ID", required = true)]
    pub customer_id: Option<String>,
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

#[derive(Debug, Subcommand)]
pub enum EraseCommand {
    Verify(VerifyErasure),
}

/// Check the receipt of an erasure: its signature, and that every object still is what it says
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  millrace erase verify 20261101T080000000000
  millrace erase verify receipt.json --customer-id C000042 --proof 5f2c...

The exit code is 0 when the receipt holds: signed where signatures are asked for, complete, and nothing came back.")]
pub struct VerifyErasure {
    /// The name of an erasure in the store, or the path or URI of a receipt; its signature lies beside it
    #[arg(value_name = "RECEIPT")]
    pub receipt: String,
    /// Also check that it is about this customer
    #[arg(long, value_name = "ID")]
    pub customer_id: Option<String>,
    /// What `millrace erase` printed, where it had no key of pseudonyms
    #[arg(long, value_name = "PROOF", requires = "customer_id")]
    pub proof: Option<String>,
}
