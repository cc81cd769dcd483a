//! Probabilities made true: where 0.3 is said, 30 of 100 happen.

use millrace_measures::Classes;
use serde::{Deserialize, Serialize};

use crate::choice::Method;
use crate::error::CalibrationError;
use crate::isotonic::Isotonic;
use crate::platt::Platt;

/// A fitted step from one probability to another. It never turns an order round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Calibrator {
    /// As the model says.
    None,
    /// A logistic curve over the log odds.
    Platt(Platt),
    /// The best rising steps, joined by lines.
    Isotonic(Isotonic),
}

impl Calibrator {
    /// Fits to what came true of each probability.
    pub fn fit(
        method: Method,
        truth: &[bool],
        given: &[f64],
    ) -> Result<Calibrator, CalibrationError> {
        let labels: Vec<u32> = truth.iter().map(|truth| u32::from(*truth)).collect();
        Classes::binary(&labels, given, 0.5)?;
        if truth.iter().all(|truth| *truth) || !truth.contains(&true) {
            return Err(CalibrationError::OneClass {
                what: "a calibration".to_owned(),
            });
        }
        Ok(match method {
            Method::None => Calibrator::None,
            Method::Platt => Calibrator::Platt(Platt::fit(truth, given)),
            Method::Isotonic => Calibrator::Isotonic(Isotonic::fit(truth, given)),
        })
    }

    pub fn method(&self) -> Method {
        match self {
            Self::None => Method::None,
            Self::Platt(_) => Method::Platt,
            Self::Isotonic(_) => Method::Isotonic,
        }
    }

    pub fn apply(&self, given: f64) -> f64 {
        match self {
            Self::None => given,
            Self::Platt(curve) => curve.apply(given),
            Self::Isotonic(steps) => steps.apply(given),
        }
    }
}

/// The calibrators of all classes: of two the positive one's alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calibration {
    pub classes: Vec<Calibrator>,
}

impl Calibration {
    /// Calibrates rows in place. Of more than two classes each is calibrated against all others, and a row's
    /// probabilities are then shared out to 1 again.
    pub fn apply(&self, given: &mut [f64]) {
        let Some(width) = Some(self.classes.len()).filter(|width| *width > 0) else {
            return;
        };
        for row in given.chunks_exact_mut(width) {
            for (value, class) in row.iter_mut().zip(&self.classes) {
                *value = class.apply(*value);
            }
            if width == 1 {
                continue;
            }
            let sum: f64 = row.iter().sum();
            for value in row.iter_mut() {
                *value = if sum > 0.0 {
                    *value / sum
                } else {
                    1.0 / width as f64
                };
            }
        }
    }
}
