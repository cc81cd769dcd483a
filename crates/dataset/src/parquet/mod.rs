//! Parquet files: their footer, and cursors over single columns of a row group.

pub(crate) mod cursor;
mod limits;
mod thrift;

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use millrace_contract::Contract;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;

use crate::DatasetError;
use crate::source::content::Content;

const MAGIC: &[u8] = b"PAR1";
const SHORTEST_BYTES: u64 = 12;

/// A Parquet file whose footer was read.
#[derive(Debug, Clone)]
pub(crate) struct ParquetFile {
    pub uri: String,
    pub content: Content,
    reader: ArrowReaderMetadata,
    row_group_rows: Vec<usize>,
    /// The row groups that are read.
    wanted: Range<usize>,
}

/// A row group that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub row_group: usize,
    /// The number of its first row in the file.
    pub first_row: u64,
    pub rows: usize,
}

impl ParquetFile {
    /// Columns that the contract calls categories are read as dictionaries, so that each word is
    /// looked up once and not once per row.
    pub(crate) fn open(
        uri: &str,
        content: Content,
        contract: Option<&Contract>,
    ) -> Result<ParquetFile, DatasetError> {
        check_magic(uri, &content)?;
        limits::check_footer(uri, &content)?;
        let file = Self::loaded(uri, content, contract)?;
        let rows: usize = file.row_group_rows.iter().sum();
        limits::check_rows(uri, rows as u64, file.content.len())?;
        Ok(file)
    }

    /// A file that this process has just written: constant columns may be as small as they like.
    pub(crate) fn own(uri: &str, content: Content) -> Result<ParquetFile, DatasetError> {
        Self::loaded(uri, content, None)
    }

    fn loaded(
        uri: &str,
        content: Content,
        contract: Option<&Contract>,
    ) -> Result<ParquetFile, DatasetError> {
        let reader = guarded(uri, || load(&content, contract))?;
        let row_group_rows = row_group_rows(uri, &reader)?;
        Ok(ParquetFile {
            uri: uri.to_owned(),
            content,
            reader,
            wanted: 0..row_group_rows.len(),
            row_group_rows,
        })
    }

    /// The same file, of which only these row groups are read.
    pub(crate) fn only(self, wanted: Range<usize>) -> Result<ParquetFile, DatasetError> {
        if wanted.start > wanted.end || wanted.end > self.row_group_rows.len() {
            return Err(corrupt(
                &self.uri,
                "it has fewer row groups than the list of its files says",
            ));
        }
        Ok(ParquetFile { wanted, ..self })
    }

    /// The row groups that are read, in order.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group> + '_ {
        let mut first_row = 0;
        let all = self.row_group_rows.iter().enumerate();
        let all = all.map(move |(row_group, rows)| {
            let group = Group {
                row_group,
                first_row,
                rows: *rows,
            };
            first_row += *rows as u64;
            group
        });
        all.filter(|group| self.wanted.contains(&group.row_group))
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        self.reader.schema()
    }

    /// The error for columns of different length.
    pub(crate) fn uneven(&self) -> DatasetError {
        corrupt(
            &self.uri,
            "a column has another number of rows than promised",
        )
    }

    /// The bytes of each row group in the file, as the footer says.
    pub(crate) fn group_bytes(&self) -> Vec<u64> {
        let groups = self.reader.metadata().row_groups();
        let groups = groups.get(self.wanted.clone()).unwrap_or_default().iter();
        let bytes = groups.map(|group| group.compressed_size());
        bytes
            .map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX))
            .collect()
    }

    pub(crate) fn row_group_rows(&self) -> &[usize] {
        &self.row_group_rows
    }
}

