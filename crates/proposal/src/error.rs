//! Why no documents can be proposed.

use millrace_contract::NamedError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposalError {
    #[error("the table has no column `{column}`{}", .nearest.as_ref().map_or(String::new(), |name| format!(" (the nearest is `{name}`)")))]
    ColumnNotFound {
        column: String,
        nearest: Option<String>,
    },
    #[error("`{column}` is named for two purposes: {one} and {other}")]
    ColumnNamedTwice {
        column: String,
        one: &'static str,
        other: &'static str,
    },
    #[error("`{column}` cannot be the id: {detail}")]
    IdUnfit { column: String, detail: String },
    #[error("`{column}` cannot be the date: {detail}")]
    DateUnfit { column: String, detail: String },
    #[error("`{column}` cannot be predicted: {detail}")]
    TargetUnfit { column: String, detail: String },
    #[error("`{column}` cannot be protected: {detail}")]
    ProtectedUnfit { column: String, detail: String },
    #[error("the words of `{column}` are {known}: name each of them once, from low to high")]
    OrderUnfit { column: String, known: String },
    #[error("besides `{target}` there is no column that a model could learn from")]
    NothingToLearnFrom { target: String },
    #[error("the documents would not fit the table: {detail}")]
    Unfit { detail: String },
}

impl NamedError for ProposalError {
    fn name(&self) -> &str {
        match self {
            Self::ColumnNotFound { .. } => "ColumnNotFound",
            Self::ColumnNamedTwice { .. } => "ColumnNamedTwice",
            Self::IdUnfit { .. } => "IdUnfit",
            Self::DateUnfit { .. } => "DateUnfit",
            Self::TargetUnfit { .. } => "TargetUnfit",
            Self::ProtectedUnfit { .. } => "ProtectedUnfit",
            Self::OrderUnfit { .. } => "OrderUnfit",
            Self::NothingToLearnFrom { .. } => "NothingToLearnFrom",
            Self::Unfit { .. } => "ProposalUnfit",
        }
    }
}
