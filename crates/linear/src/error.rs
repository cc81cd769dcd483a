//! Why there is no linear model.

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LinearError {
    #[error("NoRows: there is no row to learn from")]
    NoRows,
    #[error("RowsDiffer: `{what}` has {found} rows, {expected} are expected")]
    RowsDiffer {
        what: String,
        expected: usize,
        found: usize,
    },
    #[error("ColumnsDiffer: the model takes {expected} columns, {found} were given")]
    ColumnsDiffer { expected: usize, found: usize },
    #[error(
        "ValueMissing: row {row} of `{column}` is {value}: a linear model takes finite numbers alone; fill what is missing (`impute`)"
    )]
    ValueMissing {
        row: usize,
        column: String,
        value: f64,
    },
    #[error(
        "WeightInvalid: row {row} has the weight {weight}: weights are finite and not negative, and one is above 0"
    )]
    WeightInvalid { row: usize, weight: f64 },
    #[error(
        "PenaltyInvalid: strength {strength}, l1_share {l1_share}: the strength is 0 or more, the share lies between 0 and 1"
    )]
    PenaltyInvalid { strength: f64, l1_share: f64 },
    #[error(
        "Singular: `{column}` follows from the other columns, so that many models fit equally well: drop it, or give a penalty (`ridge`)"
    )]
    Singular { column: String },
    #[error(
        "ClassUnknown: row {row} is of class {class}, there are {classes} classes, counted from 0"
    )]
    ClassUnknown {
        row: usize,
        class: u32,
        classes: usize,
    },
    #[error("ClassAbsent: no row is of class {class}: every class needs rows to learn from")]
    ClassAbsent { class: usize },
    #[error(
        "Separable: the classes can be told apart without an error, so that no finite coefficients are best: give a penalty (`ridge`)"
    )]
    Separable,
    #[error(
        "NotConverged: after {iterations} iterations the coefficients still move by {step:e}: give a stronger penalty, or cap what is far out"
    )]
    NotConverged { iterations: usize, step: f64 },
    #[error(
        "DocumentInvalid: the file is no linear model of this program: {detail}; train the model again"
    )]
    DocumentInvalid { detail: String },
}

impl LinearError {
    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoRows => "NoRows",
            Self::RowsDiffer { .. } => "RowsDiffer",
            Self::ColumnsDiffer { .. } => "ColumnsDiffer",
            Self::ValueMissing { .. } => "ValueMissing",
            Self::WeightInvalid { .. } => "WeightInvalid",
            Self::PenaltyInvalid { .. } => "PenaltyInvalid",
            Self::Singular { .. } => "Singular",
            Self::ClassUnknown { .. } => "ClassUnknown",
            Self::ClassAbsent { .. } => "ClassAbsent",
            Self::Separable => "Separable",
            Self::NotConverged { .. } => "NotConverged",
            Self::DocumentInvalid { .. } => "DocumentInvalid",
        }
    }
}
