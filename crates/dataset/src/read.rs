//! Everything at once: all row groups and columns decoded in parallel, in the order of the files.

use rayon::prelude::*;

use crate::convert::Converter;
use crate::csv_file::CsvFile;
use crate::exclusions::within;
use crate::parquet::Group;
use crate::request::{Request, Wanted};
use crate::source::content::Keep;
use crate::source::open::{OpenFile, Place};
use crate::source::{Source, SourceFile};
use crate::{DatasetError, Frame, Values};

/// Rows that are decoded in one step: few enough to stay near the processor.
pub(crate) const STEP_ROWS: usize = 16_384;

/// A file with the places of the wanted columns and the rows that are not wanted.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub file: OpenFile,
    pub columns: Vec<(Wanted<'a>, Place)>,
    pub excluded: &'a [u64],
}

impl Source {
    /// Reads the columns that are asked for, and only those.
    pub fn read(&self, request: &Request<'_>) -> Result<Frame, DatasetError> {
        let wanted = request.wanted()?;
        let excluded = self.excluded(request)?;
        let read_file = |(file, excluded): (&SourceFile, &[u64])| {
            let part = Part::open(file, request, &wanted, excluded, Keep::Open)?;
            let groups = part.groups();
            let pieces = groups.par_iter().map(|group| part.read_group(group));
            pieces.collect::<Result<Vec<_>, DatasetError>>()
        };
        let pieces = self
            .files()
            .par_iter()
            .zip(excluded)
            .map(read_file)
            .collect::<Result<Vec<_>, DatasetError>>()?;
        let pieces: Vec<_> = pieces.into_iter().flatten().collect();
        let rows = pieces.iter().map(|(rows, _)| rows).sum();
        if rows == 0 {
            return Err(self.empty());
        }
        let pieces = pieces.into_iter().map(|(_, values)| values).collect();
        assemble(rows, &wanted, pieces).ok_or_else(|| self.empty())
    }

    pub(crate) fn empty(&self) -> DatasetError {
        DatasetError::EmptyTable {
            uri: self.uri().to_owned(),
        }
    }

    /// The rows to leave out of each file.
    pub(crate) fn excluded<'a>(
        &self,
        request: &Request<'a>,
    ) -> Result<Vec<&'a [u64]>, DatasetError> {
        match request.exclude {
            Some(exclusions) => exclusions.by_file(self),
            None => Ok(vec![&[][..]; self.files().len()]),
        }
    }
}

