//! What every quarantine has, whatever the data: where each bad row was, its id, and what is wrong with it.

use std::fs::File;

use arrow::array::{Array, RecordBatch, StringArray, UInt64Array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::quarantine::{BadRows, FILE, REASONS, ROW};
use crate::DatasetError;
use crate::scratch::no_scratch;

/// Rows that are read back at once.
const BATCH_ROWS: usize = 1 << 16;

/// A bad row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub file: String,
    /// From 1.
    pub row: u64,
    /// Missing where the row has none, or the contract names no id.
    pub id: Option<String>,
    pub reasons: String,
}

/// Calls `take` with the rows of a quarantine that `validate` wrote, some at a time.
pub fn for_each_quarantined<E: From<DatasetError>>(
    rows: &BadRows,
    id: Option<&str>,
    mut take: impl FnMut(&[Quarantined]) -> Result<(), E>,
) -> Result<(), E> {
    let unreadable = |detail: String| DatasetError::Unwritable {
        detail: format!("the quarantine cannot be read back: {detail}"),
    };
    let file = File::open(rows.path()).map_err(no_scratch)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| unreadable(error.to_string()))?;
    let wanted = [FILE, ROW, REASONS].into_iter().chain(id);
    let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| unreadable(error.to_string()))?;
    for batch in reader {
        let batch = batch.map_err(|error| unreadable(error.to_string()))?;
        let rows = rows_of(&batch, id)
            .ok_or_else(|| unreadable("a column is missing or of another type".into()))?;
        take(&rows)?;
    }
    Ok(())
}

fn rows_of(batch: &RecordBatch, id: Option<&str>) -> Option<Vec<Quarantined>> {
    let texts = |name: &str| {
        let array = cast(batch.column_by_name(name)?, &DataType::Utf8).ok()?;
        array.as_any().downcast_ref::<StringArray>().cloned()
    };
    let (files, reasons) = (texts(FILE)?, texts(REASONS)?);
    let places = batch.column_by_name(ROW)?;
    let places = places.as_any().downcast_ref::<UInt64Array>()?;
    // A file that lacks the id's column altogether has rows without one.
    let ids = id.and_then(texts);
    let row = |row: usize| Quarantined {
        file: files.value(row).to_owned(),
        row: places.value(row),
        id: ids
            .as_ref()
            .filter(|ids| ids.is_valid(row))
            .map(|ids| ids.value(row).to_owned()),
        reasons: reasons.value(row).to_owned(),
    };
    Some((0..batch.num_rows()).map(row).collect())
}
