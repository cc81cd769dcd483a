//! How good predictions are: every measure once, by its name and its direction.
//!
//! Training, the gates and the command all ask here, so that a number means the same wherever it is
//! shown. The values are scikit-learn's where it has the measure. A measure of what is not finite is NaN, which
//! fails every limit; one that means nothing for some rows says why ([`NoValue`]).

mod classes;
mod error;
mod explained;
mod judged;
mod labels;
mod measure;
mod numbers;
mod paired;
mod probability;
mod ranking;
mod registry;
mod rows;
mod shares;
mod tally;
mod task;

pub use classes::Classes;
pub use error::{MeasureError, NoValue};
pub use explained::{Explained, explained};
pub use judged::{Wanted, measured};
pub use labels::Confusion;
pub use measure::{Direction, Measure};
pub use numbers::r2;
pub use paired::{Difference, difference, r2_difference};
pub use registry::{MAE, MEASURES, R2, RMSE, named};
pub use rows::{Judged, Rows};
pub use shares::decile_lifts;
pub use tally::{Tally, metrics};
pub use task::Task;
