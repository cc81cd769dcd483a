//! `runs/<run>/history.json`: every execution of a run, state by state, the latest last; beside it
//! `executing.json`, the one that is under way: so a run that is killed has a history all the same.

use std::sync::{Mutex, PoisonError};

use millrace_contract::RunId;
use millrace_flow::{Event, EventKind, Execution, History, Observer, Outcome, Progress};
use millrace_store::{Key, Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::OrchestraError;

const FINISHED: &str = "history.json";
const UNDER_WAY: &str = "executing.json";

/// The executions of a run that ended; more than one when it was resumed, none when it never ran here.
pub fn read_history(store: &Store, run_id: &RunId) -> Result<Vec<Execution>, OrchestraError> {
    Ok(read(store, run_id, FINISHED)?.unwrap_or_default())
}

/// What is known of the execution that is under way, or that was killed.
pub fn read_executing(store: &Store, run_id: &RunId) -> Result<Option<History>, OrchestraError> {
    read(store, run_id, UNDER_WAY)
}

/// Adds an execution that ended.
pub fn append(store: &Store, run_id: &RunId, execution: &Execution) -> Result<(), OrchestraError> {
    let mut all = read_history(store, run_id)?;
    all.push(execution.clone());
    write(store, run_id, FINISHED, &all)?;
    store.delete(&key(run_id, UNDER_WAY)?)?;
    Ok(())
}

/// Counts an execution that was killed among those that ended, before the next one begins.
pub fn bury(store: &Store, run_id: &RunId) -> Result<(), OrchestraError> {
    let Some(history) = read_executing(store, run_id)? else {
        return Ok(());
    };
    let killed = Execution {
        name: run_id.to_string(),
        outcome: Outcome::Stopped,
        history,
    };
    append(store, run_id, &killed)
}

/// Passes everything on to another observer, and keeps in the store how far the execution has come.
pub struct Journal<'a> {
    store: &'a Store,
    run_id: &'a RunId,
    observer: &'a dyn Observer,
    history: Mutex<History>,
}

impl<'a> Journal<'a> {
    pub fn new(store: &'a Store, run_id: &'a RunId, observer: &'a dyn Observer) -> Journal<'a> {
        Journal {
            store,
            run_id,
            observer,
            history: Mutex::default(),
        }
    }
}

impl Observer for Journal<'_> {
    fn event(&self, event: &Event) {
        self.observer.event(event);
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        history.events.push(event.clone());
        // What can take long or go wrong is a task: between two of them nothing is lost.
        if matches!(event.kind, EventKind::TaskAttemptStarted { .. })
            && let Err(error) = write(self.store, self.run_id, UNDER_WAY, &*history)
        {
            tracing::warn!("how far the run has come could not be written: {error}");
        }
    }

    fn progress(&self, progress: &Progress) {
        self.observer.progress(progress);
    }
}

fn read<T: DeserializeOwned>(
    store: &Store,
    run_id: &RunId,
    name: &str,
) -> Result<Option<T>, OrchestraError> {
    let key = key(run_id, name)?;
    match store.get(&key) {
        Ok(object) => serde_json::from_slice(&object.bytes)
            .map(Some)
            .map_err(|error| OrchestraError::HistoryDamaged {
                uri: store.object_uri(&key),
                detail: error.to_string(),
            }),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn write<T: Serialize>(
    store: &Store,
    run_id: &RunId,
    name: &str,
    value: &T,
) -> Result<(), OrchestraError> {
    let bytes = serde_json::to_vec(value).map_err(|error| OrchestraError::Request {
        detail: error.to_string(),
    })?;
    store.put(&key(run_id, name)?, bytes)?;
    Ok(())
}

fn key(run_id: &RunId, name: &str) -> Result<Key, StoreError> {
    Key::new(format!("runs/{run_id}/{name}"))
}
