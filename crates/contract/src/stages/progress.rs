//! How a long stage tells what it is doing: to a person's terminal, or as lines of JSON.

use serde::{Deserialize, Serialize};

use crate::params::Params;

/// One thing that a stage has to say while it works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Progress {
    /// A new phase of the work has begun.
    Phase { text: String },
    /// How far the search for hyperparameters is.
    Search {
        /// The share of the expected work that is done, in [0, 1].
        share: f64,
        candidates: usize,
        finished: usize,
        dropped: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        best: Option<BestSoFar>,
    },
    /// A candidate left the race.
    Dropped {
        hyperparameters: Params,
        reason: String,
    },
    /// How many rows are done.
    Rows { done: u64, total: u64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestSoFar {
    /// What the score is, for people.
    pub score_label: String,
    pub mean_score: f64,
    pub hyperparameters: Params,
}

/// Whoever wants to hear of progress.
pub trait Listener: Sync {
    fn hear(&self, progress: Progress);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Listener for Silent {
    fn hear(&self, _: Progress) {}
}
