//! Which models the customer's rows had to do with: what they learned stays in them.

use std::collections::BTreeMap;

use millrace_contract::stages::DataFiles;
use millrace_contract::{Digest, ObjectRef};
use millrace_dataset::{IdColumn, Source, without_rows};
use millrace_erasure::{FOLDER, Influence, Influenced, IsAbout, Receipt};
use millrace_keys::Context;
use millrace_store::{Key, Store};
use millrace_trail::fetch_json;
use serde_json::Value;

use super::change::Change;
use super::find::Document;
use super::person::Person;
use crate::failure::Failure;

/// The document that lies beside every model, of a version and of a candidate.
const METADATA: &str = "metadata.json";

/// What is known of the data that a model was made of.
#[derive(Debug, Clone)]
struct Data {
    digest: Digest,
    rows: u64,
}

/// Looks at every model of the store. `seen` is what was found of the customer in each file.
pub fn influenced(
    context: &Context,
    documents: &[Document],
    columns: &[IdColumn],
    person: &Person,
    seen: &[Change],
) -> Vec<Influenced> {
    let store = &context.store;
    let mut read: BTreeMap<String, Result<Data, String>> = BTreeMap::new();
    let models = documents.iter().filter_map(|document| match document {
        Document::Object(key) if is_of_a_model(key) => key.parent(),
        _ => None,
    });
    let mut found: Vec<Influenced> = models
        .map(|folder| {
            let origin = origin(store, &folder);
            let (influence, why) = match origin {
                Err(why) => (Influence::Unknown, why),
                Ok(origin) => {
                    let data = read
                        .entry(origin.data.clone())
                        .or_insert_with(|| data(&origin.data, columns, person));
                    judge(&origin, data, &counts(seen, store, &folder, &origin))
                }
            };
            Influenced {
                place: folder.to_string(),
                influence,
                why,
            }
        })
        .collect();
    recall(context, person, &mut found);
    found
}

fn is_of_a_model(key: &Key) -> bool {
    let parts: Vec<&str> = key.as_str().split('/').collect();
    match parts.as_slice() {
        ["models", _, _, METADATA] => true,
        ["runs", _, stage, METADATA] => stage.starts_with("train-"),
        _ => false,
    }
}

/// What a model was made of, by its own documents.
struct Origin {
    run: String,
    data: String,
    digest: String,
}

/// Where the rows of a training were: earlier versions wrote it into its input, now the list of files says so.
fn data_of(store: &Store, input: &Value) -> Option<String> {
    if let Some(data) = input["data"].as_str() {
        return Some(data.to_owned());
    }
    let list: ObjectRef = serde_json::from_value(input["data_files"].clone()).ok()?;
    let list: DataFiles = fetch_json(store, &list, "a list of data files").ok()?;
    Some(list.uri)
}

fn origin(store: &Store, folder: &Key) -> Result<Origin, String> {
    let read = |name: &str| -> Result<Value, String> {
        let key = folder.join(name).map_err(|error| error.to_string())?;
        let bytes = store.get(&key).map_err(|error| error.to_string())?.bytes;
        serde_json::from_slice(&bytes).map_err(|error| format!("{key} is damaged: {error}"))
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let metadata = read(METADATA)?;
    // A version says where its data was, a candidate's input does.
    let data = match folder.as_str().starts_with("models/") {
        true => text(&read("manifest.json")?["lineage"]["data_uri"]),
        false => data_of(store, &read("input.json")?),
    };
    let run = text(&metadata["run_id"]);
    let digest = text(&metadata["digests"]["data"]);
    match (run, data, digest) {
        (Some(run), Some(data), Some(digest)) => Ok(Origin { run, data, digest }),
        _ => Err("its documents do not say what it was made of".to_owned()),
    }
}

/// The data as it is now, and how many of its rows are the customer's.
fn data(uri: &str, columns: &[IdColumn], person: &Person) -> Result<Data, String> {
    let read = || -> Result<Data, Failure> {
        let source = Source::open(uri)?;
        let mut rows = 0;
        for file in source.files() {
            let (store, key) = file.place()?;
            let bytes = store.get(&key)?.bytes;
            let rest = without_rows(&file.uri, file.format, bytes, columns, person.ids())?;
            rows += rest.map_or(0, |rest| rest.rows_removed);
        }
        let digest = source.digest()?;
        Ok(Data { digest, rows })
    };
    read().map_err(|failure| failure.to_string())
}

/// Rows of the customer in what a run made of its data.
struct Counts {
    held_out: u64,
    set_aside: u64,
}

fn counts(seen: &[Change], store: &Store, folder: &Key, origin: &Origin) -> Counts {
    let in_folder = |folder: &str, begins: &str| {
        let start = format!("{}/{folder}/{begins}", store.uri());
        let found = seen.iter().filter(|change| change.uri.starts_with(&start));
        found.map(|change| change.rows).max().unwrap_or(0)
    };
    Counts {
        held_out: in_folder(folder.as_str(), "holdout"),
        set_aside: in_folder(&format!("runs/{}/validate", origin.run), "quarantine/"),
    }
}

fn judge(origin: &Origin, data: &Result<Data, String>, counts: &Counts) -> (Influence, String) {
    let held_out = "it was judged on a row of theirs, which was held out";
    let data = match data {
        Ok(data) => data,
        Err(why) if counts.held_out > 0 => {
            return (
                Influence::HeldOut,
                format!("{held_out}; whether it also learned from others cannot be told: {why}"),
            );
        }
        Err(why) => {
            return (
                Influence::Unknown,
                format!("its data cannot be read: {why}"),
            );
        }
    };
    let is_same = data.digest.as_str() == origin.digest;
    let others = counts.held_out + counts.set_aside;
    match (is_same, data.rows) {
        (true, 0) => (Influence::None, "they are not in its data".to_owned()),
        (true, rows) if rows > others => (
            Influence::Trained,
            format!("it learned from {} of their rows", rows - others),
        ),
        _ if counts.held_out > 0 => (Influence::HeldOut, held_out.to_owned()),
        (true, _) => (
            Influence::None,
            "their rows were set aside by validation".to_owned(),
        ),
        (false, rows) => (
            Influence::Unknown,
            format!("its data has changed since; now {rows} rows of it are theirs"),
        ),
    }
}

/// What an earlier erasure of the same customer knew, when the data was as it had been. Without the key of pseudonyms
/// nobody can tell that it was the same.
fn recall(context: &Context, person: &Person, found: &mut [Influenced]) {
    let (Some(pseudonyms), Some(id)) = (&context.keys.pseudonyms, person.ids().first()) else {
        return;
    };
    let listed = context
        .store
        .list(&format!("{FOLDER}/"))
        .unwrap_or_default();
    for info in listed {
        let parts = info.key.as_str().split('/').count();
        if parts != 2 || !info.key.as_str().ends_with(".json") {
            continue;
        }
        let Ok(object) = context.store.get(&info.key) else {
            continue;
        };
        let Ok(earlier) = Receipt::read(&object.bytes, info.key.as_str()) else {
            continue;
        };
        let about = earlier
            .whom
            .is_about(&earlier.erasure, id, Some(pseudonyms), None);
        if about != IsAbout::Them {
            continue;
        }
        for known in earlier.models {
            let same = |model: &&mut Influenced| {
                model.place == known.place && model.influence == Influence::Unknown
            };
            if known.influence != Influence::Unknown
                && let Some(model) = found.iter_mut().find(same)
            {
                *model = Influenced {
                    why: format!("{} (known since {})", known.why, earlier.erasure),
                    ..known
                };
            }
        }
    }
}
