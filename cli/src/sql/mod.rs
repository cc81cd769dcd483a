//! SQL over the tables of a store, embedded: what Athena answers on AWS is answered here as well.

mod print;
mod tables;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::prelude::{SessionConfig, SessionContext};
use millrace_store::Store;

use crate::failure::Failure;

pub use print::{Format, first_row, print};

/// The rows that a query gave.
#[derive(Debug)]
pub struct Answer {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Answer {
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// Runs one SELECT over the store's tables. Nothing can be changed by it.
pub fn query(store: &Store, sql: &str) -> Result<Answer, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                "RuntimeFailed",
                format!("no runtime could be started: {error}"),
            )
        })?;
    runtime.block_on(answer(store, sql))
}

async fn answer(store: &Store, sql: &str) -> Result<Answer, Failure> {
    let context =
        SessionContext::new_with_config(SessionConfig::new().with_information_schema(true));
    tables::register(&context, store, sql).await?;
    let options = datafusion::execution::context::SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    let frame = context
        .sql_with_options(sql, options)
        .await
        .map_err(refused)?;
    let schema: SchemaRef = std::sync::Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await.map_err(refused)?;
    Ok(Answer { schema, batches })
}

fn refused(error: datafusion::error::DataFusionError) -> Failure {
    let said = error.strip_backtrace();
    Failure::new(
        "QueryRefused",
        format!("{said}; `SHOW TABLES` lists what can be asked"),
    )
}
