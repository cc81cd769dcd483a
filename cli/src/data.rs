//! Data of a run that no validation precedes: fixed by the command itself.

use millrace_contract::stages::DataFiles;
use millrace_contract::{ObjectRef, RunId};
use millrace_dataset::Source;
use millrace_store::{Store, StoreError, absolute};
use millrace_trail::{TrailError, fetch_json, stage_key};

use crate::failure::Failure;
use crate::say::json;

/// The list of the files of `data`, beside the run's other documents. A run that has its list keeps it, as it keeps
/// its spec: other data under the same run id is refused.
pub fn fixed(store: &Store, run_id: &RunId, data: &str) -> Result<ObjectRef, Failure> {
    let key = stage_key(run_id, "documents", "data_files.json")?;
    if store.find(&key)?.is_none() {
        let list = json(&Source::open(data)?.fix()?)?;
        match store.put_if_absent(&key, list) {
            Ok(_) | Err(StoreError::AlreadyExists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let reference = ObjectRef::of(key.as_ref(), &store.get(&key)?.bytes);
    let list: DataFiles = fetch_json(store, &reference, "a list of data files")?;
    if list.uri == absolute(data) {
        return Ok(reference);
    }
    Err(TrailError::InputChanged {
        run_id: run_id.clone(),
        stage: "data".into(),
    }
    .into())
}
