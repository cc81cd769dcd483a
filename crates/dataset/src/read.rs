//! Everything at once: all row groups and columns decoded in parallel, in the order of the files.

use rayon::prelude::*;

use crate::convert::Converter;
use crate::csv_file::CsvFile;
use crate::exclusions::within;
use crate::request::{Request, Wanted};
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

/// Some rows of a part: a row group of Parquet, or all of a CSV file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub part: usize,
    pub row_group: usize,
    pub first_row: u64,
    pub rows: usize,
}

impl Source {
    /// Reads the columns that are asked for, and only those.
    pub fn read(&self, request: &Request<'_>) -> Result<Frame, DatasetError> {
        let parts = self.parts(request)?;
        let groups = groups(&parts);
        let pieces = groups
            .par_iter()
            .map(|group| read_group(&parts[group.part], group))
            .collect::<Result<Vec<_>, DatasetError>>()?;
        let rows = pieces.iter().map(|(rows, _)| rows).sum();
        if rows == 0 {
            return Err(self.empty());
        }
        let names = parts.iter().flat_map(|part| &part.columns);
        let names: Vec<&str> = names
            .map(|(wanted, _)| wanted.name)
            .take(parts.first().map_or(0, |part| part.columns.len()))
            .collect();
        assemble(
            rows,
            &names,
            pieces.into_iter().map(|(_, values)| values).collect(),
        )
        .ok_or_else(|| self.empty())
    }

    pub(crate) fn empty(&self) -> DatasetError {
        DatasetError::EmptyTable {
            uri: self.uri().to_owned(),
        }
    }

    /// Opens all files and finds the wanted columns in each.
    pub(crate) fn parts<'a>(&self, request: &Request<'a>) -> Result<Vec<Part<'a>>, DatasetError> {
        let wanted = request.wanted()?;
        let excluded = match request.exclude {
            Some(exclusions) => exclusions.by_file(self)?,
            None => vec![&[][..]; self.files().len()],
        };
        let mut parts = self
            .files()
            .par_iter()
            .zip(excluded)
            .map(|(file, excluded)| part(file, request, &wanted, excluded))
            .collect::<Result<Vec<_>, DatasetError>>()?;
        // A target that is absent from one file is left out of all.
        let absent = |index: usize| {
            parts
                .iter()
                .any(|part| part.columns[index].1 == Place::Absent)
        };
        let absent: Vec<bool> = (0..wanted.len()).map(absent).collect();
        for part in &mut parts {
            let mut absent = absent.iter();
            part.columns
                .retain(|_| !absent.next().copied().unwrap_or(false));
        }
        Ok(parts)
    }
}

fn part<'a>(
    file: &SourceFile,
    request: &Request<'a>,
    wanted: &[Wanted<'a>],
    excluded: &'a [u64],
) -> Result<Part<'a>, DatasetError> {
    let opened = file.open(Some(request.contract))?;
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

/// All groups of all files, in order.
pub(crate) fn groups(parts: &[Part<'_>]) -> Vec<Group> {
    let mut groups = Vec::new();
    for (part, opened) in parts.iter().enumerate() {
        match &opened.file {
            OpenFile::Parquet(file) => {
                let mut first_row = 0;
                for (row_group, rows) in file.row_group_rows().iter().enumerate() {
                    groups.push(Group {
                        part,
                        row_group,
                        first_row,
                        rows: *rows,
                    });
                    first_row += *rows as u64;
                }
            }
            OpenFile::Csv(_) => groups.push(Group {
                part,
                row_group: 0,
                first_row: 0,
                rows: 0,
            }),
        }
    }
    groups
}

/// The number of rows that are left, and the columns.
pub(crate) fn read_group(
    part: &Part<'_>,
    group: &Group,
) -> Result<(usize, Vec<Values>), DatasetError> {
    let file = match &part.file {
        OpenFile::Csv(file) => return read_csv(part, file),
        OpenFile::Parquet(file) => file,
    };
    let removed = within(part.excluded, group.first_row, group.rows);
    let columns: Vec<usize> = part
        .columns
        .iter()
        .filter_map(|(_, place)| match place {
            Place::File(index) => Some(*index),
            _ => None,
        })
        .collect();
    let content = file.group_content(group.row_group, &columns)?;
    let values = part
        .columns
        .par_iter()
        .map(|(wanted, place)| {
            let mut converter = part.file.converter(wanted.column, place, group.rows);
            let mismatch = |m| part.file.wrong_type(wanted.name, wanted.column, m);
            if let Place::File(column) = place {
                let mut cursor = file.cursor(&content, group.row_group, *column, STEP_ROWS)?;
                while let Some(array) = cursor.step()? {
                    converter.append(&array).map_err(mismatch)?;
                }
            } else if let Place::Folder(text) = place {
                converter
                    .append_same(text.as_deref(), group.rows)
                    .map_err(mismatch)?;
            }
            part.accept(wanted, &mut converter, group.first_row, &removed)
        })
        .collect::<Result<Vec<_>, DatasetError>>()?;
    Ok((group.rows - removed.len(), values))
}

fn read_csv(part: &Part<'_>, file: &CsvFile) -> Result<(usize, Vec<Values>), DatasetError> {
    let mut converters = part.converters();
    let mut rows = file.rows(part.file_columns());
    let mut total = 0;
    loop {
        let (count, arrays) = rows.step(STEP_ROWS)?;
        if count == 0 {
            break;
        }
        part.convert(&mut converters, &arrays, count)?;
        total += count;
    }
    let removed = within(part.excluded, 0, total);
    let values = part
        .columns
        .par_iter()
        .zip(&mut converters)
        .map(|((wanted, _), converter)| part.accept(wanted, converter, 0, &removed))
        .collect::<Result<Vec<_>, DatasetError>>()?;
    Ok((total - removed.len(), values))
}

impl<'a> Part<'a> {
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
            .find(|(_, row)| removed.binary_search(row).is_err());
        if let (Some((index, row)), Some(problem)) = (fault, faults.problem) {
            let text = faults.texts.get(index).map_or("", String::as_str);
            let row = first_row + *row as u64;
            return Err(self.file.invalid_value(wanted.name, problem, row, text));
        }
        values.remove(removed);
        Ok(values)
    }
}

/// Joins the pieces column by column.
fn assemble(rows: usize, names: &[&str], pieces: Vec<Vec<Values>>) -> Option<Frame> {
    let mut columns: Vec<Vec<Values>> = names.iter().map(|_| Vec::new()).collect();
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
    for (name, values) in names.iter().zip(joined) {
        frame.insert(*name, values?).ok()?;
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
