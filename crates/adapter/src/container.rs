//! A stage as a container: its one argument is the URI of its input document.
//!
//! Whoever starts the container writes that document; `output.json`, or `error.json`, appears beside it.

use std::process::ExitCode;

use millrace_contract::NamedError;
use millrace_contract::problem::shortened;
use millrace_contract::stages::{Listener, StageFailure};
use millrace_keys::{Context, Keys};
use millrace_store::{Key, Store};
use millrace_trail::StagePlace;
use serde::de::DeserializeOwned;

use crate::environment::container_memory;
use crate::function::Named;
use crate::logs;
use crate::progress::ProgressLog;

/// The variable that may name the input document instead of the argument.
pub const INPUT: &str = "MILLRACE_INPUT";
/// The exit code of a stage that was asked to stop.
pub const STOPPED: u8 = 143;

/// A stage, with the bytes of memory that its container has, if that is known, and who hears how far it is.
pub type Stage<Input, Output, Error> =
    fn(&Context, Input, Option<u64>, &dyn Listener) -> Result<Output, Error>;

/// Runs a stage once, in the memory that there is, and says by its documents, the exit code and the log how it ended.
pub fn serve<Input, Output, Error>(
    stage: &'static str,
    run: Stage<Input, Output, Error>,
) -> ExitCode
where
    Input: DeserializeOwned,
    Error: NamedError,
{
    logs::start();
    stop_on_signal(stage);
    let given = given();
    // Every line of the log names them, whoever writes it.
    let run_id = given.as_deref().and_then(run_of).unwrap_or("none");
    let span = tracing::info_span!("work", stage, run_id).entered();
    let result = given.ok_or_else(no_input).and_then(|uri| {
        let memory = container_memory(|name| std::env::var(name).ok())?;
        let run = |context: &Context, input, listener: &dyn Listener| {
            run(context, input, memory, listener)
        };
        perform(&uri, run, |store, key| {
            ProgressLog::new(store.clone(), beside(key, "progress.json"))
        })
    });
    let code = match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(stage, error = error.name, "{}", error.message);
            ExitCode::FAILURE
        }
    };
    span.exit();
    code
}

fn given() -> Option<String> {
    let argument = std::env::args().nth(1);
    argument.or_else(|| std::env::var(INPUT).ok())
}

/// The stage that this process is asked for, by the folder of its input: for a program that knows several.
pub fn stage_asked() -> Option<String> {
    let uri = given()?;
    StagePlace::of(&uri).map(|place| place.stage.to_owned())
}

/// The run in the URI of an input document.
fn run_of(uri: &str) -> Option<&str> {
    StagePlace::of(uri).map(|place| place.run)
}

fn no_input() -> Named {
    Named {
        name: "InvalidInput".into(),
        message: format!("give the URI of the input document as the only argument, or in {INPUT}"),
    }
}

/// The stage itself, without a process around it: what a container does between its start and its end.
/// `listener` is made for the store and the key of the input document.
pub fn perform<Input, Output, Error, Progress: Listener>(
    uri: &str,
    run: impl Fn(&Context, Input, &dyn Listener) -> Result<Output, Error>,
    listener: impl FnOnce(&Store, &Key) -> Progress,
) -> Result<(), Named>
where
    Input: DeserializeOwned,
    Error: NamedError,
{
    let (store, key) = input_of(uri)?;
    if let Some(last) = beside(&key, "error.json") {
        store.delete(&last)?;
    }
    let result = Keys::read(millrace_keys::variable)
        .map_err(Named::from)
        .and_then(|keys| {
            let context = Context::new(store.clone(), keys);
            work(&context, &key, run, &listener(&store, &key))
        });
    if let Err(error) = &result {
        leave_error(&store, &key, error);
    }
    result
}

