//! One column of one row group, decoded step by step.

use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;

use super::{ParquetFile, corrupt, guarded, limits};
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
        self.check_pages(content, group, column)?;
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
    /// Refuses a column whose pages would take far more memory than the file has bytes.
    fn check_pages(
        &self,
        content: &Content,
        group: usize,
        column: usize,
    ) -> Result<(), DatasetError> {
        let descriptor = self.reader.parquet_schema();
        let metadata = guarded(&self.uri, || Ok(self.reader.metadata().row_group(group)))?;
        for (leaf, chunk) in metadata.columns().iter().enumerate() {
            if descriptor.get_column_root_idx(leaf) == column {
                guarded(&self.uri, || {
                    limits::check_pages(&self.uri, content, chunk)
                        .map_err(|error| ParquetError::External(Box::new(error)))
                })?;
            }
        }
        Ok(())
    }

    /// One column at some rows of a row group.
    pub(crate) fn selected(
        &self,
        content: &Content,
        group: usize,
        column: usize,
        selection: RowSelection,
        rows: usize,
    ) -> Result<ArrayRef, DatasetError> {
        self.check_pages(content, group, column)?;
        let array = guarded(&self.uri, || {
            let mask = ProjectionMask::roots(self.reader.parquet_schema(), [column]);
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
                content.clone(),
                self.reader.clone(),
            )
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_row_selection(selection)
            .with_batch_size(rows)
            .build()?;
            let batches = reader.collect::<Result<Vec<_>, _>>()?;
            let arrays: Vec<&dyn Array> = batches
                .iter()
                .filter_map(|batch| batch.columns().first())
                .map(|array| array.as_ref())
                .collect();
            Ok(concat(&arrays)?)
        })?;
        if array.len() != rows {
            return Err(self.uneven());
        }
        Ok(array)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{OutputValues, ParquetTable};
    use millrace_contract::{OutputColumn, OutputType};
    use millrace_store::{Key, Store};

    fn table() -> Vec<u8> {
        let column = |name: &str, output_type| OutputColumn {
            name: name.to_owned(),
            output_type,
        };
        let columns = [
            column("number", OutputType::Double),
            column("text", OutputType::Text),
            column("noise", OutputType::Double),
        ];
        let mut table = ParquetTable::in_memory(&columns).unwrap();
        let rows = 300_000;
        let noise = |row: usize| ((row * 2_654_435_761) % 1_000_003) as f64 / 7.0;
        let texts = (0..rows).map(|row| Some(format!("text {}", row % 977)));
        table
            .write(vec![
                OutputValues::Double((0..rows).map(|row| row as f64).collect()),
                OutputValues::Text(texts.collect()),
                OutputValues::Double((0..rows).map(noise).collect()),
            ])
            .unwrap();
        table.finish().unwrap()
    }

    fn column(file: &ParquetFile, content: &Content, group: usize, column: usize) -> Vec<ArrayRef> {
        let mut cursor = file.cursor(content, group, column, 10_000).unwrap();
        std::iter::from_fn(|| cursor.step().unwrap()).collect()
    }

    #[test]
    fn ranges_of_a_store_give_what_the_whole_file_gives() {
        let bytes = table();
        let store = Store::memory();
        let key = Key::new("table.parquet").unwrap();
        let etag = store.put(&key, bytes.clone()).unwrap();
        let size = bytes.len() as u64;
        let whole = ParquetFile::open("whole", Content::Held(bytes.into()), None).unwrap();
        let stored = Content::Stored(store.clone(), key.clone(), etag, size);
        let ranged = ParquetFile::open("ranged", stored, None).unwrap();
        assert_eq!(ranged.row_group_rows(), [131_072, 131_072, 37_856]);
        for group in 0..3 {
            let content = ranged.group_content(group, &[0, 1]).unwrap();
            let Content::Pieces(pieces, _) = &content else {
                panic!("nothing was fetched: {content:?}");
            };
            let fetched: usize = pieces.iter().map(|(_, bytes)| bytes.len()).sum();
            assert!((fetched as u64) < size / 3, "{fetched} of {size}");
            for wanted in [0, 1] {
                let own = column(&whole, &whole.content, group, wanted);
                assert_eq!(column(&ranged, &content, group, wanted), own);
            }
            // A column that was not fetched is an error, not rubbish.
            let cursor = ranged.cursor(&content, group, 2, 10_000);
            assert!(cursor.and_then(|mut cursor| cursor.step()).is_err());
        }
        store.delete(&key).unwrap();
        let gone = ranged.group_content(0, &[0]).unwrap_err();
        assert_eq!(gone.name(), "DataChanged");
    }
}
