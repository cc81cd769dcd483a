//! What a search asks of a learner. Whoever implements it can be searched by every strategy.
//!
//! The types are associated, so that a search is compiled for each learner and its loop has no virtual call.
//! Rows stay on the thread that prepared them. A search throws its fits away when they are scored; what is
//! registered is trained once more, on all rows.

use std::borrow::Cow;

use millrace_contract::Params;
use millrace_features::Matrix;

use crate::error::TrainingError;

/// The rows of a fold, as numbers.
pub(crate) struct FoldRows {
    pub(crate) learned: Matrix,
    /// Of the rows to learn from.
    pub(crate) target: Vec<f64>,
    /// To be judged on.
    pub(crate) judged: Matrix,
    /// Whether these are some rows of a fold, for a first look that may be coarse.
    pub(crate) is_sample: bool,
}

/// All rows that a model learns from.
#[derive(Clone, Copy)]
pub(crate) struct TrainingRows<'a> {
    pub(crate) matrix: &'a Matrix,
    pub(crate) target: &'a [f64],
    /// Of the columns.
    pub(crate) names: &'a [&'a str],
}

/// How much a fit works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) is_sample: bool,
}

pub(crate) trait Learn: Sync {
    /// Rows as the learner takes them; made once for all candidates.
    type Rows;
    type Fit<'a>: Fit
    where
        Self: 'a;

    fn prepare(&self, rows: FoldRows) -> Result<Self::Rows, TrainingError>;

    /// A fit of one candidate that can be advanced.
    fn begin<'a>(
        &'a self,
        rows: &'a Self::Rows,
        candidate: &Params,
    ) -> Result<Self::Fit<'a>, TrainingError>;

    /// What a fit costs, in units that compare fits of this learner with each other.
    fn cost(&self, work: Work, candidate: &Params) -> f64;
}

pub(crate) trait Fit {
    /// Goes on until so much of the budget is used: rounds, or 1 where there is no budget.
    fn advance_to(&mut self, budget: u32) -> Result<(), TrainingError>;

    /// The predictions for the rows to be judged on.
    fn predict(&self) -> Result<Cow<'_, [f32]>, TrainingError>;

    /// Whether a library did it that is slower than what stands in for it here.
    fn is_of_library(&self) -> bool {
        false
    }
}
