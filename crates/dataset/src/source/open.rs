//! A data file that was opened, of either format, and where it has the columns that are wanted.

use millrace_contract::{Column, Contract};

use super::content::Content;
use super::{Format, SourceFile};
use crate::DatasetError;
use crate::convert::{Converter, Mismatch, wanted_kind};
use crate::csv_file::CsvFile;
use crate::error::{ValueProblem, length_of};
use crate::nearest::nearest;
use crate::parquet::ParquetFile;

#[derive(Debug, Clone)]
pub(crate) enum OpenFile {
    Parquet(ParquetFile),
    Csv(CsvFile),
}

/// Where a file has a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the file, at this position.
    File(usize),
    /// In the names of the folders above it: the same in all rows.
    Folder(Option<String>),
    Absent,
}

impl OpenFile {
    pub(super) fn new(
        file: &SourceFile,
        content: Content,
        contract: Option<&Contract>,
    ) -> Result<OpenFile, DatasetError> {
        match file.format {
            Format::Parquet => {
                let opened = ParquetFile::open(&file.uri, content, contract)?;
                Ok(OpenFile::Parquet(match &file.row_groups {
                    Some(groups) => opened.only(groups.clone())?,
                    None => opened,
                }))
            }
            Format::Csv => CsvFile::open(&file.uri, content).map(OpenFile::Csv),
        }
    }

    pub(crate) fn uri(&self) -> &str {
        match self {
            OpenFile::Parquet(file) => &file.uri,
            OpenFile::Csv(file) => &file.uri,
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            OpenFile::Parquet(file) => {
                let fields = file.schema().fields().iter();
                fields.map(|field| field.name().as_str()).collect()
            }
            OpenFile::Csv(file) => file.header.iter().map(String::as_str).collect(),
        }
    }

    /// The file's own columns, then those of its folders.
    pub(crate) fn column_names(&self, file: &SourceFile) -> Vec<String> {
        let mut names: Vec<String> = self.names().into_iter().map(str::to_owned).collect();
        for (key, _) in &file.partitions {
            if !names.contains(key) {
                names.push(key.clone());
            }
        }
        names
    }

    pub(crate) fn row_count(&self) -> Result<u64, DatasetError> {
        match self {
            OpenFile::Parquet(file) => Ok(file.groups().map(|group| group.rows as u64).sum()),
            OpenFile::Csv(file) => {
                let mut rows = file.rows(Vec::new());
                let mut total = 0;
                loop {
                    match rows.step(1 << 16)? {
                        (0, _) => return Ok(total),
                        (count, _) => total += count as u64,
                    }
                }
            }
        }
    }

    /// The size of each row group in the file; none of CSV.
    pub(crate) fn group_bytes(&self) -> Vec<u64> {
        match self {
            OpenFile::Parquet(file) => file.group_bytes(),
            OpenFile::Csv(_) => Vec::new(),
        }
    }

    /// The rows that a footer names, or those that fit into a CSV file whose lines are like its first ones.
    pub(crate) fn estimated_rows(&self) -> Result<u64, DatasetError> {
        let OpenFile::Csv(file) = self else {
            return self.row_count();
        };
        let length = file.content.len();
        let start = file.content.read(0..length.min(1 << 16), &file.uri)?;
        let lines = start.iter().filter(|byte| **byte == b'\n').count().max(1) as u64;
        Ok(length.saturating_mul(lines) / start.len().max(1) as u64)
    }

    pub(crate) fn place(&self, file: &SourceFile, name: &str) -> Result<Place, DatasetError> {
        let names = self.names();
        let mut places = names
            .iter()
            .enumerate()
            .filter(|(_, found)| **found == name);
        let first = places.next();
        if first.is_some() && places.next().is_some() {
            return Err(DatasetError::DuplicateColumn {
                uri: self.uri().to_owned(),
                column: name.to_owned(),
            });
        }
        if let Some((index, _)) = first {
            return Ok(Place::File(index));
        }
        let folder = file.partitions.iter().rev().find(|(key, _)| key == name);
        Ok(folder.map_or(Place::Absent, |(_, value)| Place::Folder(value.clone())))
    }

    pub(crate) fn missing_column(&self, file: &SourceFile, name: &str) -> DatasetError {
        let names = self.column_names(file);
        DatasetError::MissingColumn {
            uri: self.uri().to_owned(),
            column: name.to_owned(),
            nearest: nearest(name, names.iter().map(String::as_str)),
        }
    }

    pub(crate) fn converter<'a>(
        &self,
        column: &'a Column,
        place: &Place,
        rows: usize,
    ) -> Converter<'a> {
        let from_text = matches!((self, place), (OpenFile::Csv(_), _) | (_, Place::Folder(_)));
        Converter::new(column, from_text, rows)
    }

    pub(crate) fn wrong_type(
        &self,
        name: &str,
        column: &Column,
        mismatch: Mismatch,
    ) -> DatasetError {
        DatasetError::WrongType {
            uri: self.uri().to_owned(),
            column: name.to_owned(),
            found: mismatch.found,
            wanted: wanted_kind(column.column_type),
        }
    }

    /// `row` counts from 0 here.
    pub(crate) fn invalid_value(
        &self,
        name: &str,
        problem: ValueProblem,
        row: u64,
        text: &str,
    ) -> DatasetError {
        DatasetError::InvalidValue {
            problem,
            uri: self.uri().to_owned(),
            column: name.to_owned(),
            row: row + 1,
            length: length_of(text),
        }
    }
}
