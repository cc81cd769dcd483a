//! One column of one row group, decoded step by step.

use arrow::array::{Array, ArrayRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;

use super::{ParquetFile, corrupt, guarded};
use crate::DatasetError;
use crate::source::content::Content;

/// Gives a column's arrays, all of the same number of rows but the last.
pub(crate) struct Cursor {
    reader: ParquetRecordBatchReader,
    uri: String,
    rows_left: usize,
}

impl ParquetFile {
    /// The bytes of some columns of a row group, ready to be decoded: from a remote store they are
    /// fetched with few requests; local files are read page by page.
    pub(crate) fn group_content(
        &self,
        group: usize,
        columns: &[usize],
    ) -> Result<Content, DatasetError> {
        if self.content.is_quick() {
            return Ok(self.content.clone());
        }
        let ranges = guarded(&self.uri, || {
            let metadata = self.reader.metadata().row_group(group);
            let descriptor = self.reader.parquet_schema();
            let wanted = metadata.columns().iter().enumerate();
            let wanted =
                wanted.filter(|(leaf, _)| columns.contains(&descriptor.get_column_root_idx(*leaf)));
            let ranges = wanted.map(|(_, chunk)| {
                let (start, length) = chunk.byte_range();
                start..start.saturating_add(length)
            });
            Ok(ranges.collect::<Vec<_>>())
        })?;
        let size = self.content.len();
        if ranges.iter().any(|range| range.end > size) {
            return Err(corrupt(
                &self.uri,
                "a column lies beyond the end of the file",
            ));
        }
        self.content.fetched(ranges, &self.uri)
    }

    pub(crate) fn cursor(
        &self,
        content: &Content,
        group: usize,
        column: usize,
        rows_per_step: usize,
    ) -> Result<Cursor, DatasetError> {
        let rows_left = self.row_group_rows.get(group).copied().unwrap_or(0);
        let reader = guarded(&self.uri, || {
            let mask = ProjectionMask::roots(self.reader.parquet_schema(), [column]);
            ParquetRecordBatchReaderBuilder::new_with_metadata(content.clone(), self.reader.clone())
                .with_row_groups(vec![group])
                .with_projection(mask)
                .with_batch_size(rows_per_step.min(rows_left.max(1)))
                .build()
        })?;
        Ok(Cursor {
            reader,
            uri: self.uri.clone(),
            rows_left,
        })
    }
}

impl ParquetFile {
    /// All columns of some rows of a row group.
    pub(crate) fn selected(
        &self,
        content: &Content,
        group: usize,
        selection: RowSelection,
        rows_per_step: usize,
    ) -> Result<ParquetRecordBatchReader, DatasetError> {
        guarded(&self.uri, || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(content.clone(), self.reader.clone())
                .with_row_groups(vec![group])
                .with_row_selection(selection)
                .with_batch_size(rows_per_step)
                .build()
        })
    }

    pub(crate) fn decoded<T>(
        &self,
        decode: impl FnOnce() -> Result<T, ParquetError>,
    ) -> Result<T, DatasetError> {
        guarded(&self.uri, decode)
    }
}

impl Cursor {
    /// The next rows, or nothing at the end. As many rows come as the file promised, or an error.
    pub(crate) fn step(&mut self) -> Result<Option<ArrayRef>, DatasetError> {
        let reader = &mut self.reader;
        let batch = guarded(&self.uri, || match reader.next() {
            None => Ok(None),
            Some(batch) => batch.map(Some).map_err(ParquetError::from),
        })?;
        let array = batch.filter(|batch| batch.num_columns() == 1);
        let array = array.map(|batch| batch.column(0).clone());
        let rows = array.as_ref().map_or(0, |array| array.len());
        if rows > self.rows_left || (rows == 0 && self.rows_left > 0) {
            return Err(corrupt(
                &self.uri,
                "a column has another number of rows than promised",
            ));
        }
        self.rows_left -= rows;
        Ok(array.filter(|array| !array.is_empty()))
    }
}
