//! Rows that nothing can be said of.

use millrace_contract::NamedError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    #[error("LengthMismatch: {rows} rows have {targets} targets")]
    LengthMismatch { rows: usize, targets: usize },
    #[error("NoRows: there is no row with a truth and a prediction: nothing can be measured")]
    NoRows,
}

impl MeasureError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LengthMismatch { .. } => "LengthMismatch",
            Self::NoRows => "NoRows",
        }
    }
}

impl NamedError for MeasureError {
    fn name(&self) -> &str {
        MeasureError::name(self)
    }
}
