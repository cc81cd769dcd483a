//! Why a step cannot be fitted or read.

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StepError {
    #[error(
        "NothingKnown: `{column}` has no value in any row: there is nothing to fill it with; leave the column out"
    )]
    NothingKnown { column: String },
    #[error(
        "CapInvalid: `{column}`: {reach} interquartile ranges: the number must be positive and finite"
    )]
    CapInvalid { column: String, reach: f64 },
    #[error(
        "ValueInfinite: row {row} of `{column}` is {value}: give a number, or leave it missing"
    )]
    ValueInfinite {
        row: usize,
        column: String,
        value: f64,
    },
    #[error("ColumnsDiffer: {expected} columns are expected, {found} were given")]
    ColumnsDiffer { expected: usize, found: usize },
    #[error(
        "DocumentInvalid: the file has no steps of this program: {detail}; train the model again"
    )]
    DocumentInvalid { detail: String },
}

impl StepError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NothingKnown { .. } => "NothingKnown",
            Self::CapInvalid { .. } => "CapInvalid",
            Self::ValueInfinite { .. } => "ValueInfinite",
            Self::ColumnsDiffer { .. } => "ColumnsDiffer",
            Self::DocumentInvalid { .. } => "DocumentInvalid",
        }
    }
}
