//! Fits one calibrator by its method.

use millrace_contract::calibration::{Calibrator, Method};
use millrace_measures::Classes;

use crate::error::CalibrationError;
use crate::{isotonic, platt};

/// Fits to what came true of each probability.
pub fn fit(method: Method, truth: &[bool], given: &[f64]) -> Result<Calibrator, CalibrationError> {
    let labels: Vec<u32> = truth.iter().map(|truth| u32::from(*truth)).collect();
    Classes::binary(&labels, given, 0.5)?;
    if truth.iter().all(|truth| *truth) || !truth.contains(&true) {
        return Err(CalibrationError::OneClass {
            what: "a calibration".to_owned(),
        });
    }
    Ok(match method {
        Method::None => Calibrator::None,
        Method::Platt => Calibrator::Platt(platt::fit(truth, given)),
        Method::Isotonic => Calibrator::Isotonic(isotonic::fit(truth, given)?),
    })
}
