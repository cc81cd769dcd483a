//! What was generated, and how well it can be predicted.

use jiff::civil::Date;

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
}

/// What was generated.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub table: crate::Table,
    pub files: Vec<File>,
    pub rows: u64,
    /// All columns of the contract.
    pub columns: usize,
    pub first_date: Date,
    pub last_date: Date,
    /// Values that were made missing.
    pub missing_values: u64,
    /// Values that were made extreme.
    pub outlier_values: u64,
    /// The first is that in whose mean a bias is given.
    pub targets: Vec<TargetSummary>,
}

/// What is to be predicted, and how well that is possible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetSummary {
    pub name: &'static str,
    pub mean: f64,
    /// The population deviation.
    pub deviation: f64,
    pub best: Best,
}

/// By what a prediction is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    R2,
    Auc,
}

/// What is reached by who knows every column's true value and what the target depends on: no model does better,
/// except by luck. Missing and extreme values cost a model some of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Best {
    /// Also the root of the mean squared difference that remains.
    R2 { r2: f64, rmse: f64 },
    /// None where all rows are alike.
    Auc(Option<f64>),
}
