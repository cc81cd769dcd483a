//! What must hold at every moment, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use millrace_contract::Version;
use millrace_keys::Context;
use millrace_registry::{Document, Registry, State, models};
use millrace_served::{Visible, visible};
use millrace_store::Store;
use millrace_trail::{StageRecord, fetch};
use serde_json::Value;

use crate::reader::{self, Content};

/// Every breach, in a sentence each.
pub fn breaches(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    let mut documents = BTreeMap::new();
    for model in models(store).unwrap() {
        let registry = Registry::open(&Context::unsigned(store), model.clone());
        match registry.document() {
            Ok(document) => {
                check_history(&registry, &document, &mut found);
                check_versions(&registry, &document, &mut found);
                documents.insert(model, document);
            }
            Err(error) => found.push(format!("the registry of {model} cannot be read: {error}")),
        }
    }
    match visible(store) {
        Ok(all) => {
            for seen in &all {
                check_visible(store, documents.get(&seen.model), seen, &mut found);
            }
        }
        Err(error) => found.push(format!("nobody can tell what is visible: {error}")),
    }
    check_stages(store, &mut found);
    found
}

/// One line from the first entry to the last, and the states follow from it.
fn check_history(registry: &Registry, document: &Document, found: &mut Vec<String>) {
    let history = match registry.history() {
        Ok(history) => history,
        Err(error) => return found.push(format!("the history cannot be read: {error}")),
    };
    let mut live = None;
    let mut states = BTreeMap::new();
    for (place, entry) in history.iter().enumerate() {
        if entry.sequence != place as u64 + 1 || entry.live_before != live {
            found.push(format!("the history is not one line at {entry:?}"));
        }
        live = entry.live_after;
        if let (Some(version), Some(to)) = (entry.version, entry.to) {
            let before = states.insert(version, to);
            if before != entry.from || before.is_some_and(|from: State| !from.may_become(to)) {
                found.push(format!("{version} cannot move so: {entry:?}"));
            }
        }
    }
    let now = document.versions.iter();
    let now: BTreeMap<_, _> = now
        .map(|(version, entry)| (*version, entry.state))
        .collect();
    if states != now || live != document.live() {
        found.push(format!("the history says {states:?}, the document {now:?}"));
    }
}

/// Every version has its manifest, and every file is what the manifest says.
fn check_versions(registry: &Registry, document: &Document, found: &mut Vec<String>) {
    for version in document.versions.keys() {
        let sound = registry
            .resolve(&version.to_string())
            .and_then(|resolved| registry.verify(&resolved.manifest));
        if let Err(error) = sound {
            found.push(format!("{version} is not whole: {error}"));
        }
    }
}

/// Whole, of one run and one version, which passed its gates and was live.
fn check_visible(
    store: &Store,
    document: Option<&Document>,
    seen: &Visible,
    found: &mut Vec<String>,
) {
    let shown = &seen.shown;
    let name = format!("{} of run {}", seen.scored_on, shown.run.run_id);
    let expected = Content {
        rows: shown.rows,
        versions: BTreeSet::from([shown.version.clone()]),
        runs: BTreeSet::from([shown.run.run_id.to_string()]),
    };
    match reader::contents(store, &seen.folder) {
        Ok(contents) => {
            // One shard, so one file.
            if contents != [expected] {
                found.push(format!(
                    "{name}: {shown:?} is shown, but there is {contents:?}"
                ));
            }
        }
        Err(error) => found.push(format!("{name}: {error}")),
    }
    let version = shown.version.parse::<Version>().ok();
    let entry = document
        .zip(version)
        .and_then(|(document, version)| document.versions.get(&version));
    match entry {
        None => found.push(format!("{name}: no version {}", shown.version)),
        Some(entry) if !matches!(entry.state, State::Live | State::Retired) => {
            found.push(format!("{name}: {} was never live", shown.version));
        }
        Some(_) => {}
    }
}

/// A finished stage vouches for its objects, and they are as it says.
fn check_stages(store: &Store, found: &mut Vec<String>) {
    let objects = store.list("runs/").unwrap();
    let records = objects.iter().filter(|object| {
        let mut parts = object.key.as_str().split('/').skip(2);
        (parts.next().is_some(), parts.next(), parts.next()) == (true, Some("output.json"), None)
    });
    for object in records {
        let bytes = store.get(&object.key).unwrap().bytes;
        match serde_json::from_slice::<StageRecord<Value>>(&bytes) {
            Ok(record) => {
                for reference in &record.objects {
                    if let Err(error) = fetch(store, reference) {
                        found.push(format!("{}: {error}", object.key));
                    }
                }
            }
            Err(error) => found.push(format!("{}: {error}", object.key)),
        }
    }
}
