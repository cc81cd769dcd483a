//! Why there is no calibration or no threshold.

use millrace_measures::MeasureError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    #[error(transparent)]
    Rows(#[from] MeasureError),
    #[error("OneClass: {what}: both classes need rows")]
    OneClass { what: String },
    #[error("NothingToTry: no calibration is to be tried: name one at least, `none` is one")]
    NothingToTry,
    #[error("LineFalls: an isotonic calibration cannot be used: {detail}")]
    LineFalls { detail: String },
    #[error("PolicyInvalid: {detail}")]
    PolicyInvalid { detail: String },
    #[error("PolicyCannotBeMet: {detail}")]
    PolicyCannotBeMet { detail: String },
}

impl CalibrationError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rows(error) => error.name(),
            Self::OneClass { .. } => "OneClass",
            Self::NothingToTry => "NothingToTry",
            Self::LineFalls { .. } => "LineFalls",
            Self::PolicyInvalid { .. } => "PolicyInvalid",
            Self::PolicyCannotBeMet { .. } => "PolicyCannotBeMet",
        }
    }
}
