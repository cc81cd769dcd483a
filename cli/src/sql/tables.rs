//! The tables of a store: what has been published, and nothing else.

use std::collections::BTreeMap;

use datafusion::arrow::array::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::lit;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionContext};
use datafusion::scalar::ScalarValue;
use millrace_contract::stages::CurrentPredictions;
use millrace_store::{Key, Store};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::failure::Failure;

/// Makes every published table known to the session.
pub async fn register(context: &SessionContext, store: &Store) -> Result<(), Failure> {
    let mut tables: BTreeMap<String, DataFrame> = BTreeMap::new();
    for current in millrace_stage_publish::visible(store)? {
        let part = partition(context, store, &current).await?;
        let whole = match tables.remove(&current.table) {
            Some(earlier) => earlier.union_by_name(part).map_err(unreadable)?,
            None => part,
        };
        tables.insert(current.table, whole);
    }
    for (name, frame) in tables {
        context
            .register_table(name.as_str(), frame.into_view())
            .map_err(unreadable)?;
    }
    Ok(())
}

/// One model and day of a table, with the partition's columns added.
async fn partition(
    context: &SessionContext,
    store: &Store,
    current: &CurrentPredictions,
) -> Result<DataFrame, Failure> {
    let day = current
        .scored_on
        .since(jiff::civil::date(1970, 1, 1))
        .map_or(0, |span| span.get_days());
    let frame = files(context, store, current).await?;
    frame
        .with_column("model", lit(current.model.as_str()))
        .and_then(|frame| frame.with_column("scored_on", lit(ScalarValue::Date32(Some(day)))))
        .map_err(unreadable)
}

/// Files of a directory are read in place, others are brought into memory first.
async fn files(
    context: &SessionContext,
    store: &Store,
    current: &CurrentPredictions,
) -> Result<DataFrame, Failure> {
    let keys = current
        .files
        .iter()
        .map(|file| Key::new(file.key.clone()))
        .collect::<Result<Vec<_>, _>>()?;
    let paths: Option<Vec<String>> = keys
        .iter()
        .map(|key| Some(store.local_path(key)?.to_str()?.to_owned()))
        .collect();
    if let Some(paths) = paths {
        return context
            .read_parquet(paths, ParquetReadOptions::default())
            .await
            .map_err(unreadable);
    }
    let mut batches = Vec::new();
    for key in &keys {
        batches.append(&mut read(store, key)?);
    }
    let schema = batches
        .first()
        .map(RecordBatch::schema)
        .ok_or_else(|| Failure::new("EmptyTable", "no rows"))?;
    let table = MemTable::try_new(schema, vec![batches]).map_err(unreadable)?;
    context
        .read_table(std::sync::Arc::new(table))
        .map_err(unreadable)
}

fn read(store: &Store, key: &Key) -> Result<Vec<RecordBatch>, Failure> {
    let bytes = store.get(key)?.bytes;
    let damaged = |error: String| {
        Failure::new(
            "CorruptParquet",
            format!("{}: {error}", store.object_uri(key)),
        )
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)
        .and_then(|builder| builder.build())
        .map_err(|error| damaged(error.to_string()))?;
    reader
        .collect::<Result<_, _>>()
        .map_err(|error| damaged(error.to_string()))
}

fn unreadable(error: datafusion::error::DataFusionError) -> Failure {
    Failure::new("TableUnreadable", error.strip_backtrace())
}