fn work<Input, Output, Error>(
    context: &Context,
    key: &Key,
    run: impl Fn(&Context, Input, &dyn Listener) -> Result<Output, Error>,
    listener: &dyn Listener,
) -> Result<(), Named>
where
    Input: DeserializeOwned,
    Error: NamedError,
{
    let store = &context.store;
    let object = store.get(key)?;
    let input: Input = serde_json::from_slice(&object.bytes).map_err(|error| {
        let uri = store.object_uri(key);
        Named {
            name: "InvalidInput".into(),
            message: shortened(&format!("{uri} is not what this stage takes: {error}")),
        }
    })?;
    run(context, input, listener)?;
    Ok(())
}

/// The error's name travels as a document: on AWS an exit code alone becomes States.TaskFailed.
fn leave_error(store: &Store, input: &Key, error: &Named) {
    let said = StageFailure {
        error: error.name.clone(),
        cause: error.message.clone(),
    };
    let Some(key) = beside(input, "error.json") else {
        return;
    };
    let Ok(bytes) = serde_json::to_vec_pretty(&said) else {
        return;
    };
    if let Err(error) = store.put(&key, bytes) {
        tracing::error!("the error could not be written: {error}");
    }
}

/// Another document in the folder of `key`.
fn beside(key: &Key, name: &str) -> Option<Key> {
    let (folder, _) = key.as_ref().rsplit_once('/')?;
    Key::new(format!("{folder}/{name}")).ok()
}

/// The store and the key of `<store>/runs/<run>/<stage>/input.json`.
pub fn input_of(uri: &str) -> Result<(Store, Key), Named> {
    let misplaced = || Named {
        name: "InvalidInput".into(),
        message: format!(
            "`{uri}` is not the place of an input document: <store>/runs/<run>/<stage>/input.json is"
        ),
    };
    let place = StagePlace::of(uri).ok_or_else(misplaced)?;
    Ok((Store::open(place.store)?, Key::new(place.key())?))
}

/// On SIGTERM the process ends at once: every write is aside-and-rename or one request, so nothing is
/// left half written, and a stage without `output.json` starts again.
fn stop_on_signal(stage: &'static str) {
    let _ = std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return;
            };
            runtime.block_on(async {
                #[cfg(unix)]
                if let Ok(mut terminate) =
                    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                {
                    terminate.recv().await;
                    tracing::warn!(
                        stage,
                        "stopped by SIGTERM: what is finished stays, the rest starts again"
                    );
                    std::process::exit(i32::from(STOPPED));
                }
            });
        });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::stages::Silent;

    #[test]
    fn the_store_is_found_from_the_input() {
        let folder = std::env::temp_dir();
        let (store, key) = input_of(&format!(
            "{}/s/runs/r1/train-1/input.json",
            folder.display()
        ))
        .unwrap();
        assert!(store.uri().ends_with("/s"));
        assert_eq!(key.as_ref(), "runs/r1/train-1/input.json");
        assert_eq!(run_of("s3://b/runs/r1/train-1/input.json"), Some("r1"));
        assert_eq!(input_of("input.json").unwrap_err().name, "InvalidInput");
        assert_eq!(
            input_of("/runs/r1/input.json").unwrap_err().name,
            "InvalidInput"
        );
    }

    #[test]
    fn a_stage_that_fails_leaves_its_error_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().to_str().unwrap()).unwrap();
        let key = Key::new("runs/r1/score/input.json").unwrap();
        store.put(&key, b"7".to_vec()).unwrap();
        let fails =
            |_: &Context, _: u32, _: &dyn Listener| -> Result<(), millrace_contract::NameError> {
                Err(millrace_contract::NameError {
                    what: "model name",
                    given: "x y".into(),
                    rule: "no",
                })
            };
        assert_eq!(
            perform(&store.object_uri(&key), fails, |_, _| Silent)
                .unwrap_err()
                .name,
            "InvalidName"
        );
        let left = store
            .get(&Key::new("runs/r1/score/error.json").unwrap())
            .unwrap();
        let said: StageFailure = serde_json::from_slice(&left.bytes).unwrap();
        assert_eq!(said.error, "InvalidName");
    }
}
