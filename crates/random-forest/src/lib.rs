//! Random forests: many trees, each on rows drawn with replacement, each split the best of a few columns drawn anew.
//!
//! What comes out is a [`millrace_forest::Forest`], which scores and explains as a boosted one does: the mean of the trees is
//! the sum of their leaves, each divided by the number of trees. The same seed gives the same forest for any number of threads.

mod bins;
mod chance;
mod error;
mod fit;
mod settings;
mod split;
mod tree;
mod ubjson;

pub use error::RandomForestError;
pub use fit::{Table, fit_classes, fit_numbers};
pub use settings::{Columns, Settings};
pub use ubjson::to_ubj;
