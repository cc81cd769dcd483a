//! Writes tables as Parquet in the form that Athena and every reader take: few plain types, zstd,
//! timestamps in milliseconds, the same bytes for the same rows.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, TimeUnit};
use millrace_contract::{OutputColumn, OutputType};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use crate::DatasetError;
use crate::row_groups::RowGroups;

/// The values of one column for some rows.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputValues {
    /// For text, and for integers that are kept as text, such as ids.
    Text(Vec<Option<String>>),
    /// A word by its position in the list; a negative position is a missing word.
    Words {
        words: Vec<String>,
        codes: Vec<i32>,
    },
    /// One word for all rows.
    Same(String, usize),
    Integer(Vec<Option<i64>>),
    /// NaN is missing.
    Double(Vec<f64>),
    Boolean(Vec<Option<bool>>),
    /// Milliseconds since 1970.
    Timestamp(Vec<Option<i64>>),
    /// One instant for all rows.
    SameTimestamp(i64, usize),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
}

/// Takes rows in blocks of any size and writes them as row groups.
#[derive(Debug)]
pub struct ParquetTable<W: Write + Send> {
    columns: Vec<OutputColumn>,
    row_groups: RowGroups<W>,
}

impl ParquetTable<Vec<u8>> {
    pub fn in_memory(columns: &[OutputColumn]) -> Result<Self, DatasetError> {
        ParquetTable::new(Vec::new(), columns)
    }
}

impl ParquetTable<BufWriter<File>> {
    /// Writes a local file, which another may not read before `finish`: give a temporary one, and
    /// then hand it to the store.
    pub fn create(path: &Path, columns: &[OutputColumn]) -> Result<Self, DatasetError> {
        let file = File::create(path).map_err(|error| DatasetError::Unwritable {
            detail: format!("{}: {error}", path.display()),
        })?;
        ParquetTable::new(BufWriter::with_capacity(1 << 18, file), columns)
    }
}

impl<W: Write + Send> ParquetTable<W> {
    pub fn new(writer: W, columns: &[OutputColumn]) -> Result<Self, DatasetError> {
        Ok(ParquetTable {
            columns: columns.to_vec(),
            row_groups: RowGroups::new(writer, schema(columns))?,
        })
    }

    /// Adds rows: one entry per column, in the order of the columns, all of the same length.
    pub fn write(&mut self, values: Vec<OutputValues>) -> Result<(), DatasetError> {
        if values.len() != self.columns.len() {
            return Err(DatasetError::Unwritable {
                detail: format!(
                    "{} columns were given for a table of {}",
                    values.len(),
                    self.columns.len()
                ),
            });
        }
        let arrays = self.columns.iter().zip(values);
        let arrays = arrays
            .map(|(column, values)| array(column, values))
            .collect::<Result<Vec<_>, DatasetError>>()?;
        self.row_groups.write(arrays)
    }

    /// Writes the footer and gives the writer back.
    pub fn finish(self) -> Result<W, DatasetError> {
        self.row_groups.finish()
    }
}

/// Reads the footer of a file that was just written: it must have these columns and so many rows.
pub fn check_written(path: &Path, columns: &[OutputColumn], rows: u64) -> Result<(), DatasetError> {
    let unwritable = |detail: String| DatasetError::Unwritable {
        detail: format!("{}: {detail}", path.display()),
    };
    let file = File::open(path).map_err(|error| unwritable(error.to_string()))?;
    let footer = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|error| unwritable(error.to_string()))?;
    let found = u64::try_from(footer.metadata().file_metadata().num_rows()).unwrap_or(0);
    if found != rows {
        return Err(unwritable(format!(
            "{found} rows were written and not {rows}"
        )));
    }
    match footer.schema().fields() == schema(columns).fields() {
        true => Ok(()),
        false => Err(unwritable("it has other columns than its table".into())),
    }
}

fn schema(columns: &[OutputColumn]) -> SchemaRef {
    let fields = columns
        .iter()
        .map(|column| Field::new(&column.name, data_type(column.output_type), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn words_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn data_type(output_type: OutputType) -> DataType {
    match output_type {
        OutputType::Text => DataType::Utf8,
        OutputType::Integer => DataType::Int64,
        OutputType::Double => DataType::Float64,
        OutputType::Boolean => DataType::Boolean,
        OutputType::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        OutputType::Date => DataType::Date32,
    }
}

fn array(column: &OutputColumn, values: OutputValues) -> Result<ArrayRef, DatasetError> {
    let array: ArrayRef = match (column.output_type, values) {
        (OutputType::Text, OutputValues::Text(texts)) => Arc::new(StringArray::from(texts)),
        (OutputType::Text, OutputValues::Words { words, codes }) => words_array(words, codes)?,
        (OutputType::Text, OutputValues::Same(word, rows)) => {
            words_array(vec![word], vec![0; rows])?
        }
        (OutputType::Integer, OutputValues::Integer(numbers)) => {
            Arc::new(Int64Array::from(numbers))
        }
        (OutputType::Integer, OutputValues::Text(texts)) => {
            Arc::new(Int64Array::from(parsed(&column.name, texts)?))
        }
        (OutputType::Double, OutputValues::Double(numbers)) => {
            let present = numbers.into_iter().map(|n| (!n.is_nan()).then_some(n));
            Arc::new(Float64Array::from_iter(present))
        }
        (OutputType::Boolean, OutputValues::Boolean(values)) => {
            Arc::new(BooleanArray::from(values))
        }
        (OutputType::Timestamp, OutputValues::Timestamp(times)) => {
            Arc::new(TimestampMillisecondArray::from(times).with_timezone("UTC"))
        }
        (OutputType::Timestamp, OutputValues::SameTimestamp(time, rows)) => {
            Arc::new(TimestampMillisecondArray::from_value(time, rows).with_timezone("UTC"))
        }
        (OutputType::Date, OutputValues::Date(days)) => Arc::new(Date32Array::from(days)),
        _ => {
            return Err(DatasetError::Unwritable {
                detail: format!("column `{}` was given values of another type", column.name),
            });
        }
    };
    Ok(array)
}

fn words_array(words: Vec<String>, codes: Vec<i32>) -> Result<ArrayRef, DatasetError> {
    let keys: Int32Array = codes
        .into_iter()
        .map(|code| (code >= 0).then_some(code))
        .collect();
    let words = Arc::new(StringArray::from(words));
    let array = DictionaryArray::<Int32Type>::try_new(keys, words);
    array
        .map(|array| Arc::new(array) as ArrayRef)
        .map_err(|error| DatasetError::Unwritable {
            detail: error.to_string(),
        })
}

fn parsed(column: &str, texts: Vec<Option<String>>) -> Result<Vec<Option<i64>>, DatasetError> {
    let number = |(row, text): (usize, Option<String>)| {
        match text {
        None => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| DatasetError::Unwritable {
                detail: format!(
                    "column `{column}`: what stands in row {} of a block ({}) is not a whole number",
                    row + 1,
                    crate::error::length_of(&text)
                ),
            }),
    }
    };
    texts.into_iter().enumerate().map(number).collect()
}

/// Whether arrays of words may stand for a text column of the table.
pub(crate) fn fits(field: &Field, array: &ArrayRef) -> bool {
    field.data_type() == array.data_type()
        || (field.data_type() == &DataType::Utf8 && array.data_type() == &words_type())
}
