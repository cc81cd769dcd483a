//! How a result is printed: as JSON for machines, as text for people.

use serde::Serialize;

use crate::arguments::Shared;
use crate::failure::{Failure, Outcome};
use crate::out;

pub fn say<T: Serialize>(shared: &Shared, value: &T, text: impl FnOnce() -> String) -> Outcome {
    if shared.json {
        out::line(json(value)?);
    } else if !shared.quiet {
        out::line(text().trim_end());
    }
    Ok(())
}

pub fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new("OutputUnwritable", error.to_string()))
}
