//! Turns what the search tells into progress that travels.

use std::cell::RefCell;

use millrace_contract::Params;
use millrace_contract::metadata::Dropped;
use millrace_contract::spec::Scoring;
use millrace_contract::stages::{BestSoFar, Listener, Progress};

/// Remembers the counts between the search's calls and passes them on.
pub struct Narrator<'a> {
    listener: &'a dyn Listener,
    score_label: &'static str,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    share: f64,
    candidates: usize,
    finished: usize,
    dropped: usize,
    best: Option<BestSoFar>,
}

impl<'a> Narrator<'a> {
    pub fn new(listener: &'a dyn Listener, scoring: Scoring) -> Self {
        Narrator {
            listener,
            score_label: scoring.label(),
            state: RefCell::default(),
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.borrow_mut();
        change(&mut state);
        self.listener.hear(Progress::Search {
            share: state.share,
            candidates: state.candidates,
            finished: state.finished,
            dropped: state.dropped,
            best: state.best.clone(),
        });
    }
}

impl millrace_training::Progress for Narrator<'_> {
    fn started(&self, candidates: usize, _folds: usize) {
        self.change(|state| state.candidates = candidates);
    }

    fn dropped(&self, candidate: &Params, dropped: &Dropped) {
        self.listener.hear(Progress::Dropped {
            hyperparameters: candidate.clone(),
            reason: dropped.reason.clone(),
        });
    }

    fn finished(&self, done: usize, dropped: usize) {
        self.change(|state| (state.finished, state.dropped) = (done, dropped));
    }

    fn best(&self, candidate: &Params, mean: f64, _folds: usize) {
        self.change(|state| {
            state.best = Some(BestSoFar {
                score_label: self.score_label.to_owned(),
                mean_score: mean,
                hyperparameters: candidate.clone(),
            })
        });
    }

    fn share_done(&self, share: f64) {
        self.change(|state| state.share = share);
    }
}
