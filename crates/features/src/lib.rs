//! From a table's columns to the numbers that a model learns from.
//!
//! A [`Recipe`] is fitted on the training rows: which encoded columns are kept, in which
//! order, and how each is scaled. It is then applied unchanged wherever the model is used.
//! A search gets the rows [`Unfitted`], so that each of its folds fits a recipe of its own.
//! Everything equals scikit-learn's numbers: `f_regression`, `SelectKBest`, `StandardScaler`,
//! `train_test_split` and `KFold`.

mod apply;
mod by_id;
mod column;
mod correlation;
mod error;
mod fill;
mod fit;
mod matrix;
mod moments;
mod random;
mod recipe;
mod regression;
mod report;
mod split;
mod stratify;
mod target;
mod unfitted;

pub use by_id::{hold_out_by_id, hold_out_sample};
pub use column::{EncodedColumn, Kind};
pub use correlation::Correlations;
pub use error::FeatureError;
pub use fit::best;
pub use matrix::Matrix;
pub use moments::Moments;
pub use recipe::{Recipe, Source, SourceType};
pub use regression::{Association, f_regression};
pub use report::{ColumnReport, FitReport, Outcome};
pub use split::{Holdout, folds, hold_out};
pub use stratify::stratified;
pub use target::check_target;
pub use unfitted::Unfitted;
