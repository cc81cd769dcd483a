//! The documents that say whose scores readers see: `tables/served/<model>.json`, changed by
//! compare-and-set only.

use jiff::civil::Date;
use millrace_contract::ModelName;
use millrace_contract::tables::{SERVED, ServedDay, ServedRun, lines, run_folder};
use millrace_store::{Etag, Key, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::PublishError;

/// How often a lost race is tried again before the stage gives up.
const TRIES: u32 = 20;
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
pub fn visible(store: &Store) -> Result<Vec<Visible>, PublishError> {
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
pub fn all(store: &Store) -> Result<Vec<ServedDay>, PublishError> {
    let mut days = Vec::new();
    for info in store.list(&format!("tables/{SERVED}/"))? {
        let object = store.get(&info.key)?;
        days.append(&mut parse(&object.bytes, store.object_uri(&info.key))?);
    }
    Ok(days)
}

/// The lines of one model; none before anything was published.
pub fn read(store: &Store, model: &ModelName) -> Result<Vec<ServedDay>, PublishError> {
    Ok(load(store, &key(model)?)?.0)
}

/// Changes the lines of a model in one step. `decide` is called again with newer lines whenever another
/// writer was quicker; when it changes nothing, nothing is written.
pub fn change<T>(
    store: &Store,
    model: &ModelName,
    mut decide: impl FnMut(&mut Vec<ServedDay>) -> Result<T, PublishError>,
) -> Result<T, PublishError> {
    let key = key(model)?;
    for _ in 0..TRIES {
        let (before, etag) = load(store, &key)?;
        let mut days = before.clone();
        let answer = decide(&mut days)?;
        if days == before {
            return Ok(answer);
        }
        days.sort_by(|a, b| (&a.table, a.scored_on).cmp(&(&b.table, b.scored_on)));
        for day in &mut days {
            day.replaced.truncate(REMEMBERED);
        }
        let bytes = encode(&days).map_err(|error| PublishError::ServedDamaged {
            uri: store.object_uri(&key),
            detail: error.to_string(),
        })?;
        match store.put_if_as_found(&key, bytes, etag.as_ref()) {
            Err(StoreError::Changed { .. } | StoreError::AlreadyExists { .. }) => continue,
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(answer),
        }
    }
    Err(PublishError::Busy {
        uri: store.object_uri(&key),
        tries: TRIES,
    })
}

fn load(store: &Store, key: &Key) -> Result<(Vec<ServedDay>, Option<Etag>), PublishError> {
    let Some(object) = store.find(key)? else {
        return Ok((Vec::new(), None));
    };
    let days = parse(&object.bytes, store.object_uri(key))?;
    Ok((days, Some(object.etag)))
}

/// A line as it is written: each knows how many there are, so that a document that was cut off, even
/// between two lines, is not taken for a shorter one.
#[derive(Serialize, Deserialize)]
struct Numbered<Day> {
    #[serde(flatten)]
    day: Day,
    of_lines: usize,
}

fn encode(days: &[ServedDay]) -> Result<Vec<u8>, serde_json::Error> {
    let numbered = |day| Numbered {
        day,
        of_lines: days.len(),
    };
    lines(&days.iter().map(numbered).collect::<Vec<_>>())
}

fn parse(bytes: &[u8], uri: String) -> Result<Vec<ServedDay>, PublishError> {
    let damaged = |detail: String| PublishError::ServedDamaged {
        uri: uri.clone(),
        detail,
    };
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let days: Vec<Numbered<ServedDay>> = lines
        .map(|line| serde_json::from_slice(line).map_err(|error| damaged(error.to_string())))
        .collect::<Result<_, _>>()?;
    let found = days.len();
    match days.iter().all(|day| day.of_lines == found) && bytes.ends_with(b"\n") {
        true => Ok(days.into_iter().map(|day| day.day).collect()),
        false => Err(damaged(format!("{found} lines are not all of them"))),
    }
}

/// The line of a table and day, made when there is none.
pub fn day_of<'a>(
    days: &'a mut Vec<ServedDay>,
    table: &str,
    model: &ModelName,
    scored_on: Date,
) -> &'a mut ServedDay {
    let found = days
        .iter()
        .position(|day| day.table == table && day.scored_on == scored_on);
    let index = found.unwrap_or_else(|| {
        days.push(ServedDay {
            table: table.to_owned(),
            model: model.clone(),
            scored_on,
            shown: None,
            replaced: Vec::new(),
        });
        days.len() - 1
    });
    &mut days[index]
}

/// Shows `next` instead of what is shown, which is remembered.
pub fn replace(day: &mut ServedDay, next: Option<ServedRun>) {
    if let Some(next) = &next {
        day.replaced
            .retain(|known| known.run.run_id != next.run.run_id);
    }
    if let Some(before) = std::mem::replace(&mut day.shown, next) {
        day.replaced.insert(0, before);
    }
}
