//! Parquet: the id columns are read first, and the rest only where there is something to remove.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Float64Type};
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::{IdColumn, Remaining};
use crate::DatasetError;
use crate::row_groups::ROWS_PER_GROUP;

const BATCH_ROWS: usize = 8_192;

pub(super) fn without(
    uri: &str,
    content: Bytes,
    columns: &[IdColumn],
    ids: &[String],
) -> Result<Option<Remaining>, DatasetError> {
    let damaged = |detail: String| DatasetError::CorruptParquet {
        uri: uri.to_owned(),
        detail,
    };
    let mut kept = Vec::new();
    for batch in id_batches(content.clone(), columns).map_err(damaged)? {
        let batch = batch.map_err(|error| damaged(error.to_string()))?;
        kept.push(kept_rows(&batch, columns, ids).map_err(damaged)?);
    }
    let rows_removed: usize = kept.iter().map(BooleanArray::false_count).sum();
    if rows_removed == 0 {
        return Ok(None);
    }
    let bytes = rewritten(content, &kept).map_err(damaged)?;
    Ok(Some(Remaining {
        bytes: bytes.into(),
        rows_removed: rows_removed as u64,
    }))
}

/// The id columns alone; without any there are no batches.
fn id_batches(content: Bytes, columns: &[IdColumn]) -> Result<Batches, String> {
    let builder = builder(content)?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let has_one = builder
        .schema()
        .fields()
        .iter()
        .any(|field| names.contains(&field.name().as_str()));
    if !has_one {
        return Ok(Batches(None));
    }
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let reader = builder.with_projection(mask).build();
    Ok(Batches(Some(reader.map_err(|error| error.to_string())?)))
}

struct Batches(Option<ParquetRecordBatchReader>);

impl Iterator for Batches {
    type Item = Result<RecordBatch, arrow::error::ArrowError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.as_mut()?.next()
    }
}

fn builder(content: Bytes) -> Result<ParquetRecordBatchReaderBuilder<Bytes>, String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(content);
    let builder = builder.map_err(|error| error.to_string())?;
    Ok(builder.with_batch_size(BATCH_ROWS))
}

/// True for each row that stays.
fn kept_rows(
    batch: &RecordBatch,
    columns: &[IdColumn],
    ids: &[String],
) -> Result<BooleanArray, String> {
    let mut stays = vec![true; batch.num_rows()];
    for column in columns {
        let Some(array) = batch.column_by_name(&column.name) else {
            continue;
        };
        for (stays, is_theirs) in stays.iter_mut().zip(matches(array, column, ids)?) {
            *stays &= !is_theirs;
        }
    }
    Ok(BooleanArray::from(stays))
}

fn matches(array: &ArrayRef, column: &IdColumn, ids: &[String]) -> Result<Vec<bool>, String> {
    if array.data_type().is_floating() {
        // Some tools make floating numbers of whole ids when one is missing.
        let numbers = cast(array, &DataType::Float64).map_err(|error| error.to_string())?;
        let wanted: Vec<f64> = ids.iter().filter_map(|id| id.trim().parse().ok()).collect();
        let is_theirs = |number: Option<f64>| number.is_some_and(|n| wanted.contains(&n));
        let numbers = numbers.as_primitive::<Float64Type>();
        return Ok(numbers.iter().map(is_theirs).collect());
    }
    let texts = cast(array, &DataType::Utf8).map_err(|error| error.to_string())?;
    let is_theirs = |text: Option<&str>| text.is_some_and(|text| column.holds(text, ids));
    Ok(texts.as_string::<i32>().iter().map(is_theirs).collect())
}

/// The rows that stay, with the same columns, compression and notes of its writer.
fn rewritten(content: Bytes, kept: &[BooleanArray]) -> Result<Vec<u8>, String> {
    let builder = builder(content)?;
    let schema = builder.schema().clone();
    let options = ArrowWriterOptions::new()
        .with_properties(properties(builder.metadata()))
        // What the first writer noted of Arrow's types is among its own notes.
        .with_skip_arrow_metadata(true);
    let text = |error: parquet::errors::ParquetError| error.to_string();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new_with_options(&mut bytes, schema, options).map_err(text)?;
    for (batch, stays) in builder.build().map_err(text)?.zip(kept) {
        let batch = batch.map_err(|error| error.to_string())?;
        let rest = filter_record_batch(&batch, stays).map_err(|error| error.to_string())?;
        writer.write(&rest).map_err(text)?;
    }
    writer.close().map_err(text)?;
    Ok(bytes)
}

fn properties(file: &ParquetMetaData) -> WriterProperties {
    let first_column = file
        .row_groups()
        .first()
        .and_then(|group| group.columns().first());
    let compression = first_column.map_or(Compression::UNCOMPRESSED, |column| column.compression());
    let facts = file.file_metadata();
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_compression(compression)
        .set_key_value_metadata(facts.key_value_metadata().cloned());
    match facts.created_by() {
        Some(writer) => properties.set_created_by(writer.to_owned()).build(),
        None => properties.build(),
    }
}
