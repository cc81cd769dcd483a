//! SQL over the tables of a store, embedded: what Athena answers on AWS is answered here as well.

mod print;
mod tables;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
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

/// A question of more than this was written by nobody.
const LONGEST_BYTES: usize = 32 << 10;
/// Planning calls itself once for each operator of a sum, with some 4 KiB each time: the largest question has
/// 16,000 of them. What is not used of it costs nothing.
const STACK_BYTES: usize = 256 << 20;

/// Runs one SELECT over the store's tables. Nothing can be changed by it.
pub fn query(store: &Store, sql: &str) -> Result<Answer, Failure> {
    if sql.len() > LONGEST_BYTES {
        let said = format!("a question of {} bytes is too long", sql.len());
        return Err(Failure::new("QueryRefused", said));
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let work = thread.spawn_scoped(scope, || run(store, sql));
        let done = work.map_err(not_started)?.join();
        done.unwrap_or_else(|_| Err(Failure::new("QueryRefused", "its planner gave up")))
    })
}

/// All of it on this thread, for its stack.
fn run(store: &Store, sql: &str) -> Result<Answer, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(not_started)?;
    runtime.block_on(answer(store, sql))
}

fn not_started(error: std::io::Error) -> Failure {
    Failure::new(
        "RuntimeFailed",
        format!("no runtime could be started: {error}"),
    )
}

async fn answer(store: &Store, sql: &str) -> Result<Answer, Failure> {
    let config = SessionConfig::new().with_information_schema(true);
    let context = SessionContext::new_with_config_rt(config, in_memory().map_err(refused)?);
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

/// Rows of customers are not spilled to files, which a process that is killed would leave behind.
fn in_memory() -> Result<std::sync::Arc<RuntimeEnv>, datafusion::error::DataFusionError> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    RuntimeEnvBuilder::new()
        .with_disk_manager_builder(disk)
        .build_arc()
}

fn refused(error: datafusion::error::DataFusionError) -> Failure {
    let said = error.strip_backtrace();
    Failure::new(
        "QueryRefused",
        format!("{said}; `SHOW TABLES` lists what can be asked"),
    )
}
