//! The documents that say whose scores readers see: `tables/served/<model>.json`, lines of JSON.

use jiff::civil::Date;
use millrace_contract::ModelName;
use millrace_contract::tables::{SERVED, ServedDay, ServedRun, lines, run_folder};
use millrace_store::{Etag, Key, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::ServedError;

/// How many runs of a day are remembered; with more, the oldest are forgotten. Their files stay.
const REMEMBERED: usize = 32;

/// Where the document of a model is.
pub fn key(model: &ModelName) -> Result<Key, StoreError> {
    Key::new(format!("tables/{SERVED}/{model}.json"))
}

/// A run whose scores readers see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible {
    pub table: String,
    pub model: ModelName,
    pub scored_on: Date,
    pub shown: ServedRun,
    /// Where its files lie.
    pub folder: String,
}

/// Everything that is visible in the store, sorted by model, table and day.
pub fn visible(store: &Store) -> Result<Vec<Visible>, ServedError> {
    let days = all(store)?.into_iter();
    let shown = days.filter_map(|day| {
        let shown = day.shown?;
        let folder = run_folder(&day.table, &day.model, day.scored_on, &shown.run.run_id);
        Some(Visible {
            table: day.table,
            model: day.model,
            scored_on: day.scored_on,
            shown,
            folder,
        })
    });
    Ok(shown.collect())
}

/// The lines of every model.
pub fn all(store: &Store) -> Result<Vec<ServedDay>, ServedError> {
    let mut days = Vec::new();
    for info in store.list(&format!("tables/{SERVED}/"))? {
        let object = store.get(&info.key)?;
        days.append(&mut parse(&object.bytes, store.object_uri(&info.key))?.0);
    }
    Ok(days)
}

/// The lines of one model; none before anything was published.
pub fn read(store: &Store, model: &ModelName) -> Result<Vec<ServedDay>, ServedError> {
    let found = load(store, &key(model)?)?;
    Ok(found.map(|found| found.days).unwrap_or_default())
}

/// The document as it was read, and what is needed to replace exactly it.
#[derive(Debug)]
pub(crate) struct Found {
    pub days: Vec<ServedDay>,
    pub revision: u64,
    pub etag: Etag,
}

pub(crate) fn load(store: &Store, key: &Key) -> Result<Option<Found>, ServedError> {
    let Some(object) = store.find(key)? else {
        return Ok(None);
    };
    let (days, revision) = parse(&object.bytes, store.object_uri(key))?;
    Ok(Some(Found {
        days,
        revision,
        etag: object.etag,
    }))
}

/// A line as it is written: each knows how many there are, so that a document that was cut off, even
/// between two lines, is not taken for a shorter one.
#[derive(Serialize, Deserialize)]
struct Numbered<Day> {
    #[serde(flatten)]
    day: Day,
    of_lines: usize,
    /// Larger with every write, so that a writer who overlooked one is refused also where the lines came to
    /// be the same again. Lines of before there were revisions have none.
    #[serde(default)]
    revision: u64,
}

pub(crate) fn encode(
    mut days: Vec<ServedDay>,
    revision: u64,
) -> Result<Vec<u8>, serde_json::Error> {
    days.sort_by(|a, b| (&a.table, a.scored_on).cmp(&(&b.table, b.scored_on)));
    for day in &mut days {
        // What is forgotten is older than what is remembered, and so is not shown by a late retry either.
        day.replaced.truncate(REMEMBERED);
    }
    let of_lines = days.len();
    let numbered = |day| Numbered {
        day,
        of_lines,
        revision,
    };
    lines(&days.into_iter().map(numbered).collect::<Vec<_>>())
}

fn parse(bytes: &[u8], uri: String) -> Result<(Vec<ServedDay>, u64), ServedError> {
    let damaged = |detail: String| ServedError::Damaged {
        uri: uri.clone(),
        detail,
    };
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let days: Vec<Numbered<ServedDay>> = lines
        .map(|line| serde_json::from_slice(line).map_err(|error| damaged(error.to_string())))
        .collect::<Result<_, _>>()?;
    let found = days.len();
    let revision = days.first().map_or(0, |day| day.revision);
    let whole = days
        .iter()
        .all(|day| day.of_lines == found && day.revision == revision);
    match whole && bytes.ends_with(b"\n") {
        true => Ok((days.into_iter().map(|day| day.day).collect(), revision)),
        false => Err(damaged(format!("{found} lines are not all of them"))),
    }
}
