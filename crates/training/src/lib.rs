//! Learning: the search for hyperparameters, XGBoost, and the judgement on held-out rows.
//!
//! This is the only crate that links libxgboost. Results depend on the data, the spec and its
//! seeds alone: every fit runs on one thread, fits run side by side, and decisions are taken only
//! when all the results that they rest on are there, so neither the number of workers nor their
//! timing changes anything.

mod booster;
mod conformal;
mod data;
mod error;
mod evaluate;
mod exhaustive;
mod fit;
mod grow;
mod importance;
mod paired;
mod pool;
mod progress;
mod race;
mod refit;
mod search;
mod settings;
mod space;
mod spread;
mod standings;
mod tpe;
mod watch;

pub use booster::Booster;
pub use conformal::{Halves, USUAL_COVERAGES, half_width};
pub use data::SearchRows;
pub use error::TrainingError;
pub use evaluate::{evaluate, r2, summarize_target};
pub use importance::importance;
pub use pool::Effort;
pub use progress::{FoldScore, Progress, Silent};
pub use refit::refit;
pub use search::{EVERY_CORE, SearchOutcome, SearchRequest, search, workers};
pub use space::{candidates, widened};
pub use spread::{PartStandings, Scored, join, search_part};
