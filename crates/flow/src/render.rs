//! One readable line per change of state, for a log or a terminal that cannot redraw.
//!
//! ```text
//! training      Validate      running    attempt 1
//! training      Validate      done       in 1.2 s
//! training      Train         12 %       fold 2 of 5
//! ```

use crate::history::{Event, EventKind, Observer, Progress, ScopeStep};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// A line of progress is worth it after every tenth of the work, or after this long.
const STEPS: f64 = 10.0;
const STEP_SECONDS: i64 = 10;

/// Writes lines as things happen. An error of the writer is ignored: a closed pipe is no reason to stop.
#[derive(Debug)]
pub struct Lines<W> {
    inner: Mutex<Inner<W>>,
}

#[derive(Debug)]
struct Inner<W> {
    writer: W,
    formatter: Formatter,
}

impl<W: Write> Lines<W> {
    /// `title` begins every line: the name of the flow.
    pub fn new(title: impl Into<String>, writer: W) -> Self {
        let inner = Inner {
            writer,
            formatter: Formatter::new(title),
        };
        Self {
            inner: Mutex::new(inner),
        }
    }

    pub fn into_writer(self) -> W {
        self.inner
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .writer
    }

    fn write(&self, line: impl FnOnce(&mut Formatter) -> Option<String>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = line(&mut inner.formatter) {
            let _ = writeln!(inner.writer, "{line}");
            let _ = inner.writer.flush();
        }
    }
}

impl<W: Write + Send> Observer for Lines<W> {
    fn event(&self, event: &Event) {
        self.write(|formatter| formatter.event(event));
    }

    fn progress(&self, progress: &Progress) {
        self.write(|formatter| formatter.progress(progress));
    }
}

/// Turns events into lines. Keeps when states were entered, to say how long they took.
#[derive(Debug)]
pub struct Formatter {
    title: String,
    started: Option<Timestamp>,
    entered: BTreeMap<String, Timestamp>,
    told: BTreeMap<String, (Timestamp, f64)>,
}

impl Formatter {
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            started: None,
            entered: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    /// The line for an event, if it is worth one.
    pub fn event(&mut self, event: &Event) -> Option<String> {
        let scope = &event.scope;
        match &event.kind {
            EventKind::ExecutionStarted { name, .. } => {
                self.started = Some(event.time);
                Some(self.line("", "started", name))
            }
            EventKind::StateEntered { state, .. } => {
                self.entered.insert(place(scope, state), event.time);
                None
            }
            EventKind::TaskAttemptStarted { state, attempt, .. } => {
                let place = place(scope, state);
                self.told.remove(&place);
                Some(self.line(&place, "running", &format!("attempt {attempt}")))
            }
            EventKind::TaskAttemptFailed {
                state,
                attempt,
                error,
                cause,
            } => Some(self.line(
                &place(scope, state),
                "failed",
                &format!("attempt {attempt}: {}", told(error, cause)),
            )),
            EventKind::RetryScheduled {
                state,
                delay_seconds,
                error,
                ..
            } => Some(self.line(
                &place(scope, state),
                "waiting",
                &format!("{delay_seconds:.1} s, then again, after {error}"),
            )),
            EventKind::ErrorCaught {
                state, error, next, ..
            } => Some(self.line(
                &place(scope, state),
                "caught",
                &format!("{error}, going to {next}"),
            )),
            EventKind::StateExited { state, .. } => {
                let place = place(scope, state);
                let took = self.took(&place, event.time);
                Some(self.line(&place, "done", &took))
            }
            EventKind::StateFailed {
                state,
                error,
                cause,
            } => Some(self.line(&place(scope, state), "error", &told(error, cause))),
            EventKind::StateStopped { state } => {
                Some(self.line(&place(scope, state), "stopped", ""))
            }
            EventKind::ExecutionSucceeded { .. } => {
                Some(self.line("", "succeeded", &self.total(event.time)))
            }
            EventKind::ExecutionFailed { error, cause } => {
                Some(self.line("", "failed", &told(error, cause)))
            }
            EventKind::ExecutionTimedOut => {
                Some(self.line("", "timed out", &self.total(event.time)))
            }
            EventKind::ExecutionStopped => Some(self.line("", "stopped", &self.total(event.time))),
            EventKind::TaskAttemptSucceeded { .. } => None,
        }
    }

    /// The line for a task's progress, if it has come far enough since the last one.
    pub fn progress(&mut self, progress: &Progress) -> Option<String> {
        let place = place(&progress.scope, &progress.state);
        let known = progress.fraction.filter(|fraction| fraction.is_finite());
        let step = (known.unwrap_or(0.0) * STEPS + 1e-9).floor();
        if let Some((time, last)) = self.told.get(&place) {
            let waited = progress.time.duration_since(*time).as_secs() >= STEP_SECONDS;
            if !waited && step <= *last {
                return None;
            }
        }
        let status = known.map_or_else(
            || "running".to_owned(),
            |fraction| format!("{:.0} %", fraction * 100.0),
        );
        self.told.insert(place.clone(), (progress.time, step));
        Some(self.line(&place, &status, &progress.text))
    }

    fn line(&self, place: &str, status: &str, detail: &str) -> String {
        let mut line = format!("{:<12}  {place:<24}  {status:<10}", self.title);
        if !detail.is_empty() {
            // A cause may be a whole report; a line is a line.
            let one_line: String = detail
                .chars()
                .map(|character| {
                    if character.is_control() {
                        ' '
                    } else {
                        character
                    }
                })
                .collect();
            let _ = write!(line, " {one_line}");
        }
        line.truncate(line.trim_end().len());
        line
    }

    fn took(&self, place: &str, now: Timestamp) -> String {
        self.entered
            .get(place)
            .map_or_else(String::new, |entered| seconds(*entered, now))
    }

    fn total(&self, now: Timestamp) -> String {
        self.started
            .map_or_else(String::new, |started| seconds(started, now))
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> String {
    format!("in {:.1} s", to.duration_since(from).as_secs_f64())
}

fn told(error: &str, cause: &str) -> String {
    match (error.is_empty(), cause.is_empty()) {
        (_, true) => error.to_owned(),
        (true, false) => cause.to_owned(),
        (false, false) => format!("{error}: {cause}"),
    }
}

fn place(scope: &[ScopeStep], state: &str) -> String {
    let mut place = String::new();
    for step in scope {
        let _ = write!(place, "{step}/");
    }
    place + state
}
