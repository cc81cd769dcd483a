//! A file without the rows of some people: everything else stays as it was, in its order.

mod csv_rows;
mod parquet_rows;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;

use crate::{DatasetError, Format};

/// A column that says who a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdColumn {
    pub name: String,
    /// Ids are whole numbers: `007` is `7`.
    pub whole: bool,
}

/// A file after rows were taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    pub bytes: Bytes,
    pub rows_removed: u64,
}

/// The content of a file without the rows in which one of the columns holds one of the ids; nothing if
/// there is no such row, or none of the columns. The whole file is held in memory.
pub fn without_rows(
    uri: &str,
    format: Format,
    content: Bytes,
    columns: &[IdColumn],
    ids: &[String],
) -> Result<Option<Remaining>, DatasetError> {
    match format {
        Format::Parquet => {
            // Damaged files give the decoder's errors, and now and then a panic of it.
            let decode = AssertUnwindSafe(|| parquet_rows::without(uri, content, columns, ids));
            let gave_up = || DatasetError::CorruptParquet {
                uri: uri.to_owned(),
                detail: "its decoder gave up".to_owned(),
            };
            catch_unwind(decode).unwrap_or_else(|_| Err(gave_up()))
        }
        Format::Csv => csv_rows::without(uri, &content, columns, ids),
    }
}

impl IdColumn {
    /// Whether a value, written as text, is one of the ids.
    fn holds(&self, value: &str, ids: &[String]) -> bool {
        let value = value.trim();
        let number = |text: &str| text.parse::<i128>().ok();
        ids.iter().any(|id| {
            let same_number = || self.whole && number(value).is_some_and(|n| number(id) == Some(n));
            value == id.trim() || same_number()
        })
    }
}
