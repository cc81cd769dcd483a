//! What all states of one execution share, and what the states of one flow share.

use super::recorder::Recorder;
use crate::asl::Machine;
use crate::clock::{Clock, after, until};
use crate::expression::Environment;
use crate::failure::{DATA_LIMIT_EXCEEDED, Halt, RUNTIME};
use crate::history::{EventKind, History, Observer, Progress, ScopeStep};
use crate::stop::Stop;
use crate::tasks::Tasks;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// One execution.
pub(super) struct Run<'run> {
    pub machine: &'run Machine,
    pub name: &'run str,
    pub tasks: &'run dyn Tasks,
    pub clock: &'run dyn Clock,
    pub environment: Environment<'run>,
    /// When the machine's own TimeoutSeconds will have passed.
    pub deadline: Option<Timestamp>,
    execution_context: Value,
    recorder: Recorder<'run>,
}

impl<'run> Run<'run> {
    pub fn new(
        machine: &'run Machine,
        name: &'run str,
        input: &Value,
        tasks: &'run dyn Tasks,
        observer: &'run dyn Observer,
        clock: &'run dyn Clock,
    ) -> Self {
        let started = clock.now();
        let execution_context = json!({
            "Id": format!("arn:aws:states:local:000000000000:execution:{}:{name}", machine.name),
            "Input": input,
            "Name": name,
            "RoleArn": "arn:aws:iam::000000000000:role/local",
            "StartTime": iso(started),
            "RedriveCount": 0,
        });
        Self {
            machine,
            name,
            tasks,
            clock,
            environment: Environment::new(clock, machine.settings.seed),
            deadline: machine
                .timeout_seconds
                .map(|seconds| after(started, Duration::from_secs(seconds))),
            execution_context,
            recorder: Recorder::new(clock, observer),
        }
    }

    pub fn record(&self, scope: &Scope<'_>, kind: EventKind) {
        scope.events.fetch_add(1, Ordering::Relaxed);
        self.recorder.record(&scope.steps, kind);
    }

    pub fn report(&self, progress: &Progress) {
        self.recorder.progress(progress);
    }

    pub fn into_history(self) -> History {
        self.recorder.into_history()
    }

    /// `$states.context`.
    pub fn context(
        &self,
        scope: &Scope<'_>,
        state: &str,
        entered: Timestamp,
        retries: u32,
    ) -> Value {
        let mut context = json!({
            "Execution": self.execution_context,
            "State": { "EnteredTime": iso(entered), "Name": state, "RetryCount": retries },
            "StateMachine": {
                "Id": format!("arn:aws:states:local:000000000000:stateMachine:{}", self.machine.name),
                "Name": self.machine.name,
            },
        });
        if let (Some(item), Value::Object(fields)) = (&scope.map_item, &mut context) {
            fields.insert("Map".to_owned(), json!({ "Item": item }));
        }
        context
    }

    /// Whether the execution may go on.
    pub fn check(&self, scope: &Scope<'_>) -> Result<(), Halt> {
        if scope.stop.is_requested() {
            return Err(Halt::Stopped);
        }
        if self
            .deadline
            .is_some_and(|deadline| self.clock.now() > deadline)
        {
            return Err(Halt::TimedOut);
        }
        let limit = self.machine.settings.event_limit;
        if scope.events.load(Ordering::Relaxed) >= limit {
            return Err(Halt::failed(
                RUNTIME,
                format!("the execution has reached the maximum of {limit} events"),
            ));
        }
        Ok(())
    }

    /// Refuses what is too large to pass between states.
    pub fn check_size(&self, what: &str, value: &Value) -> Result<(), Halt> {
        let limit = self.machine.settings.message_limit_bytes;
        let size = size_of(value);
        if size <= limit {
            return Ok(());
        }
        let cause =
            format!("{what} has {size} bytes; {limit} are allowed: pass a reference to it instead");
        Err(Halt::failed(DATA_LIMIT_EXCEEDED, cause))
    }

    /// Waits, unless the execution ends meanwhile.
    pub fn sleep(&self, duration: Duration, scope: &Scope<'_>) -> Result<(), Halt> {
        let remaining = self
            .deadline
            .map(|deadline| until(self.clock.now(), deadline));
        if let Some(remaining) = remaining.filter(|remaining| *remaining < duration) {
            self.clock.sleep(remaining, &|| scope.stop.is_requested());
            return Err(if scope.stop.is_requested() {
                Halt::Stopped
            } else {
                Halt::TimedOut
            });
        }
        self.clock.sleep(duration, &|| scope.stop.is_requested());
        self.check(scope)
    }
}

/// One flow on its way: its variables, and where it is.
pub(super) struct Scope<'flow> {
    pub variables: Map<String, Value>,
    pub steps: Vec<ScopeStep>,
    /// `$states.context.Map.Item`, inside a Map.
    pub map_item: Option<Value>,
    /// How many events the execution has that the flow belongs to: a child of a distributed Map has its own.
    events: Arc<AtomicUsize>,
    pub stop: Stop<'flow>,
}

impl<'flow> Scope<'flow> {
    pub fn outermost(stop: &'flow Stop<'flow>) -> Self {
        Self {
            variables: Map::new(),
            steps: Vec::new(),
            map_item: None,
            events: Arc::default(),
            stop: Stop::below(stop),
        }
    }

    /// The scope of an execution that a distributed Map starts: nothing outside is seen.
    pub fn child(&self, step: ScopeStep, stop: &'flow Stop<'flow>) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self {
            variables: Map::new(),
            steps,
            map_item: None,
            events: Arc::default(),
            stop: Stop::below(stop),
        }
    }

    /// The scope of a branch: it sees the variables outside, and what it assigns stays inside.
    pub fn inside(
        &self,
        step: ScopeStep,
        map_item: Option<Value>,
        stop: &'flow Stop<'flow>,
    ) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self {
            variables: self.variables.clone(),
            steps,
            map_item: map_item.or_else(|| self.map_item.clone()),
            events: self.events.clone(),
            stop: Stop::below(stop),
        }
    }
}

/// A time as AWS writes it: with milliseconds.
fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}

fn size_of(value: &Value) -> usize {
    struct Counter(usize);
    impl Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}
