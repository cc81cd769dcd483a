//! What can be wrong with the input, each with a name that callers and state machines match on.

use thiserror::Error;

/// Everything that makes an assessment impossible. A finding about fairness is never an error.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FairnessError {
    #[error(
        "attribute `{attribute}` is not in the data; it has: {available}. Correct the name or add the column"
    )]
    AttributeNotFound {
        attribute: String,
        available: String,
    },

    #[error("attribute `{attribute}` is given twice; give each attribute once")]
    AttributeRepeated { attribute: String },

    #[error("no attribute was asked for; name at least one protected attribute")]
    NoAttributes,

    #[error(
        "column `{column}` has {rows} rows but the truth has {expected}; every column needs one value per row"
    )]
    LengthsDiffer {
        column: String,
        rows: usize,
        expected: usize,
    },

    #[error("there are no rows to assess; the data is empty")]
    NoRows,

    #[error(
        "column `{column}`, row {row}: what stands there is neither a label (0 or 1) nor a score in [0, 1]; \
         clip or repair the column first"
    )]
    NeitherLabelNorScore {
        column: String,
        row: usize,
        value: f64,
    },

    #[error(
        "column `{column}`, row {row}: what stands there is not a label; labels are 0 or 1, or give scores with a threshold"
    )]
    NotALabel {
        column: String,
        row: usize,
        value: f64,
    },

    #[error("the threshold of column `{column}` is {threshold}; it must lie in [0, 1]")]
    ThresholdOutOfRange { column: String, threshold: f64 },

    #[error(
        "weight {value} in row {row} cannot be used; weights are finite, not negative, and not all zero"
    )]
    WeightInvalid { row: usize, value: f64 },

    #[error("unknown aggregate `{word}`; use `worst_case` or `mean`")]
    UnknownAggregate { word: String },

    #[error("unknown method `{word}`; use `between_groups` or `to_overall`")]
    UnknownMethod { word: String },

    #[error(
        "band edges [{edges}] cannot be used; give at least one, finite, each above the one before"
    )]
    BandsUnordered { edges: String },

    #[error("policy field `{field}` is {value}: {requirement}")]
    PolicyInvalid {
        field: &'static str,
        value: String,
        requirement: &'static str,
    },

    #[error("there are no features to examine; give the features that the model uses")]
    NoFeatures,

    #[error(
        "feature `{feature}`, row {row}: {value} is not finite; missing values are NaN, infinities must be repaired"
    )]
    FeatureNotFinite {
        feature: String,
        row: usize,
        value: f64,
    },
}

impl FairnessError {
    /// The name that `Catch` and `Retry` match.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AttributeNotFound { .. } => "AttributeNotFound",
            Self::AttributeRepeated { .. } => "AttributeRepeated",
            Self::NoAttributes => "NoAttributes",
            Self::LengthsDiffer { .. } => "LengthsDiffer",
            Self::NoRows => "NoRows",
            Self::NeitherLabelNorScore { .. } => "NeitherLabelNorScore",
            Self::NotALabel { .. } => "NotALabel",
            Self::ThresholdOutOfRange { .. } => "ThresholdOutOfRange",
            Self::WeightInvalid { .. } => "WeightInvalid",
            Self::UnknownAggregate { .. } => "UnknownAggregate",
            Self::UnknownMethod { .. } => "UnknownMethod",
            Self::BandsUnordered { .. } => "BandsUnordered",
            Self::PolicyInvalid { .. } => "PolicyInvalid",
            Self::NoFeatures => "NoFeatures",
            Self::FeatureNotFinite { .. } => "FeatureNotFinite",
        }
    }
}

impl millrace_contract::NamedError for FairnessError {
    fn name(&self) -> &str {
        FairnessError::name(self)
    }
}
