//! The tables and views of a store, made known to a session: only those that a query names, for each
//! costs reading.

mod rows;
mod scores;
mod views;
mod wanted;

use datafusion::arrow::array::RecordBatch;
use datafusion::prelude::SessionContext;
use millrace_store::{Bytes, Store};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::failure::Failure;

use wanted::Wanted;

/// Makes known what `sql` asks for.
pub async fn register(context: &SessionContext, store: &Store, sql: &str) -> Result<(), Failure> {
    let wanted = views::with_sources(context, Wanted::of(context, sql));
    scores::register(context, store, &wanted).await?;
    rows::register(context, store, &wanted)?;
    views::register(context, &wanted).await
}

fn unreadable(error: datafusion::error::DataFusionError) -> Failure {
    Failure::new("TableUnreadable", error.strip_backtrace())
}

/// All rows of a Parquet file.
fn batches(bytes: Bytes) -> Result<Vec<RecordBatch>, arrow::error::ArrowError> {
    ParquetRecordBatchReaderBuilder::try_new(bytes)?
        .build()?
        .collect()
}
