//! What is learned decides which measures mean something.

/// What a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// A number.
    Regression,
    /// The probability of one of two classes.
    Binary,
    /// The probabilities of three classes or more.
    Multiclass,
}

impl Task {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Binary => "binary",
            Self::Multiclass => "multiclass",
        }
    }
}
