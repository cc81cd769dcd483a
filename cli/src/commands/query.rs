//! `millrace query`: SQL over what has been published.

use millrace_store::Store;

use crate::arguments::{Query, Shared};
use crate::failure::{Failure, Outcome};
use crate::sql::{self, Format};

pub fn run(shared: &Shared, options: &Query) -> Outcome {
    let store = Store::open(&shared.store)?;
    let answer = sql::query(&store, &asked(options)?)?;
    let format = match (shared.json, options.csv) {
        (true, _) => Format::Json,
        (_, true) => Format::Csv,
        _ => Format::Table,
    };
    sql::print(&answer, format)
}

fn asked(options: &Query) -> Result<String, Failure> {
    let Some(file) = &options.file else {
        return Ok(options.sql.clone().unwrap_or_default());
    };
    std::fs::read_to_string(file).map_err(|error| {
        let message = format!("{}: {error}; name a file with one SELECT", file.display());
        Failure::new("QueryRefused", message)
    })
}
