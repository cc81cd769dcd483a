//! Learning: the search for hyperparameters, the learners, and the judgement on held-out rows.
//!
//! A learner is behind a trait (`learner`), and its search knows nothing else of it. This is the only crate that
//! links libxgboost. Results depend on the data, the spec and its
//! seeds alone: every fit runs on one thread, fits run side by side, and decisions are taken only
//! when all the results that they rest on are there, so neither the number of workers nor their
//! timing changes anything.

mod conformal;
mod data;
mod error;
mod evaluate;
mod exhaustive;
mod learner;
mod linear;
mod paired;
mod pool;
mod progress;
mod race;
mod refit;
mod search;
mod space;
mod spread;
mod standings;
mod tpe;
mod watch;
mod xgboost;

pub use conformal::{Halves, USUAL_COVERAGES, half_width};
pub use data::SearchRows;
pub use error::TrainingError;
pub use evaluate::{evaluate, r2, summarize_target};
pub use millrace_measures::{Wanted, explained};
pub use pool::Effort;
pub use progress::{FoldScore, Progress, Silent};
pub use refit::{Trained, refit};
pub use search::{EVERY_CORE, SearchOutcome, SearchRequest, Setup, out_of_fold, search, workers};
pub use spread::{PartStandings, Scored, join, search_part};
pub use xgboost::{Booster, TreeParams};
