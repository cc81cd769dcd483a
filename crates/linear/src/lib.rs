//! Linear models: numbers by ordinary least squares, ridge, lasso and elastic net; classes by logistic regression
//! with the same penalties.
//!
//! [`Design`] holds the rows, made ready once for many fits. [`fit_numbers`] and [`fit_classes`] give a
//! [`LinearModel`], which is what is stored and what predicts. A fit is the same for any number of threads.

mod cholesky;
mod coordinate;
mod design;
mod document;
mod error;
mod kernel;
mod logistic;
mod model;
mod penalty;
mod regression;

pub use design::Design;
pub use error::LinearError;
pub use logistic::fit_classes;
pub use model::{LinearModel, Link};
pub use penalty::Penalty;
pub use regression::fit_numbers;
