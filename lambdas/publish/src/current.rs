//! The documents that say what readers see: `tables/<table>/model=<m>/scored_on=<day>/_current.json`.

use millrace_contract::stages::{CurrentPredictions, PublishInput};
use millrace_store::{Key, Store, StoreError};

use crate::PublishError;

const NAME: &str = "_current.json";

/// Where the document of a model and day is.
pub fn key(table: &str, model: &str, scored_on: jiff::civil::Date) -> Result<Key, StoreError> {
    Key::new(format!(
        "tables/{table}/model={model}/scored_on={scored_on}/{NAME}"
    ))
}

/// Everything that is visible in the store, sorted by table, model and day.
pub fn visible(store: &Store) -> Result<Vec<CurrentPredictions>, PublishError> {
    let mut found = Vec::new();
    for info in store.list("tables/")? {
        if !info.key.as_ref().ends_with(NAME) {
            continue;
        }
        found.push(parse(
            &store.get(&info.key)?.bytes,
            store.object_uri(&info.key),
        )?);
    }
    Ok(found)
}

pub fn parse(bytes: &[u8], uri: String) -> Result<CurrentPredictions, PublishError> {
    serde_json::from_slice(bytes).map_err(|error| PublishError::CurrentDamaged {
        uri,
        detail: error.to_string(),
    })
}

/// The document that makes the run of `input` visible.
pub fn document(
    input: &PublishInput,
    previous: Option<CurrentPredictions>,
) -> Result<Vec<u8>, PublishError> {
    let current = CurrentPredictions {
        table: input.table.clone(),
        model: input.model.clone(),
        version: input.version.clone(),
        scored_on: input.scored_on,
        run: input.run.clone(),
        files: input.files.clone(),
        rows: input.rows,
        previous: previous.map(Box::new),
    };
    let unwritable = |error: serde_json::Error| PublishError::CurrentDamaged {
        uri: "the new document".into(),
        detail: error.to_string(),
    };
    let mut bytes = serde_json::to_vec_pretty(&current).map_err(unwritable)?;
    bytes.push(b'\n');
    Ok(bytes)
}