impl<'a> Part<'a> {
    /// Opens a file and finds the wanted columns in it.
    pub(crate) fn open(
        file: &SourceFile,
        request: &Request<'a>,
        wanted: &[Wanted<'a>],
        excluded: &'a [u64],
        keep: Keep,
    ) -> Result<Part<'a>, DatasetError> {
        let opened = file.open(Some(request.contract), keep)?;
        let mut columns = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let place = opened.place(file, wanted.name)?;
            if place == Place::Absent && !wanted.optional {
                return Err(opened.missing_column(file, wanted.name));
            }
            columns.push((*wanted, place));
        }
        Ok(Part {
            file: opened,
            columns,
            excluded,
        })
    }

    /// The row groups in order; a CSV file is one, of a size that is not known yet.
    pub(crate) fn groups(&self) -> Vec<Group> {
        match &self.file {
            OpenFile::Parquet(file) => file.groups().collect(),
            OpenFile::Csv(_) => vec![Group {
                row_group: 0,
                first_row: 0,
                rows: 0,
            }],
        }
    }

    /// The number of rows that are left, and the columns.
    pub(crate) fn read_group(&self, group: &Group) -> Result<(usize, Vec<Values>), DatasetError> {
        let file = match &self.file {
            OpenFile::Csv(file) => return self.read_csv(file),
            OpenFile::Parquet(file) => file,
        };
        let removed = within(self.excluded, group.first_row, group.rows);
        let content = file.group_content(group.row_group, &self.file_columns())?;
        let read_column = |(wanted, place): &(Wanted<'a>, Place)| {
            let mut converter = self.file.converter(wanted.column, place, group.rows);
            let mismatch = |m| self.file.wrong_type(wanted.name, wanted.column, m);
            match place {
                Place::File(column) => {
                    let mut cursor = file.cursor(&content, group.row_group, *column, STEP_ROWS)?;
                    while let Some(array) = cursor.step()? {
                        converter.append(&array).map_err(mismatch)?;
                    }
                }
                Place::Folder(text) => {
                    let same = converter.append_same(text.as_deref(), group.rows);
                    same.map_err(mismatch)?;
                }
                Place::Absent => converter.append_same(None, group.rows).map_err(mismatch)?,
            }
            self.accept(wanted, &mut converter, group.first_row, &removed)
        };
        let values = self.columns.par_iter().map(read_column);
        let values = values.collect::<Result<Vec<_>, DatasetError>>()?;
        Ok((group.rows - removed.len(), values))
    }

    fn read_csv(&self, file: &CsvFile) -> Result<(usize, Vec<Values>), DatasetError> {
        let mut converters = self.converters();
        let mut rows = file.rows(self.file_columns());
        let mut total = 0;
        loop {
            let (count, arrays) = rows.step(STEP_ROWS)?;
            if count == 0 {
                break;
            }
            self.convert(&mut converters, &arrays, count)?;
            total += count;
        }
        let removed = within(self.excluded, 0, total);
        let values = self.accept_all(&mut converters, 0, &removed)?;
        Ok((total - removed.len(), values))
    }

    pub(crate) fn accept_all(
        &self,
        converters: &mut [Converter<'a>],
        first_row: u64,
        removed: &[usize],
    ) -> Result<Vec<Values>, DatasetError> {
        self.columns
            .par_iter()
            .zip(converters)
            .map(|((wanted, _), converter)| self.accept(wanted, converter, first_row, removed))
            .collect()
    }

    /// The positions in the file of the columns that it holds itself.
    pub(crate) fn file_columns(&self) -> Vec<usize> {
        let places = self.columns.iter().map(|(_, place)| place);
        places
            .filter_map(|place| match place {
                Place::File(index) => Some(*index),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn converters(&self) -> Vec<Converter<'a>> {
        let columns = self.columns.iter();
        columns
            .map(|(wanted, place)| self.file.converter(wanted.column, place, 0))
            .collect()
    }

    /// Hands one step's arrays, which are in the order of `file_columns`, to the converters.
    pub(crate) fn convert(
        &self,
        converters: &mut [Converter<'a>],
        arrays: &[arrow::array::ArrayRef],
        rows: usize,
    ) -> Result<(), DatasetError> {
        let mut position = 0;
        let arrays: Vec<_> = self
            .columns
            .iter()
            .map(|(_, place)| match place {
                Place::File(_) => {
                    position += 1;
                    arrays.get(position - 1)
                }
                _ => None,
            })
            .collect();
        self.columns
            .par_iter()
            .zip(converters)
            .zip(arrays)
            .try_for_each(|(((wanted, place), converter), array)| {
                let result = match (array, place) {
                    (Some(array), _) => converter.append(array),
                    (None, Place::Folder(text)) => converter.append_same(text.as_deref(), rows),
                    (None, _) => converter.append_same(None, rows),
                };
                result.map_err(|m| self.file.wrong_type(wanted.name, wanted.column, m))
            })
    }

    /// The converted values without the rows that are left out; a fault in any other is an error.
    pub(crate) fn accept(
        &self,
        wanted: &Wanted<'_>,
        converter: &mut Converter<'_>,
        first_row: u64,
        removed: &[usize],
    ) -> Result<Values, DatasetError> {
        let (mut values, faults) = converter.take();
        let fault = faults
            .rows
            .iter()
            .enumerate()
            .find(|(_, (row, _))| removed.binary_search(row).is_err());
        if let Some((index, (row, problem))) = fault {
            let text = faults.texts.get(index).map_or("", String::as_str);
            let row = first_row + *row as u64;
            return Err(self.file.invalid_value(wanted.name, *problem, row, text));
        }
        values.remove(removed);
        Ok(values)
    }
}

/// Joins the pieces column by column.
fn assemble(rows: usize, wanted: &[Wanted<'_>], pieces: Vec<Vec<Values>>) -> Option<Frame> {
    let mut columns: Vec<Vec<Values>> = wanted.iter().map(|_| Vec::new()).collect();
    for piece in pieces {
        for (column, values) in columns.iter_mut().zip(piece) {
            column.push(values);
        }
    }
    let joined: Vec<Option<Values>> = columns
        .into_par_iter()
        .map(|parts| join(parts, rows))
        .collect();
    let mut frame = Frame::new(rows);
    for (wanted, values) in wanted.iter().zip(joined) {
        frame.insert(wanted.name, values?).ok()?;
    }
    Some(frame)
}

fn join(parts: Vec<Values>, rows: usize) -> Option<Values> {
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    whole.reserve(rows.saturating_sub(whole.len()));
    for part in parts {
        whole.append(part).ok()?;
    }
    Some(whole)
}
