//! Plays state machines without tasks: a JSON document `{"definition": ..., "input": ...}` on each line of the
//! standard input, and for each a line with how it ended and the states that were entered, those inside of
//! Parallel and Map left out. `tests/random_machines.py` compares the lines with another engine's.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};

use millrace_flow::{
    Event, EventKind, Machine, Outcome, Silent, SimulatedClock, TaskCall, TaskControl, TaskError,
    Tasks,
};
use serde_json::{Value, json};

struct NoTasks;

impl Tasks for NoTasks {
    fn call(&self, task: &TaskCall, _: &TaskControl) -> Result<Value, TaskError> {
        Err(TaskError::new("NoTasks", task.state.clone()))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let machine = Machine::load(&asked["definition"].to_string(), &BTreeMap::new())?;
        let input = asked["input"].clone();
        let execution = machine.run("run", input, &NoTasks, &Silent, &SimulatedClock::default());
        let states: Vec<&str> = execution
            .history
            .events
            .iter()
            .filter_map(entered)
            .collect();
        let outcome = ended(&execution.outcome);
        writeln!(out, "{}", json!({ "outcome": outcome, "states": states }))?;
    }
    Ok(())
}

fn entered(event: &Event) -> Option<&str> {
    match &event.kind {
        EventKind::StateEntered { state, .. } if event.scope.is_empty() => Some(state),
        _ => None,
    }
}

fn ended(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Succeeded { output } => json!({ "status": "succeeded", "output": output }),
        Outcome::Failed { error, .. } => json!({ "status": "failed", "error": error }),
        Outcome::TimedOut => json!({ "status": "timed_out" }),
        Outcome::Stopped => json!({ "status": "aborted" }),
    }
}
