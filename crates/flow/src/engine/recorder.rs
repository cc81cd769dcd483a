//! Gives events their numbers, tells the observer, and keeps them.

use crate::clock::Clock;
use crate::history::{Event, EventKind, History, Observer, Progress, ScopeStep};
use std::sync::{Mutex, PoisonError};

pub(super) struct Recorder<'run> {
    clock: &'run dyn Clock,
    observer: &'run dyn Observer,
    events: Mutex<Vec<Event>>,
}

impl<'run> Recorder<'run> {
    pub fn new(clock: &'run dyn Clock, observer: &'run dyn Observer) -> Self {
        Self {
            clock,
            observer,
            events: Mutex::new(Vec::new()),
        }
    }

    /// The observer is told under the lock, so that it sees events one at a time and in order.
    pub fn record(&self, scope: &[ScopeStep], kind: EventKind) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event {
            id: events.len() as u64 + 1,
            time: self.clock.now(),
            scope: scope.to_vec(),
            kind,
        };
        self.observer.event(&event);
        events.push(event);
    }

    pub fn progress(&self, progress: &Progress) {
        let _in_turn = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        self.observer.progress(progress);
    }

    pub fn into_history(self) -> History {
        History {
            events: self
                .events
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }
}
