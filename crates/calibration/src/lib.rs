//! From probabilities to what is done with them: calibrated by what came true, then cut by a threshold.
//!
//! Both are chosen on out-of-fold rows: predictions for rows that the model did not learn from, and never on the hold-out.

mod calibrator;
mod choice;
mod error;
mod isotonic;
mod platt;
mod threshold;

pub use calibrator::fit;
pub use choice::{Choice, choose};
pub use error::CalibrationError;
pub use threshold::Threshold;
