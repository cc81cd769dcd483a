//! What stays of an erasure: when, and which files, but not who.

use jiff::Timestamp;
use millrace_store::{Key, Store};
use serde::Serialize;

use super::change::{Change, Eraser};
use crate::failure::{Failure, Outcome};

/// `erasures/<name>.json`. It holds no digest of the id: ids can be guessed, and whoever guesses one
/// could see that the customer was here.
#[derive(Debug, Serialize)]
struct Record<'a> {
    erasure: &'a str,
    at: Timestamp,
    rows: u64,
    files: &'a [Change],
}

pub fn write(store: &Store, eraser: &Eraser<'_>, files: &[Change]) -> Outcome {
    let record = Record {
        erasure: &eraser.name,
        at: eraser.at.unwrap_or_else(crate::runs::now),
        rows: files.iter().map(|change| change.rows).sum(),
        files,
    };
    let bytes = serde_json::to_vec_pretty(&record)
        .map_err(|error| Failure::new("OutputUnwritable", error.to_string()))?;
    store.put_if_absent(&Key::new(format!("erasures/{}.json", eraser.name))?, bytes)?;
    Ok(())
}
