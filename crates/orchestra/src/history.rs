//! `runs/<run>/history.json`: every execution of a run, state by state, the latest last.

use millrace_contract::RunId;
use millrace_flow::Execution;
use millrace_store::{Key, Store, StoreError};

use crate::OrchestraError;

/// The executions of a run; more than one when it was resumed, none when it never ran here.
pub fn read_history(store: &Store, run_id: &RunId) -> Result<Vec<Execution>, OrchestraError> {
    let key = key(run_id)?;
    match store.get(&key) {
        Ok(object) => {
            serde_json::from_slice(&object.bytes).map_err(|error| OrchestraError::HistoryDamaged {
                uri: store.object_uri(&key),
                detail: error.to_string(),
            })
        }
        Err(StoreError::NotFound { .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Adds an execution.
pub fn append(store: &Store, run_id: &RunId, execution: &Execution) -> Result<(), OrchestraError> {
    let mut all = read_history(store, run_id)?;
    all.push(execution.clone());
    let bytes = serde_json::to_vec(&all).map_err(|error| OrchestraError::Request {
        detail: error.to_string(),
    })?;
    store.put(&key(run_id)?, bytes)?;
    Ok(())
}

fn key(run_id: &RunId) -> Result<Key, StoreError> {
    Key::new(format!("runs/{run_id}/history.json"))
}
