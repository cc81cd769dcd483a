//! What can be wrong with a data set, in words for a person and with names for a state machine.

use millrace_store::StoreError;

/// Each message says what was wrong, where (file, column, row), and what to do. Rows count from 1.
/// No message quotes a cell: messages go to logs, and cells are about people.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error(
        "there is no data at {uri}: check the name, or whether the step that writes it has run"
    )]
    DataNotFound { uri: String },
    #[error("{uri} is {kind}, and data is read from files: give a file, or a folder of files")]
    NotAFile { uri: String, kind: &'static str },
    #[error(
        "{uri} is not what was checked: {expected} were expected, {found} was found. Nothing was written of it. Begin a new run, which checks the data as it is now, or bring the file back and resume this one"
    )]
    DataChanged {
        uri: String,
        expected: String,
        found: String,
    },
    #[error("{uri} holds no rows: give data with at least one row")]
    EmptyTable { uri: String },
    #[error("{uri} is not a Parquet file ({detail}): check that the right file was given")]
    NotParquet { uri: String, detail: String },
    #[error("{uri} is damaged or incomplete ({detail}): write or transfer it again")]
    CorruptParquet { uri: String, detail: String },
    #[error("{uri} is not a readable CSV file ({detail}): correct it and try again")]
    InvalidCsv { uri: String, detail: String },
    #[error("the format of {uri} is not known: give Parquet (.parquet) or CSV (.csv, .tsv) files")]
    UnknownFormat { uri: String },
    #[error("{uri} cannot be read ({detail}): check its path and permissions")]
    Unreadable { uri: String, detail: String },
    #[error("{uri} has no column `{column}`{}: add it, or correct the contract", nearest_hint(.nearest))]
    MissingColumn {
        uri: String,
        column: String,
        nearest: Option<String>,
    },
    #[error(
        "the contract has no column `{column}`{}: correct the name, or add it to the contract", nearest_hint(.nearest)
    )]
    NotInContract {
        column: String,
        nearest: Option<String>,
    },
    #[error("{uri} has the column `{column}` more than once: keep one of them")]
    DuplicateColumn { uri: String, column: String },
    #[error(
        "{uri}: column `{column}` holds {found}, but the contract wants {wanted}: correct the data or the contract"
    )]
    WrongType {
        uri: String,
        column: String,
        found: String,
        wanted: &'static str,
    },
    #[error(
        "{uri}: column `{column}`, row {row}: what stands there ({length}) is {}: correct the value, or leave it empty if it is missing", .problem.words()
    )]
    InvalidValue {
        problem: ValueProblem,
        uri: String,
        column: String,
        row: u64,
        /// Of the value, which itself is a customer's and is not quoted.
        length: String,
    },
    #[error("{uri}: {detail}: split the data into smaller files")]
    TooLarge { uri: String, detail: String },
    #[error(
        "{uri} claims far more than its size allows ({detail}): it is damaged, or made to exhaust memory; if it is neither, write it anew, as several files or in smaller row groups"
    )]
    Oversized { uri: String, detail: String },
    #[error(
        "the list of rows to leave out names {file}, which {uri} does not have: validate this data again"
    )]
    ForeignExclusions { uri: String, file: String },
    #[error("the table cannot be written ({detail})")]
    Unwritable { detail: String },
    #[error(
        "NoScratch: no temporary file could be made or used for what has no room in memory ({detail}): give the task more disk, or set TMPDIR"
    )]
    NoScratch { detail: String },
    #[error(
        "the rule or pattern `{name}` of the contract cannot be used: {detail}: correct the contract"
    )]
    InvalidRule { name: String, detail: String },
}

/// What is wrong with one value that should be of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueProblem {
    NotANumber,
    NotWhole,
    /// A whole number that a 64-bit floating point number cannot hold.
    TooManyDigits,
    /// An id that two texts would share: `007` beside `7`.
    NotAsWritten,
    NotABoolean,
    NotADate,
}

impl ValueProblem {
    pub fn name(self) -> &'static str {
        match self {
            Self::NotANumber => "NotANumber",
            Self::NotWhole => "NotAWholeNumber",
            Self::TooManyDigits => "TooManyDigits",
            Self::NotAsWritten => "NotAsWritten",
            Self::NotABoolean => "NotABoolean",
            Self::NotADate => "NotADate",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::NotANumber => "not a number",
            Self::NotWhole => "not a whole number",
            Self::TooManyDigits => "a whole number with more digits than can be kept",
            Self::NotAsWritten => {
                "an id with leading zeros or a sign: a column of whole numbers would lose them, a column of texts keeps them"
            }
            Self::NotABoolean => "neither true nor false",
            Self::NotADate => "not a date like 2026-11-01",
        }
    }
}

impl DatasetError {
    /// The name that `Catch` and `Retry` of a state machine match.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Store(StoreError::NotFound { .. }) | Self::DataNotFound { .. } => "DataNotFound",
            Self::Store(error) => error.name(),
            Self::NotAFile { .. } => "DataNotAFile",
            Self::DataChanged { .. } => "DataChanged",
            Self::EmptyTable { .. } => "EmptyTable",
            Self::NotParquet { .. } => "NotParquet",
            Self::CorruptParquet { .. } => "CorruptParquet",
            Self::InvalidCsv { .. } => "InvalidCsv",
            Self::UnknownFormat { .. } => "UnknownFormat",
            Self::Unreadable { .. } => "DataUnreadable",
            Self::MissingColumn { .. } => "MissingColumn",
            Self::NotInContract { .. } => "NotInContract",
            Self::DuplicateColumn { .. } => "DuplicateColumn",
            Self::WrongType { .. } => "WrongType",
            Self::InvalidValue { problem, .. } => problem.name(),
            Self::TooLarge { .. } => "TooLarge",
            Self::Oversized { .. } => "Oversized",
            Self::ForeignExclusions { .. } => "ForeignExclusions",
            Self::Unwritable { .. } => "TableUnwritable",
            Self::NoScratch { .. } => "NoScratch",
            Self::InvalidRule { .. } => "InvalidRule",
        }
    }
}

fn nearest_hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!(" (the nearest is `{name}`)"),
        None => String::new(),
    }
}

const SHOWN_CHARACTERS: usize = 60;

/// How long a value is, in words.
pub(crate) fn length_of(text: &str) -> String {
    match text.chars().take(SHOWN_CHARACTERS + 1).count() {
        1 => "1 character".to_owned(),
        count if count <= SHOWN_CHARACTERS => format!("{count} characters"),
        _ => format!("more than {SHOWN_CHARACTERS} characters"),
    }
}

/// Text of others in a report or a message: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(SHOWN_CHARACTERS)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(SHOWN_CHARACTERS).is_some() {
        short.push('…');
    }
    short
}

impl DatasetError {
    /// Names the file in an error that arose where only its bytes were known.
    pub(crate) fn at(self, file: &str) -> DatasetError {
        match self {
            Self::DataNotFound { uri } if uri.is_empty() => Self::DataNotFound {
                uri: file.to_owned(),
            },
            Self::Unreadable { uri, detail } if uri.is_empty() => Self::Unreadable {
                uri: file.to_owned(),
                detail,
            },
            other => other,
        }
    }
}

impl millrace_contract::NamedError for DatasetError {
    fn name(&self) -> &str {
        DatasetError::name(self)
    }
}
