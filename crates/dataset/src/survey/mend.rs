//! A copy of a table in a form that a contract can describe.

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use millrace_contract::{OutputColumn, OutputType};

use super::gather::is_mark;
use crate::convert::day_of;
use crate::source::open::Place;
use crate::validate::{Room, Table};
use crate::{DatasetError, OutputValues, ParquetTable, Source};

/// A column of the copy.
#[derive(Debug, Clone, PartialEq)]
pub struct Mending {
    pub name: String,
    pub origin: Origin,
    pub output_type: OutputType,
}

/// Where a column of the copy comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// The number of the row, from 1.
    RowNumber,
    /// Another column; what stands for nothing becomes missing.
    Column(String),
    /// 1 where a column holds this word, else 0.
    Is { column: String, word: String },
}

/// The copy, as Parquet.
pub fn mended(source: &Source, columns: &[Mending]) -> Result<Vec<u8>, DatasetError> {
    let table = Table::open(source, None, Room::USUAL)?;
    let written: Vec<OutputColumn> = columns
        .iter()
        .map(|column| OutputColumn {
            name: column.name.clone(),
            output_type: column.output_type,
        })
        .collect();
    let mut copy = ParquetTable::in_memory(&written)?;
    let values = columns.iter().map(|column| values(&table, column));
    copy.write(values.collect::<Result<_, DatasetError>>()?)?;
    copy.finish()
}

fn values(table: &Table, column: &Mending) -> Result<OutputValues, DatasetError> {
    let texts = match &column.origin {
        Origin::RowNumber => {
            let rows = (1..=table.rows as i64).map(Some);
            return Ok(OutputValues::Integer(rows.collect()));
        }
        Origin::Column(name) => texts(table, name)?,
        Origin::Is { column, word } => {
            let is = |text: Option<String>| text.map(|text| i64::from(text == *word));
            let texts = texts(table, column)?.into_iter();
            return Ok(OutputValues::Integer(texts.map(is).collect()));
        }
    };
    let texts = texts.into_iter();
    Ok(match column.output_type {
        OutputType::Double => OutputValues::Double(
            texts
                .map(|text| number(text.as_deref()).unwrap_or(f64::NAN))
                .collect(),
        ),
        OutputType::Integer => OutputValues::Integer(
            texts
                .map(|text| number(text.as_deref()).map(|value| value as i64))
                .collect(),
        ),
        OutputType::Boolean => OutputValues::Boolean(
            texts
                .map(|text| Some(text?.trim().eq_ignore_ascii_case("true")))
                .collect(),
        ),
        OutputType::Date => OutputValues::Date(texts.map(|text| day_of(text?.trim())).collect()),
        OutputType::Text | OutputType::Timestamp => OutputValues::Text(texts.collect()),
    })
}

fn number(text: Option<&str>) -> Option<f64> {
    text?
        .trim()
        .parse()
        .ok()
        .filter(|value: &f64| !value.is_nan())
}

/// The values of a column as text; what stands for nothing is missing.
fn texts(table: &Table, name: &str) -> Result<Vec<Option<String>>, DatasetError> {
    let mut all = Vec::with_capacity(table.rows);
    for file in &table.files {
        match file.place(name)? {
            Place::File(column) => file.for_each_array(column, |array| {
                let texts =
                    cast(array, &DataType::Utf8).map_err(|error| unreadable(name, &error))?;
                let texts = texts.as_string::<i32>().iter();
                all.extend(texts.map(|text| known(text.map(str::to_owned))));
                Ok::<(), DatasetError>(())
            })?,
            Place::Folder(value) => all.extend(std::iter::repeat_n(known(value), file.rows)),
            Place::Absent => all.extend(std::iter::repeat_n(None, file.rows)),
        }
    }
    Ok(all)
}

fn unreadable(name: &str, error: &ArrowError) -> DatasetError {
    DatasetError::Unwritable {
        detail: format!("column `{name}`: {error}"),
    }
}

fn known(text: Option<String>) -> Option<String> {
    text.filter(|text| !is_mark(text))
}
