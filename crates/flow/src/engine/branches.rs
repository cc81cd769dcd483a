//! Runs flows side by side on threads: the branches of a Parallel, the iterations of a Map.

use super::run::Scope;
use super::visit::Visit;
use crate::asl::Flow;
use crate::failure::{Halt, RUNTIME};
use crate::history::ScopeStep;
use crate::stop::Stop;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Room for a nest of states and a deep expression; only what is touched is really used.
const STACK_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct Branch<'flow> {
    pub flow: &'flow Flow,
    pub input: Value,
    pub map_item: Option<Value>,
}

/// What the workers of one attempt share.
struct Shared {
    next: AtomicUsize,
    outputs: Mutex<Vec<Value>>,
    /// The first failure; what siblings say after it is of no interest.
    halt: Mutex<Option<Halt>>,
}

impl Visit<'_> {
    /// Runs all branches, at most `workers` at once. The first failure stops the others.
    pub fn branches(
        &self,
        branches: &[Branch<'_>],
        workers: usize,
        retries: u32,
    ) -> Result<Value, Halt> {
        let stop = Stop::below(&self.scope.stop);
        let shared = Shared {
            next: AtomicUsize::new(0),
            outputs: Mutex::new(vec![Value::Null; branches.len()]),
            halt: Mutex::new(None),
        };
        thread::scope(|threads| {
            for _ in 0..workers.min(branches.len()) {
                let work = || self.work(branches, retries, &stop, &shared);
                if let Err(error) = thread::Builder::new()
                    .stack_size(STACK_BYTES)
                    .spawn_scoped(threads, work)
                {
                    shared.halted(
                        Halt::failed(RUNTIME, format!("no thread for a branch: {error}")),
                        &stop,
                    );
                }
            }
        });
        // A stop from outside reaches the branches as `Stopped`, which is then the first halt.
        match shared
            .halt
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(halt) => Err(halt),
            None => Ok(Value::Array(
                shared
                    .outputs
                    .into_inner()
                    .unwrap_or_else(PoisonError::into_inner),
            )),
        }
    }

    fn work(&self, branches: &[Branch<'_>], retries: u32, stop: &Stop<'_>, shared: &Shared) {
        while !stop.is_requested() {
            let index = shared.next.fetch_add(1, Ordering::Relaxed);
            let Some(branch) = branches.get(index) else {
                return;
            };
            match self.branch(branch, index, retries, stop) {
                Ok(output) => shared.finished(index, output),
                Err(halt) => return shared.halted(halt, stop),
            }
        }
        // Asked to stop before all was done: by a sibling, whose halt is there already, or from outside.
        shared.halted(Halt::Stopped, stop);
    }

    fn branch(
        &self,
        branch: &Branch<'_>,
        index: usize,
        retries: u32,
        stop: &Stop<'_>,
    ) -> Result<Value, Halt> {
        let step = ScopeStep {
            state: self.state.name.clone(),
            attempt: retries + 1,
            index,
        };
        let mut scope: Scope<'_> = match branch.flow.alone {
            true => self.scope.child(step, stop),
            false => self.scope.inside(step, branch.map_item.clone(), stop),
        };
        self.run.flow(branch.flow, branch.input.clone(), &mut scope)
    }
}

impl Shared {
    fn finished(&self, index: usize, output: Value) {
        let mut outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = outputs.get_mut(index) {
            *slot = output;
        }
    }

    fn halted(&self, halt: Halt, stop: &Stop<'_>) {
        self.halt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(halt);
        stop.request();
    }
}
