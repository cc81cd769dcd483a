//! The tables of few rows: runs, versions, verdicts, what is served, and rows that were put aside.

use std::io::Cursor;
use std::sync::Arc;

use arrow::json::ReaderBuilder;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use millrace_contract::tables::{TableColumn, TableFormat, always};
use millrace_store::{Bytes, Key, Store};

use super::wanted::Wanted;
use super::{batches, unreadable};
use crate::failure::Failure;

/// A table that nothing was written to yet is there, without rows.
pub fn register(context: &SessionContext, store: &Store, wanted: &Wanted) -> Result<(), Failure> {
    for table in always().iter().filter(|table| wanted.has(&table.name)) {
        let schema = schema(&table.columns);
        let mut batches = Vec::new();
        for info in store.list(&format!("tables/{}/", table.folder))? {
            batches.append(&mut read(store, &info.key, table.format, &schema)?);
        }
        let rows = MemTable::try_new(schema, vec![batches]).map_err(unreadable)?;
        context
            .register_table(table.name.as_str(), Arc::new(rows))
            .map_err(unreadable)?;
    }
    Ok(())
}

fn schema(columns: &[TableColumn]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| Field::new(&column.name, data_type(column.athena_type), true))
        .collect();
    Arc::new(Schema::new(fields))
}

fn data_type(athena_type: &str) -> DataType {
    match athena_type {
        "bigint" => DataType::Int64,
        "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "timestamp" => DataType::Timestamp(TimeUnit::Millisecond, None),
        "date" => DataType::Date32,
        _ => DataType::Utf8,
    }
}

fn read(
    store: &Store,
    key: &Key,
    format: TableFormat,
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>, Failure> {
    let bytes = store.get(key)?.bytes;
    let damaged = |error: arrow::error::ArrowError| {
        Failure::new(
            "TableUnreadable",
            format!("{}: {error}", store.object_uri(key)),
        )
    };
    match format {
        TableFormat::JsonLines => json_lines(&bytes, schema).map_err(damaged),
        TableFormat::Parquet => parquet_rows(bytes, schema).map_err(damaged),
    }
}

fn json_lines(
    bytes: &[u8],
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>, arrow::error::ArrowError> {
    ReaderBuilder::new(schema.clone())
        .build(Cursor::new(bytes))?
        .collect()
}

/// The types that a file has may be near the table's and not the same, as with a time zone.
fn parquet_rows(
    bytes: Bytes,
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>, arrow::error::ArrowError> {
    let batches = batches(bytes)?;
    batches.iter().map(|batch| as_in(batch, schema)).collect()
}

fn as_in(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, arrow::error::ArrowError> {
    let columns = schema.fields().iter().map(|field| {
        let missing =
            || arrow::error::ArrowError::SchemaError(format!("no column {}", field.name()));
        let column = batch.column_by_name(field.name()).ok_or_else(missing)?;
        arrow::compute::cast(column, field.data_type())
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(schema.clone(), columns)
}
