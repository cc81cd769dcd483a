//! The spec and the contracts that come with the command, for use outside of a checkout.

use std::path::Path;

use millrace_contract::problem::INVALID_CONTRACT;
use millrace_trail::{Text, read_documents, read_toml};

use crate::failure::Failure;

const SPEC: &str = "models/engagement.toml";
const CONTRACT: &str = "contracts/customers.toml";

/// The spec that was named and its contract; or else those of this folder; or else the built-in ones.
pub fn documents(spec: Option<&str>) -> Result<(Text, Text), Failure> {
    match spec {
        Some(spec) => Ok(read_documents(spec)?),
        None if Path::new(SPEC).exists() => Ok(read_documents(SPEC)?),
        None => Ok((
            built_in(SPEC, include_str!("../../models/engagement.toml")),
            customers(),
        )),
    }
}

/// The contract that was named; or else that of this folder; or else the built-in one.
pub fn contract(contract: Option<&str>) -> Result<Text, Failure> {
    match contract {
        Some(contract) => Ok(read_toml(contract, INVALID_CONTRACT)?),
        None if Path::new(CONTRACT).exists() => Ok(read_toml(CONTRACT, INVALID_CONTRACT)?),
        None => Ok(customers()),
    }
}

fn customers() -> Text {
    built_in(CONTRACT, include_str!("../../contracts/customers.toml"))
}

fn built_in(name: &str, text: &str) -> Text {
    Text {
        origin: format!("{name} (built in)"),
        text: text.to_owned(),
    }
}
