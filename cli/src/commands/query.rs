//! `millrace query`: SQL over what has been published.

use millrace_store::Store;

use crate::arguments::{Query, Shared};
use crate::failure::Outcome;
use crate::sql::{self, Format};

pub fn run(shared: &Shared, options: &Query) -> Outcome {
    let store = Store::open(&shared.store)?;
    let answer = sql::query(&store, &options.sql)?;
    let format = match (shared.json, options.csv) {
        (true, _) => Format::Json,
        (_, true) => Format::Csv,
        _ => Format::Table,
    };
    sql::print(&answer, format)
}
