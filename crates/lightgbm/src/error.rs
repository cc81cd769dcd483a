//! Why a model or rows were refused.

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LightGbmError {
    #[error(
        "NotLightgbm: the file is not a model saved by LightGBM as text: {detail}; save it with `save_model(\"model.txt\")`"
    )]
    NotLightgbm { detail: String },
    #[error("ModelUnsupported: {what} is not supported")]
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
}

impl LightGbmError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotLightgbm { .. } => "NotLightgbm",
            Self::Unsupported { .. } => "ModelUnsupported",
            Self::Corrupt { .. } => "ModelCorrupt",
            Self::ColumnsDiffer { .. } => "ColumnsDiffer",
            Self::RowsDiffer { .. } => "RowsDiffer",
        }
    }
}

pub(crate) fn corrupt(detail: impl Into<String>) -> LightGbmError {
    LightGbmError::Corrupt {
        detail: detail.into(),
    }
}
