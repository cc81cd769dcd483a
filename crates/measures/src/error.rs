//! Rows that nothing can be said of, and measures that say nothing of some rows.

use millrace_contract::NamedError;

use crate::task::Task;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MeasureError {
    #[error("LengthMismatch: {rows} rows have {targets} targets")]
    LengthMismatch { rows: usize, targets: usize },
    #[error("NoRows: there is no row with a truth and a prediction: nothing can be measured")]
    NoRows,
    #[error(
        "WeightInvalid: row {row} has the weight {weight}: weights are finite and not negative, and one is above 0"
    )]
    WeightInvalid { row: usize, weight: f64 },
    #[error(
        "ClassUnknown: row {row} is of class {class}, there are {classes} classes, counted from 0"
    )]
    ClassUnknown {
        row: usize,
        class: u32,
        classes: usize,
    },
    #[error(
        "ProbabilityInvalid: row {row} has the probability {value}: it must lie between 0 and 1"
    )]
    ProbabilityInvalid { row: usize, value: f64 },
    #[error("ProbabilitiesDoNotAdd: the probabilities of row {row} add up to {sum}, not to 1")]
    ProbabilitiesDoNotAdd { row: usize, sum: f64 },
}

impl MeasureError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LengthMismatch { .. } => "LengthMismatch",
            Self::NoRows => "NoRows",
            Self::WeightInvalid { .. } => "WeightInvalid",
            Self::ClassUnknown { .. } => "ClassUnknown",
            Self::ProbabilityInvalid { .. } => "ProbabilityInvalid",
            Self::ProbabilitiesDoNotAdd { .. } => "ProbabilitiesDoNotAdd",
        }
    }
}

impl NamedError for MeasureError {
    fn name(&self) -> &str {
        MeasureError::name(self)
    }
}

/// Why a measure has no value for these rows: insufficient evidence, never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    #[error("OneClass: all rows are of one class: nothing can be told apart")]
    OneClass,
    #[error("NoPositives: no row is of the positive class")]
    NoPositives,
    #[error("NothingPredicted: no row is predicted as positive")]
    NothingPredicted,
    #[error("BelowMinusOne: a truth or prediction is -1 or less and has no logarithm")]
    BelowMinusOne,
    #[error(
        "NoTotal: the truths add up to nothing, or some are negative: shares of the total mean nothing"
    )]
    NoTotal,
    #[error("Constant: all truths are equal: no order is better than another")]
    Constant,
    #[error("NotFinite: a truth or prediction is not a finite number")]
    NotFinite,
    #[error("OtherTask: the measure means nothing for the task `{}`", .0.as_str())]
    OtherTask(Task),
}

impl NoValue {
    pub fn name(&self) -> &'static str {
        match self {
            Self::OneClass => "OneClass",
            Self::NoPositives => "NoPositives",
            Self::NothingPredicted => "NothingPredicted",
            Self::BelowMinusOne => "BelowMinusOne",
            Self::NoTotal => "NoTotal",
            Self::Constant => "Constant",
            Self::NotFinite => "NotFinite",
            Self::OtherTask(_) => "OtherTask",
        }
    }
}
