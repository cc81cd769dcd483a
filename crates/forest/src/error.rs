//! Why a model file was refused.

/// A file that no forest can be made of. Nothing is ever guessed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ForestError {
    #[error(
        "NotXgboost: the file is not a model saved by XGBoost as UBJSON: {detail}; save it with `save_model(\"model.ubj\")`"
    )]
    NotXgboost { detail: String },
    #[error(
        "ModelTruncated: the model file ends too early, after {bytes} bytes: fetch or train it again"
    )]
    Truncated { bytes: usize },
    #[error(
        "ModelUnsupported: {what} is not supported: only boosted trees with numeric splits and one output are"
    )]
    Unsupported { what: String },
    #[error("ModelCorrupt: {detail}: fetch or train the model again")]
    Corrupt { detail: String },
    #[error("ColumnsDiffer: the model takes {expected} columns, {found} were given")]
    ColumnsDiffer { expected: usize, found: usize },
    #[error("RowsDiffer: column {column} has {found} rows, the first one has {expected}")]
    RowsDiffer {
        column: usize,
        expected: usize,
        found: usize,
    },
    #[error(
        "ScalingInvalid: column {column} has mean {mean} and scale {scale}: the mean must be finite, the scale positive and finite"
    )]
    ScalingInvalid {
        column: usize,
        mean: f64,
        scale: f64,
    },
}

impl ForestError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotXgboost { .. } => "NotXgboost",
            Self::Truncated { .. } => "ModelTruncated",
            Self::Unsupported { .. } => "ModelUnsupported",
            Self::Corrupt { .. } => "ModelCorrupt",
            Self::ColumnsDiffer { .. } => "ColumnsDiffer",
            Self::RowsDiffer { .. } => "RowsDiffer",
            Self::ScalingInvalid { .. } => "ScalingInvalid",
        }
    }
}
