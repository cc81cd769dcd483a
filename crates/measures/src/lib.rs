//! How good predictions are: every measure once, by its name and its direction.
//!
//! Training, the quality gate and the command all ask here, so that a number means the same wherever it is
//! shown. The values are scikit-learn's. A measure of what is not finite is NaN, which fails every limit.

mod error;
mod measure;
mod paired;
mod rows;
mod tally;

pub use error::MeasureError;
pub use measure::{Direction, MAE, MEASURES, Measure, R2, RMSE, named, r2};
pub use paired::{Difference, r2_difference};
pub use rows::Rows;
pub use tally::{Tally, metrics};
