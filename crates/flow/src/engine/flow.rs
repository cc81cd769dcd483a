//! Goes from state to state until a flow ends.

use super::run::{Run, Scope};
use super::visit::{Done, Visit};
use crate::asl::{Flow, Kind, State, Transition};
use crate::failure::{Halt, RUNTIME};
use crate::history::EventKind;
use serde_json::Value;

impl Run<'_> {
    pub fn flow(&self, flow: &Flow, input: Value, scope: &mut Scope<'_>) -> Result<Value, Halt> {
        let mut input = input;
        let mut name = flow.start_at.clone();
        loop {
            self.check(scope)?;
            // Cannot be missing: the targets were checked at load.
            let state = flow
                .states
                .get(&name)
                .ok_or_else(|| Halt::failed(RUNTIME, format!("no state {name:?}")))?;
            let done = self.state(state, input, scope)?;
            scope.variables.extend(done.assigned);
            match done.next {
                Transition::End => return Ok(done.output),
                Transition::Next(next) => (name, input) = (next, done.output),
            }
        }
    }

    fn state(&self, state: &State, input: Value, scope: &Scope<'_>) -> Result<Done, Halt> {
        self.record(
            scope,
            EventKind::StateEntered {
                state: state.name.clone(),
                state_type: state.kind.state_type(),
                input: input.clone(),
            },
        );
        let visit = Visit {
            run: self,
            scope,
            state,
            input,
            entered: self.clock.now(),
        };
        let result = match &state.kind {
            Kind::Task(task) => visit.task(task),
            Kind::Parallel(parallel) => visit.parallel(parallel),
            Kind::Map(map) => visit.map(map),
            Kind::Choice(choice) => visit.choice(choice),
            Kind::Pass(pass) => visit.pass(pass),
            Kind::Wait(wait) => visit.wait(wait),
            Kind::Succeed(succeed) => visit.succeed(succeed),
            Kind::Fail(fail) => visit.fail(fail),
        };
        self.record(scope, last_event(state, &result));
        result
    }
}

fn last_event(state: &State, result: &Result<Done, Halt>) -> EventKind {
    let state = state.name.clone();
    match result {
        Ok(done) => EventKind::StateExited {
            state,
            output: done.output.clone(),
            assigned: done.assigned.clone(),
        },
        Err(Halt::Failed(failure)) => EventKind::StateFailed {
            state,
            error: failure.error.clone(),
            cause: failure.cause.clone(),
        },
        Err(Halt::TimedOut | Halt::Stopped) => EventKind::StateStopped { state },
    }
}
