//! What can go wrong between a table and the numbers that are learned from.

/// A table, a target or a recipe that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FeatureError {
    #[error("MissingColumn: the table has no column `{column}`, which the model needs: add it")]
    MissingColumn { column: String },
    #[error(
        "WrongColumnType: column `{column}` must be read as {wanted}, but it is {found}: read the table with the model's contract"
    )]
    WrongColumnType {
        column: String,
        wanted: &'static str,
        found: &'static str,
    },
    #[error(
        "UnseenWord: column `{column}` holds {rows} words that the contract does not list, first in row {first_row}, and the spec refuses them (`encoding.unseen`)"
    )]
    UnseenWord {
        column: String,
        rows: usize,
        first_row: usize,
    },
    #[error(
        "InfiniteValue: column `{column}` holds an infinite number (or one too large for the model) in row {row}: correct it or leave it empty"
    )]
    InfiniteValue { column: String, row: usize },
    #[error(
        "TargetNotFinite: the target is infinite, missing or too large in row {row}: only finite numbers can be learned"
    )]
    TargetNotFinite { row: usize },
    #[error("AllNullTarget: the target has no value in any of {rows} rows")]
    AllNullTarget { rows: usize },
    #[error("ConstantTarget: the target is the same in every row: there is nothing to learn")]
    ConstantTarget,
    #[error("TooFewRows: {what} needs at least {needed} rows, the table has {rows}")]
    TooFewRows {
        what: &'static str,
        needed: usize,
        rows: usize,
    },
    #[error(
        "StratumTooSmall: {detail}: use fewer bins (`split.stratify_bins`, 1 means none) or more rows"
    )]
    StratumTooSmall { detail: String },
    #[error(
        "KTooLarge: `selection.best` asks for {best} columns, but only {left} of {encoded} encoded columns are left ({constant} are constant, {correlated} correlate with a better one)"
    )]
    KTooLarge {
        best: usize,
        left: usize,
        encoded: usize,
        constant: usize,
        correlated: usize,
    },
    #[error("NoFeaturesLeft: every column is constant: there is nothing to learn from")]
    NoFeaturesLeft,
    #[error(
        "FeatureNameClash: two encoded columns would be called `{name}`: rename the column or the word in the contract"
    )]
    FeatureNameClash { name: String },
    #[error("LengthMismatch: {rows} rows have {targets} targets")]
    LengthMismatch { rows: usize, targets: usize },
    #[error("InvalidRecipe: {detail}: use the recipe.json that was written with the model")]
    InvalidRecipe { detail: String },
    #[error("ContractChanged: column `{column}`: {detail}: train a new model")]
    ContractChanged { column: String, detail: String },
}

impl FeatureError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MissingColumn { .. } => "MissingColumn",
            Self::WrongColumnType { .. } => "WrongColumnType",
            Self::UnseenWord { .. } => "UnseenWord",
            Self::InfiniteValue { .. } => "InfiniteValue",
            Self::TargetNotFinite { .. } => "TargetNotFinite",
            Self::AllNullTarget { .. } => "AllNullTarget",
            Self::ConstantTarget { .. } => "ConstantTarget",
            Self::TooFewRows { .. } => "TooFewRows",
            Self::StratumTooSmall { .. } => "StratumTooSmall",
            Self::KTooLarge { .. } => "KTooLarge",
            Self::NoFeaturesLeft => "NoFeaturesLeft",
            Self::FeatureNameClash { .. } => "FeatureNameClash",
            Self::LengthMismatch { .. } => "LengthMismatch",
            Self::InvalidRecipe { .. } => "InvalidRecipe",
            Self::ContractChanged { .. } => "ContractChanged",
        }
    }
}

impl millrace_contract::NamedError for FeatureError {
    fn name(&self) -> &str {
        FeatureError::name(self)
    }
}
