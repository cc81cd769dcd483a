//! Whole rows as they were read, for the few that need a closer look: repeated and bad ones.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, StringArray, UInt64Array};
use arrow::compute::filter;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::RowSelection;
use rayon::prelude::*;

use super::table::{Rows, TableFile};
use crate::DatasetError;
use crate::parquet::ParquetFile;
use crate::source::open::OpenFile;

impl TableFile {
    /// The columns of the file, then those of its folders that it does not hold itself.
    pub(crate) fn whole_schema(&self) -> SchemaRef {
        let mut fields: Vec<Arc<Field>> = match &self.open {
            OpenFile::Parquet(file) => file.schema().fields().iter().cloned().collect(),
            OpenFile::Csv(file) => {
                let field = |name: &String| Arc::new(Field::new(name, DataType::Utf8, true));
                file.header.iter().map(field).collect()
            }
        };
        for (name, _) in &self.source.partitions {
            if !fields.iter().any(|field| field.name() == name) {
                fields.push(Arc::new(Field::new(name, DataType::Utf8, true)));
            }
        }
        Arc::new(Schema::new(fields))
    }

    /// Calls `take` with these rows (numbers in the file, sorted) and all columns of `whole_schema`.
    pub(crate) fn for_each_of_rows(
        &self,
        rows: &[usize],
        mut take: impl FnMut(&[usize], Vec<ArrayRef>) -> Result<(), DatasetError>,
    ) -> Result<(), DatasetError> {
        let mut left = rows;
        let mut give = |columns: Vec<ArrayRef>, count: usize| {
            let (now, later) = left.split_at(count.min(left.len()));
            left = later;
            take(now, self.with_folders(columns, now.len()))
        };
        match &self.open {
            OpenFile::Parquet(file) => file.for_each_of_rows(rows, give),
            OpenFile::Csv(_) => match self.csv() {
                Rows::Held(steps) => self.csv_rows(steps, rows, &mut give),
                Rows::Aside { columns, .. } => columns.for_each_of_rows(rows, give),
            },
        }
    }

    fn csv_rows(
        &self,
        steps: &[Vec<ArrayRef>],
        rows: &[usize],
        give: &mut impl FnMut(Vec<ArrayRef>, usize) -> Result<(), DatasetError>,
    ) -> Result<(), DatasetError> {
        let mut first = 0;
        for step in steps {
            let count = step.first().map_or(0, |array| array.len());
            let wanted = within(rows, first, count);
            first += count;
            if wanted.is_empty() {
                continue;
            }
            let mut mask = vec![false; count];
            wanted
                .iter()
                .for_each(|row| mask[row + count - first] = true);
            let mask = BooleanArray::from(mask);
            let columns = step
                .iter()
                .map(|array| filter(array, &mask))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| DatasetError::InvalidCsv {
                    uri: self.source.uri.clone(),
                    detail: error.to_string(),
                })?;
            give(columns, wanted.len())?;
        }
        Ok(())
    }

    fn with_folders(&self, mut columns: Vec<ArrayRef>, rows: usize) -> Vec<ArrayRef> {
        let schema = self.whole_schema();
        for field in schema.fields().iter().skip(columns.len()) {
            let folder = self
                .source
                .partitions
                .iter()
                .rev()
                .find(|(name, _)| name == field.name());
            let value = folder.and_then(|(_, value)| value.as_deref());
            columns.push(Arc::new(StringArray::from(vec![value; rows])));
        }
        columns
    }
}

/// Of sorted rows those in `first..first + count`.
fn within(rows: &[usize], first: usize, count: usize) -> &[usize] {
    let from = rows.partition_point(|row| *row < first);
    let to = rows.partition_point(|row| *row < first + count);
    &rows[from..to]
}

impl ParquetFile {
    /// Row group by row group, each with its columns in parallel.
    fn for_each_of_rows(
        &self,
        rows: &[usize],
        mut take: impl FnMut(Vec<ArrayRef>, usize) -> Result<(), DatasetError>,
    ) -> Result<(), DatasetError> {
        let columns: Vec<usize> = (0..self.schema().fields().len()).collect();
        let mut first = 0;
        for (group, count) in self.row_group_rows().iter().enumerate() {
            let wanted = within(rows, first, *count);
            if !wanted.is_empty() {
                let content = self.group_content(group, &columns)?;
                let ranges = wanted.iter().map(|row| row - first..row - first + 1);
                let selection = RowSelection::from_consecutive_ranges(ranges, *count);
                let select = |column: &usize| {
                    self.selected(&content, group, *column, selection.clone(), wanted.len())
                };
                let arrays = columns.par_iter().map(select);
                let arrays = arrays.collect::<Result<Vec<_>, DatasetError>>()?;
                take(arrays, wanted.len())?;
            }
            first += count;
        }
        Ok(())
    }
}

/// Row numbers from 1, for people.
pub(crate) fn row_numbers(rows: &[usize]) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(
        rows.iter().map(|row| *row as u64 + 1),
    ))
}
