//! Writes the bad rows with what is wrong with each.

use std::fs;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, StringBuilder, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use indexmap::IndexMap;

use millrace_store::Scratch;

use super::bitmap::Bitmap;
use super::rows::row_numbers;
use super::table::{Table, TableFile};
use crate::DatasetError;
use crate::row_groups::RowGroups;
use crate::scratch::{no_scratch, scratch_file};

pub(super) const REASONS: &str = "quarantine_reasons";
pub(super) const FILE: &str = "quarantine_file";
pub(super) const ROW: &str = "quarantine_row";

/// A reason with the rows that it applies to.
#[derive(Debug)]
pub(crate) struct Reason {
    pub words: String,
    pub rows: Bitmap,
}

/// The bad rows, in a file of this process alone.
#[derive(Debug)]
pub struct BadRows {
    scratch: Scratch,
    bytes: u64,
}

impl BadRows {
    /// The size of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// The whole file.
    pub fn read(&self) -> Result<Vec<u8>, DatasetError> {
        fs::read(self.path()).map_err(no_scratch)
    }
}

impl PartialEq for BadRows {
    fn eq(&self, other: &BadRows) -> bool {
        matches!((self.read(), other.read()), (Ok(rows), Ok(others)) if rows == others)
    }
}

/// Parquet with all columns of the bad rows as they were read, then the reasons, joined by `; `, and the
/// file and row (from 1) where each was.
pub(crate) fn write(
    table: &Table,
    bad: &Bitmap,
    reasons: &[Reason],
) -> Result<BadRows, DatasetError> {
    let bad: Vec<usize> = bad.iter().collect();
    let columns = columns(table, &bad);
    let mut fields: Vec<Field> = columns
        .iter()
        .map(|(name, data_type)| Field::new(name, data_type.clone(), true))
        .collect();
    fields.push(Field::new(REASONS, DataType::Utf8, false));
    fields.push(Field::new(FILE, DataType::Utf8, false));
    fields.push(Field::new(ROW, DataType::UInt64, false));
    let (scratch, file) = scratch_file()?;
    let mut writer = RowGroups::new(BufWriter::new(file), Arc::new(Schema::new(fields)))?;
    for file in &table.files {
        let rows = file.own(&bad);
        if rows.is_empty() {
            continue;
        }
        let schema = file.whole_schema();
        file.for_each_of_rows(&rows, |rows, arrays| {
            let array_of = |(name, data_type): (&String, &DataType)| match schema.index_of(name) {
                Ok(index) => converted(&arrays[index], data_type),
                Err(_) => Ok(new_null_array(data_type, rows.len())),
            };
            let mut written = columns
                .iter()
                .map(array_of)
                .collect::<Result<Vec<_>, DatasetError>>()?;
            written.push(reasons_of(file, rows, reasons));
            written.push(Arc::new(StringArray::from(vec![
                file.source.name.as_str();
                rows.len()
            ])));
            written.push(row_numbers(rows));
            writer.write(written)
        })?;
    }
    let file = writer.finish()?;
    let bytes = file.get_ref().metadata().map_err(no_scratch)?.len();
    Ok(BadRows { scratch, bytes })
}

/// All columns of the files that have bad rows. One that is of different types in different files, or
/// of a type that is not plain, is written as text.
fn columns(table: &Table, bad: &[usize]) -> IndexMap<String, DataType> {
    let mut columns: IndexMap<String, DataType> = IndexMap::new();
    for file in table.files.iter().filter(|file| !file.own(bad).is_empty()) {
        for field in file.whole_schema().fields() {
            let own = [REASONS, FILE, ROW].contains(&field.name().as_str());
            let plain = field.data_type().is_primitive() || field.data_type() == &DataType::Boolean;
            let data_type = if plain {
                field.data_type().clone()
            } else {
                DataType::Utf8
            };
            match columns.get_mut(field.name()) {
                // What an earlier quarantine wrote makes room for what is written now.
                None if own => {}
                None => {
                    columns.insert(field.name().clone(), data_type);
                }
                Some(known) if *known != data_type => *known = DataType::Utf8,
                Some(_) => {}
            }
        }
    }
    columns
}

fn converted(array: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, DatasetError> {
    if array.data_type() == wanted {
        return Ok(array.clone());
    }
    if let Ok(text) = cast(array, wanted) {
        return Ok(text);
    }
    let unwritable = |error: arrow::error::ArrowError| DatasetError::Unwritable {
        detail: error.to_string(),
    };
    let options = FormatOptions::default().with_display_error(true);
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(unwritable)?;
    let mut texts = StringBuilder::new();
    for row in 0..array.len() {
        match array.is_null(row) {
            true => texts.append_null(),
            false => texts.append_value(formatter.value(row).to_string()),
        }
    }
    Ok(Arc::new(texts.finish()))
}

fn reasons_of(file: &TableFile, rows: &[usize], reasons: &[Reason]) -> ArrayRef {
    let of_row = |row: &usize| {
        let applies = |reason: &&Reason| reason.rows.contains(file.first_row + row);
        let words: Vec<&str> = reasons
            .iter()
            .filter(applies)
            .map(|reason| reason.words.as_str())
            .collect();
        words.join("; ")
    };
    Arc::new(StringArray::from_iter_values(rows.iter().map(of_row)))
}
