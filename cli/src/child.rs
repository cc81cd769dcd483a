//! Stages that run in containers on AWS run here as programs of their own, beside this one:
//! a crash of theirs is a crash, and this program does not carry what they link.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use millrace_contract::RunId;
use millrace_contract::stages::{Listener, Progress, StageFailure};
use millrace_store::{Key, Store};
use millrace_trail::{StagePlace, StageRecord, collect_stage, prepare_stage};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::say;

/// How often it is asked whether the program is still wanted.
const LOOK: Duration = Duration::from_millis(50);
/// What the system's loader ends a program with whose libraries it does not find.
const NOT_LOADED: i32 = 127;
/// How much of a program's log is kept for its failure.
const MOST_LINES: usize = 20;

/// The signal that nobody can catch; the number is the same on every Unix.
#[cfg(unix)]
const SIGKILL: i32 = 9;

/// A program that carries out a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Training,
    Inference,
}

impl Program {
    fn file_name(self) -> &'static str {
        match self {
            Program::Training => "millrace-training",
            Program::Inference => "millrace-inference",
        }
    }
}

/// Runs a stage in its program and gives its output. What the program says of its progress is passed on.
pub fn run_stage<Input: Serialize, Output: DeserializeOwned>(
    program: Program,
    store: &Store,
    run_id: &RunId,
    stage: &str,
    input: &Input,
    listener: &dyn Listener,
) -> Result<StageRecord<Output>, Failure> {
    let uri = prepare_stage(store, run_id, stage, input)?;
    let ended = execute(program, &uri, listener, &|| false)?;
    // The documents are believed, not the exit code; the last lines help where there is no document.
    collect_stage(store, run_id, stage).map_err(|error| {
        let failure = Failure::from(error);
        match failure.name.as_str() {
            "StageUnfinished" if ended.was_killed => Failure::new(
                "OutOfMemory",
                format!(
                    "the program of {stage} was killed, as one is that wants more memory than there is: free some, or give it fewer rows"
                ),
            ),
            "StageUnfinished" => Failure::new(
                failure.name,
                format!("{}\n{}", failure.message, ended.last_lines),
            ),
            _ => failure,
        }
    })
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// The end of what it logged.
    pub last_lines: String,
    /// By SIGKILL, and not by this program: the system does so when memory runs out.
    pub was_killed: bool,
}

/// Starts the program and waits for its end, or ends it when `is_cancelled` says so: nothing that it writes
/// is ever half written.
pub fn execute(
    program: Program,
    input_uri: &str,
    listener: &dyn Listener,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Ended, Failure> {
    let path = beside_this(program)?;
    let unstartable = |error: std::io::Error| {
        Failure::new(
            "ProgramNotStarted",
            format!("{} could not be started: {error}", path.display()),
        )
    };
    let mut child = Command::new(&path)
        .arg(input_uri)
        .env("MILLRACE_PROGRESS_SECONDS", "0.2")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(unstartable)?;
    let output = child.stdout.take();
    let mut cancelled = false;
    let last_lines = std::thread::scope(|scope| {
        let (ended, end) = mpsc::channel::<()>();
        let reader = scope.spawn(move || {
            let left = output.map(|output| listen(output, listener));
            drop(ended);
            left.unwrap_or_default()
        });
        while end.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if is_cancelled() {
                cancelled = true;
                let _ = child.kill();
                break;
            }
        }
        reader.join().unwrap_or_default()
    });
    let status = child.wait().map_err(unstartable)?;
    if status.code() == Some(NOT_LOADED) {
        return Err(not_loaded(&path, input_uri));
    }
    Ok(Ended {
        last_lines,
        was_killed: !cancelled && was_killed(status),
    })
}

fn was_killed(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGKILL)
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        false
    }
}

/// The program never ran. It cannot say so itself, so that its stage is told the reason in its stead: whoever
/// collects it would find nothing and call it unfinished.
fn not_loaded(path: &Path, input_uri: &str) -> Failure {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let missing = match ["MILLRACE_CACHE", "HOME"].into_iter().any(is_set) {
        true => "",
        false => ", neither of which is set",
    };
    let failure = Failure::new(
        "ProgramNotStarted",
        format!(
            "{} could not be loaded, for a library that it needs is not where the build found it (its own message is above). XGBoost's lies in the folder MILLRACE_CACHE, or else in HOME/.cache/millrace{missing}: make it readable for this user, or build again",
            path.display()
        ),
    );
    if let Err(error) = leave_error(input_uri, &failure) {
        tracing::warn!("the stage was not told why its program did not run: {error}");
    }
    failure
}

fn leave_error(input_uri: &str, failure: &Failure) -> Result<(), Failure> {
    let misplaced = || Failure::new("InvalidInput", format!("{input_uri} is no input document"));
    let place = StagePlace::of(input_uri).ok_or_else(misplaced)?;
    let said = StageFailure {
        error: failure.name.clone(),
        cause: failure.message.clone(),
    };
    let key = Key::new(format!("{}/error.json", place.folder()))?;
    Store::open(place.store)?.put(&key, say::json(&said)?)?;
    Ok(())
}

/// Passes on what the program says of its progress, and gives its last other lines.
fn listen(output: ChildStdout, listener: &dyn Listener) -> String {
    let mut last_lines = VecDeque::new();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match serde_json::from_str::<Progress>(&line) {
            Ok(progress) => listener.hear(progress),
            Err(_) => {
                last_lines.push_back(line);
                if last_lines.len() > MOST_LINES {
                    last_lines.pop_front();
                }
            }
        }
    }
    Vec::from(last_lines).join("\n")
}

fn beside_this(program: Program) -> Result<PathBuf, Failure> {
    let missing = |detail: String| {
        Failure::new(
            "ProgramMissing",
            format!("{detail}: `make build` builds all programs"),
        )
    };
    let this = std::env::current_exe().map_err(|error| missing(error.to_string()))?;
    let path = this.with_file_name(program.file_name());
    if path.is_file() {
        return Ok(path);
    }
    Err(missing(format!("{} is not there", path.display())))
}
