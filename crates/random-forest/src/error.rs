//! Why there is no forest.

use millrace_forest::ForestError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RandomForestError {
    #[error("NoRows: there is no row to learn from")]
    NoRows,
    #[error("LengthMismatch: `{what}` has {found} numbers, {expected} are expected")]
    LengthMismatch {
        what: &'static str,
        expected: usize,
        found: usize,
    },
    #[error(
        "TargetUnusable: row {row} is {value}: targets are finite numbers, or classes below the number of classes"
    )]
    TargetUnusable { row: usize, value: f64 },
    #[error(
        "ValueInfinite: row {row} of column {column} is {value}: give a number, or leave it missing"
    )]
    ValueInfinite {
        row: usize,
        column: usize,
        value: f32,
    },
    #[error(
        "WeightInvalid: row {row} has the weight {weight}: weights are finite and not negative, and one is above 0"
    )]
    WeightInvalid { row: usize, weight: f64 },
    #[error("ParameterOutOfSpace: `{name}` is {value}: {wanted}")]
    ParameterOutOfSpace {
        name: &'static str,
        value: f64,
        wanted: &'static str,
    },
    #[error(transparent)]
    Forest(#[from] ForestError),
}

impl RandomForestError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoRows => "NoRows",
            Self::LengthMismatch { .. } => "LengthMismatch",
            Self::TargetUnusable { .. } => "TargetUnusable",
            Self::ValueInfinite { .. } => "ValueInfinite",
            Self::WeightInvalid { .. } => "WeightInvalid",
            Self::ParameterOutOfSpace { .. } => "ParameterOutOfSpace",
            Self::Forest(error) => error.name(),
        }
    }
}
