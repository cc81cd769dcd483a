//! What can be wrong with what was asked for. The first word of each message is its name.

/// Why no data was written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    #[error("UnknownTable: there is no table `{given}`: use `customers` or `gemstones`")]
    UnknownTable { given: String },
    #[error("InvalidSetting: `{given}` is not of the form NAME=NUMBER, such as `gender=0.2`")]
    InvalidSetting { given: String },
    #[error("InvalidShare: {option} is {value}, it must be at least 0 and less than 1")]
    InvalidShare { option: &'static str, value: f64 },
    #[error(
        "InvalidNoise: noise is {value}, it must be a number from 0 to 10; 1 is the usual noise"
    )]
    InvalidNoise { value: f64 },
    #[error("NothingToGenerate: {option} is 0, ask for at least 1")]
    NothingToGenerate { option: &'static str },
    #[error(
        "DateOutOfRange: {days} days from {date} on lead beyond the calendar: choose an earlier date"
    )]
    DateOutOfRange { date: jiff::civil::Date, days: u32 },
    #[error("TooManyRows: the ids would pass {largest}: ask for fewer rows or a smaller first id")]
    TooManyRows { largest: u64 },
    #[error(
        "UnknownColumn: shift: the table `{table}` has no column `{column}`: its numeric columns are {}",
        known.join(", ")
    )]
    UnknownColumn {
        table: &'static str,
        column: String,
        known: Vec<String>,
    },
    #[error(
        "ColumnNotNumeric: shift: the column `{column}` of the table `{table}` holds no numbers, it cannot be shifted"
    )]
    ColumnNotNumeric { table: &'static str, column: String },
    #[error(
        "InvalidShift: the shift of `{column}` is {amount}, it must lie in -10 to 10 deviations"
    )]
    InvalidShift { column: String, amount: f64 },
    #[error(
        "UnknownAttribute: bias: the table `{table}` has no protected attribute `{attribute}`{}",
        if known.is_empty() { ", it has none at all".to_owned() } else { format!(": it has {}", known.join(", ")) }
    )]
    UnknownAttribute {
        table: &'static str,
        attribute: String,
        known: Vec<String>,
    },
    #[error(
        "InvalidBias: the bias of `{attribute}` is {strength}, it must be more than 0 and at most {largest}"
    )]
    InvalidBias {
        attribute: String,
        strength: f64,
        largest: f64,
    },
    #[error("NamedTwice: {option} names `{name}` twice")]
    NamedTwice { option: &'static str, name: String },
    #[error(
        "ContractMismatch: the contract `{contract}` does not describe the table `{table}`: {detail}"
    )]
    ContractMismatch {
        contract: String,
        table: &'static str,
        detail: String,
    },
    #[error("WriteFailed: {path} could not be written: {source}")]
    WriteFailed {
        path: String,
        source: std::io::Error,
    },
    #[error("EncodingFailed: {path} could not be made into Parquet: {source}")]
    EncodingFailed {
        path: String,
        source: parquet::errors::ParquetError,
    },
}

impl GenerateError {
    /// The name that a script can look for.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UnknownTable { .. } => "UnknownTable",
            Self::InvalidSetting { .. } => "InvalidSetting",
            Self::InvalidShare { .. } => "InvalidShare",
            Self::InvalidNoise { .. } => "InvalidNoise",
            Self::NothingToGenerate { .. } => "NothingToGenerate",
            Self::DateOutOfRange { .. } => "DateOutOfRange",
            Self::TooManyRows { .. } => "TooManyRows",
            Self::UnknownColumn { .. } => "UnknownColumn",
            Self::ColumnNotNumeric { .. } => "ColumnNotNumeric",
            Self::InvalidShift { .. } => "InvalidShift",
            Self::UnknownAttribute { .. } => "UnknownAttribute",
            Self::InvalidBias { .. } => "InvalidBias",
            Self::NamedTwice { .. } => "NamedTwice",
            Self::ContractMismatch { .. } => "ContractMismatch",
            Self::WriteFailed { .. } => "WriteFailed",
            Self::EncodingFailed { .. } => "EncodingFailed",
        }
    }
}

impl millrace_contract::NamedError for GenerateError {
    fn name(&self) -> &str {
        GenerateError::name(self)
    }
}
