//! What a search tells while it runs, for whoever draws it.

use millrace_contract::Params;
use millrace_contract::metadata::Dropped;

/// One candidate's score on one fold.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldScore {
    pub hyperparameters: Params,
    /// From 0.
    pub fold: usize,
    pub score: f64,
}

/// Hears of a search as it goes on, always on the thread that called it.
pub trait Progress {
    /// The search begins: how many candidates, on how many folds.
    fn started(&self, _candidates: usize, _folds: usize) {}
    /// What is being done now, in words.
    fn stage(&self, _words: &str) {}
    /// A candidate was scored on a fold.
    fn scored(&self, _score: FoldScore) {}
    /// A candidate will not be looked at again.
    fn dropped(&self, _candidate: &Params, _dropped: &Dropped) {}
    /// A candidate has all its folds: how many have, and how many were dropped.
    fn finished(&self, _done: usize, _dropped: usize) {}
    /// The best so far, with its mean over the folds it has.
    fn best(&self, _candidate: &Params, _mean: f64, _folds: usize) {}
    /// How much of the expected work is done, from 0 to 1, never falling.
    fn share_done(&self, _share: f64) {}
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
