//! The folder of a run as a whole: opened once, its stages prepared and collected, closed at the end.

use millrace_contract::stages::{RunEnd, RunRecord, RunResult, StageFailure};
use millrace_contract::{Digest, RunId};
use millrace_erasure::explains_size;
use millrace_store::{Etag, Key, Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{StageRecord, TrailError, read, to_json};

/// How often a lost race for the end of a run is tried again.
const TRIES: u32 = 20;

/// Begins a run, or finds it begun: then what was written first holds, time included, and a different
/// question under the same name is refused.
pub fn open_run(store: &Store, asked: RunRecord) -> Result<RunRecord, TrailError> {
    let key = run_key(&asked.run.run_id, "run.json")?;
    match store.put_if_absent(&key, to_json(&asked)?) {
        Ok(_) => return Ok(asked),
        Err(StoreError::AlreadyExists { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let found = read_run(store, &asked.run.run_id)?;
    let same = RunRecord {
        run: found.run.clone(),
        ..asked
    } == found;
    if !same {
        return Err(TrailError::InputChanged {
            run_id: found.run.run_id,
            stage: "run".into(),
        });
    }
    Ok(found)
}

/// What a run was asked.
pub fn read_run(store: &Store, run_id: &RunId) -> Result<RunRecord, TrailError> {
    let key = run_key(run_id, "run.json")?;
    match store.get(&key) {
        Ok(object) => read::parse(&object.bytes, store.object_uri(&key), "a run"),
        Err(StoreError::NotFound { .. }) => Err(TrailError::RunNotFound {
            run_id: run_id.clone(),
            store: store.uri(),
        }),
        Err(error) => Err(error.into()),
    }
}

/// How a run ended; nothing while it has not.
pub fn read_end(store: &Store, run_id: &RunId) -> Result<Option<RunEnd>, TrailError> {
    let found = end_and_mark(store, &run_key(run_id, "end.json")?)?;
    Ok(found.map(|(end, _)| end))
}

fn end_and_mark(store: &Store, key: &Key) -> Result<Option<(RunEnd, Etag)>, TrailError> {
    let Some(object) = store.find(key)? else {
        return Ok(None);
    };
    let end = read::parse(&object.bytes, store.object_uri(key), "the end of a run")?;
    Ok(Some((end, object.etag)))
}

/// Every run of the store, sorted by name.
pub fn list_runs(store: &Store) -> Result<Vec<RunId>, TrailError> {
    let ids = store.list("runs/")?.into_iter().filter_map(|info| {
        let id = info
            .key
            .as_ref()
            .strip_prefix("runs/")?
            .strip_suffix("/run.json")?
            .to_owned();
        RunId::new(id).ok()
    });
    Ok(ids.collect())
}

/// Says how the run ended. A success stays a success; a failure that was resumed may become one.
pub fn close_run(store: &Store, run_id: &RunId, result: RunResult) -> Result<RunEnd, TrailError> {
    let run = read_run(store, run_id)?.run;
    let end = RunEnd { run, result };
    let (key, bytes) = (run_key(run_id, "end.json")?, to_json(&end)?);
    let mut tries = 0;
    loop {
        tries += 1;
        // Between reading and writing another process may bring the same run to its end.
        let (found, etag) = end_and_mark(store, &key)?.unzip();
        if let Some(found) = found
            && matches!(found.result, RunResult::Succeeded { .. })
        {
            return Ok(found);
        }
        match store.put_if_as_found(&key, bytes.clone(), etag.as_ref()) {
            Err(StoreError::Changed { .. } | StoreError::AlreadyExists { .. }) if tries < TRIES => {
            }
            result => return Ok(result.map(|_| end)?),
        }
    }
}

/// Writes the input document of a stage that runs in a container, and gives its URI.
pub fn prepare_stage<Input: Serialize>(
    store: &Store,
    run_id: &RunId,
    stage: &str,
    input: &Input,
) -> Result<String, TrailError> {
    let key = stage_key(run_id, stage, "input.json")?;
    store.delete(&stage_key(run_id, stage, "error.json")?)?;
    store.put(&key, to_json(input)?)?;
    Ok(store.object_uri(&key))
}

/// What a stage left in its folder: its output, or else the error that it named. Its exit code is not
/// believed: emulators lose it, and a container that was killed says nothing at all.
pub fn collect_stage<Output: DeserializeOwned>(
    store: &Store,
    run_id: &RunId,
    stage: &str,
) -> Result<StageRecord<Output>, TrailError> {
    // Whoever runs a stage removes its last error first, so one that is there is the newest word.
    if let error @ TrailError::StageFailed { .. } = left_behind(store, run_id, stage)? {
        return Err(error);
    }
    let key = stage_key(run_id, stage, "output.json")?;
    match store.get(&key) {
        Ok(object) => {
            let uri = store.object_uri(&key);
            let record: StageRecord<Output> = read::parse(&object.bytes, uri, "a stage's output")?;
            for reference in &record.objects {
                still_there(store, reference)?;
            }
            Ok(record)
        }
        Err(StoreError::NotFound { .. }) => Err(left_behind(store, run_id, stage)?),
        Err(error) => Err(error.into()),
    }
}

/// What a finished stage was asked: the input that its output answers, or nothing is believed. The document
/// may be in the state machine's form or in the stage's own, so its meaning is digested, as the stage did.
pub fn input_of<Input: Serialize + DeserializeOwned, Output>(
    store: &Store,
    record: &StageRecord<Output>,
) -> Result<Input, TrailError> {
    let key = stage_key(&record.run_id, &record.stage, "input.json")?;
    let uri = store.object_uri(&key);
    let input: Input = read::parse(&store.get(&key)?.bytes, uri.clone(), "a stage's input")?;
    let found = Digest::of(&to_json(&input)?);
    if found == record.input_digest {
        return Ok(input);
    }
    Err(TrailError::Altered {
        uri,
        expected: record.input_digest.short().to_owned(),
        found: found.short().to_owned(),
    })
}

/// The error of a stage that did not finish.
fn left_behind(store: &Store, run_id: &RunId, stage: &str) -> Result<TrailError, TrailError> {
    let key = stage_key(run_id, stage, "error.json")?;
    match store.get(&key) {
        Ok(object) => {
            let said: StageFailure =
                read::parse(&object.bytes, store.object_uri(&key), "a stage's error")?;
            Ok(TrailError::StageFailed {
                error: said.error,
                cause: said.cause,
            })
        }
        Err(StoreError::NotFound { .. }) => Ok(TrailError::StageUnfinished {
            run_id: run_id.clone(),
            stage: stage.to_owned(),
        }),
        Err(error) => Err(error.into()),
    }
}

fn still_there(store: &Store, reference: &millrace_contract::ObjectRef) -> Result<(), TrailError> {
    let key = Key::new(reference.key.clone())?;
    let found = store.head(&key)?.bytes;
    if found == reference.bytes || explains_size(store, reference, found)? {
        return Ok(());
    }
    Err(TrailError::Altered {
        uri: store.object_uri(&key),
        expected: format!("{} bytes", reference.bytes),
        found: format!("{found} bytes"),
    })
}

/// The key of an object in a stage's folder.
pub fn stage_key(run_id: &RunId, stage: &str, name: &str) -> Result<Key, StoreError> {
    Key::new(format!("runs/{run_id}/{stage}/{name}"))
}

fn run_key(run_id: &RunId, name: &str) -> Result<Key, StoreError> {
    Key::new(format!("runs/{run_id}/{name}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Begun, begin};
    use millrace_contract::NamedError;
    use millrace_contract::stages::{Run, RunKind};
    use millrace_store::faults::{Fault, Verb};

    fn asked(time: &str, data: &str) -> RunRecord {
        RunRecord {
            run: Run {
                run_id: RunId::new("r1").unwrap(),
                started_at: time.parse().unwrap(),
            },
            kind: RunKind::Training,
            model: "engagement".parse().unwrap(),
            data: data.into(),
            documents: None,
            strategy: None,
            version: None,
            extra: Default::default(),
            trial: false,
        }
    }

    #[test]
    fn a_run_that_is_started_again_keeps_its_time_and_its_question() {
        let store = Store::memory();
        let first = open_run(&store, asked("2026-11-01T00:00:00Z", "customers")).unwrap();
        assert_eq!(
            open_run(&store, asked("2026-11-02T00:00:00Z", "customers")).unwrap(),
            first
        );
        let other = open_run(&store, asked("2026-11-01T00:00:00Z", "others")).unwrap_err();
        assert_eq!(other.name(), "RunInputChanged");
        assert_eq!(list_runs(&store).unwrap(), [first.run.run_id]);
    }

    #[test]
    fn a_success_is_not_overwritten_by_a_late_failure() {
        let store = Store::memory();
        let run = open_run(&store, asked("2026-11-01T00:00:00Z", "customers"))
            .unwrap()
            .run
            .run_id;
        let failed = || RunResult::Failed {
            stage: "Train".into(),
            error: "E".into(),
            cause: "c".into(),
        };
        close_run(&store, &run, failed()).unwrap();
        close_run(
            &store,
            &run,
            RunResult::Succeeded {
                summary: "done".into(),
            },
        )
        .unwrap();
        close_run(&store, &run, failed()).unwrap();
        let end = read_end(&store, &run).unwrap().unwrap();
        assert_eq!(
            end.result,
            RunResult::Succeeded {
                summary: "done".into()
            }
        );
    }

    #[test]
    fn a_failure_that_comes_between_takes_no_success_back() {
        let sound = Store::memory();
        let run = open_run(&sound, asked("2026-11-01T00:00:00Z", "customers"));
        let run = run.unwrap().run.run_id;
        let succeeded = RunResult::Succeeded {
            summary: "done".into(),
        };
        let (other, name, told) = (sound.clone(), run.clone(), succeeded.clone());
        // Another process ends the run just before this one writes.
        let store = sound.clone().with_faults(move |operation| {
            if operation.verb == Verb::PutIfAbsent {
                close_run(&other, &name, told.clone()).unwrap();
            }
            Fault::None
        });
        let failed = RunResult::Failed {
            stage: "Train".into(),
            error: "E".into(),
            cause: "c".into(),
        };
        assert_eq!(close_run(&store, &run, failed).unwrap().result, succeeded);
        let end = read_end(&sound, &run).unwrap().unwrap();
        assert_eq!(end.result, succeeded);
    }

    #[test]
    fn a_stage_is_believed_by_what_it_left() {
        let store = Store::memory();
        let run = RunId::new("r1").unwrap();
        prepare_stage(&store, &run, "train-1", &"input").unwrap();
        let error = collect_stage::<u32>(&store, &run, "train-1").unwrap_err();
        assert_eq!(error.name(), "StageUnfinished");
        if let Begun::Fresh(mut work) = begin::<_, u32>(&store, &run, "train-1", &"input").unwrap()
        {
            work.put("model.ubj", b"model".to_vec()).unwrap();
            work.finish(7u32).unwrap();
        }
        assert_eq!(
            collect_stage::<u32>(&store, &run, "train-1")
                .unwrap()
                .output,
            7
        );
        store
            .delete(&stage_key(&run, "train-1", "model.ubj").unwrap())
            .unwrap();
        assert_eq!(
            collect_stage::<u32>(&store, &run, "train-1")
                .unwrap_err()
                .name(),
            "StoreObjectNotFound"
        );
    }
}