fn load(
    content: &Content,
    contract: Option<&Contract>,
) -> Result<ArrowReaderMetadata, ParquetError> {
    // The types are those of Parquet itself: what a writer noted beside them is of no use here.
    let options = || {
        ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_page_index_policy(PageIndexPolicy::Skip)
    };
    let plain = ArrowReaderMetadata::load(content, options())?;
    let is_category = |name: &str| {
        let column = contract.and_then(|contract| contract.columns.get(name));
        column.is_some_and(|column| column.column_type.has_values())
    };
    let wide = int96_columns(&plain);
    let fields = plain.schema().fields().iter().map(|field| {
        if wide.contains(field.name().as_str()) {
            // Nanoseconds of 64 bits end in 2262 and start again; seconds hold whatever a file can say.
            let seconds = DataType::Timestamp(TimeUnit::Second, None);
            Arc::new(Field::clone(field).with_data_type(seconds))
        } else if field.data_type() == &DataType::Utf8 && is_category(field.name()) {
            Arc::new(Field::clone(field).with_data_type(DataType::Dictionary(
                Box::new(DataType::Int32),
                Box::new(DataType::Utf8),
            )))
        } else {
            field.clone()
        }
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    if schema.fields() == plain.schema().fields() {
        return Ok(plain);
    }
    let options = options().with_schema(Arc::new(schema));
    match ArrowReaderMetadata::try_new(plain.metadata().clone(), options) {
        // Words can be read as texts too; times that wrap cannot be used.
        Err(_) if wide.is_empty() => Ok(plain),
        read => read,
    }
}

/// The columns of the old kind of timestamp, which Spark and Impala wrote.
fn int96_columns(reader: &ArrowReaderMetadata) -> BTreeSet<String> {
    let columns = reader.parquet_schema().columns().iter();
    columns
        .filter(|column| column.physical_type() == PhysicalType::INT96)
        .filter(|column| column.path().parts().len() == 1)
        .map(|column| column.name().to_owned())
        .collect()
}

fn row_group_rows(uri: &str, reader: &ArrowReaderMetadata) -> Result<Vec<usize>, DatasetError> {
    let mut total = 0usize;
    let mut rows = Vec::new();
    for group in reader.metadata().row_groups() {
        let count = usize::try_from(group.num_rows()).ok();
        let sum = count.and_then(|count| total.checked_add(count));
        let (Some(count), Some(sum)) = (count, sum) else {
            return Err(corrupt(uri, "its number of rows makes no sense"));
        };
        total = sum;
        rows.push(count);
    }
    Ok(rows)
}

fn check_magic(uri: &str, content: &Content) -> Result<(), DatasetError> {
    let not_parquet = |detail: &str| DatasetError::NotParquet {
        uri: uri.to_owned(),
        detail: detail.to_owned(),
    };
    let length = content.len();
    if length == 0 {
        return Err(not_parquet("it is empty"));
    }
    let start = content.read(0..length.min(4), uri)?;
    if &start[..] != MAGIC {
        return Err(not_parquet("it does not begin with PAR1"));
    }
    if length < SHORTEST_BYTES || &content.read(length - 4..length, uri)?[..] != MAGIC {
        return Err(corrupt(
            uri,
            "it does not end with PAR1: its end is missing",
        ));
    }
    Ok(())
}

pub(crate) fn corrupt(uri: &str, detail: impl Into<String>) -> DatasetError {
    DatasetError::CorruptParquet {
        uri: uri.to_owned(),
        detail: detail.into(),
    }
}

/// Calls the decoder. Damaged files give its errors, and now and then a panic: both become ours.
pub(crate) fn guarded<T>(
    uri: &str,
    decode: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, DatasetError> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(result) => result.map_err(|error| from_parquet(uri, error)),
        Err(_) => Err(corrupt(uri, "its decoder gave up")),
    }
}

fn from_parquet(uri: &str, error: ParquetError) -> DatasetError {
    match error {
        // What our own reading of the bytes had to say, on its way through the decoder.
        ParquetError::External(inner) => match inner.downcast::<DatasetError>() {
            Ok(own) => own.at(uri),
            Err(other) => match other.downcast::<std::io::Error>() {
                Ok(error) => match error.downcast::<DatasetError>() {
                    Ok(own) => own.at(uri),
                    Err(other) => corrupt(uri, other.to_string()),
                },
                Err(other) => corrupt(uri, other.to_string()),
            },
        },
        other => corrupt(uri, crate::error::shown(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_decoder_that_panics_gives_an_error_with_the_name_of_the_file() {
        let error = guarded::<()>("visits.parquet", || panic!("a broken page")).unwrap_err();
        assert_eq!(error.name(), "CorruptParquet");
        assert!(error.to_string().contains("visits.parquet"), "{error}");
    }
}
