//! The tables of scores: of each the runs that are served, and under `<name>_by_run` those of all runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::lit;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SessionContext};
use datafusion::scalar::ScalarValue;
use jiff::civil::Date;
use millrace_contract::tables::by_run;
use millrace_store::{Key, Store};

use super::wanted::Wanted;
use super::{batches, unreadable};
use crate::failure::Failure;

/// The files of one model and day that belong together, with what their folders say of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    table: String,
    model: String,
    scored_on: Date,
    folder: String,
}

pub async fn register(
    context: &SessionContext,
    store: &Store,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let served = served(store)?;
    let names: BTreeSet<&str> = served.iter().map(|part| part.table.as_str()).collect();
    for name in names {
        if wanted.has(name) {
            let parts: Vec<&Part> = served.iter().filter(|part| part.table == name).collect();
            register_parts(context, store, name, &parts).await?;
        }
        let every = by_run(name);
        if wanted.has(&every) {
            let parts = of_all_runs(store, name)?;
            let parts: Vec<&Part> = parts.iter().collect();
            register_parts(context, store, &every, &parts).await?;
        }
    }
    Ok(())
}

fn served(store: &Store) -> Result<Vec<Part>, Failure> {
    let visible = millrace_served::visible(store)?.into_iter();
    let part = |visible: millrace_served::Visible| Part {
        table: visible.table,
        model: visible.model.to_string(),
        scored_on: visible.scored_on,
        folder: format!("{}/", visible.folder),
    };
    Ok(visible.map(part).collect())
}

/// Whatever lies in the folders of runs, as Athena reads them.
fn of_all_runs(store: &Store, table: &str) -> Result<Vec<Part>, Failure> {
    let above = format!("tables/{table}/");
    let mut parts = BTreeSet::new();
    for info in store.list(&above)? {
        parts.extend(part_of(table, &above, info.key.as_ref()));
    }
    Ok(parts.into_iter().collect())
}

/// `model=<m>/scored_on=<day>/run=<run>/<file>`; nothing of any other form.
fn part_of(table: &str, above: &str, key: &str) -> Option<Part> {
    let mut below = key.strip_prefix(above)?.split('/');
    let model = below.next()?.strip_prefix("model=")?;
    let scored_on = below.next()?.strip_prefix("scored_on=")?.parse().ok()?;
    let run = below.next()?.strip_prefix("run=")?;
    below.next()?;
    Some(Part {
        table: table.to_owned(),
        model: model.to_owned(),
        scored_on,
        folder: format!("{above}model={model}/scored_on={scored_on}/run={run}/"),
    })
}

async fn register_parts(
    context: &SessionContext,
    store: &Store,
    name: &str,
    parts: &[&Part],
) -> Result<(), Failure> {
    let mut whole: Option<DataFrame> = None;
    for part in parts {
        let frame = frame(context, store, part).await?;
        whole = Some(match whole {
            Some(earlier) => earlier.union_by_name(frame).map_err(unreadable)?,
            None => frame,
        });
    }
    if let Some(whole) = whole {
        context
            .register_table(name, whole.into_view())
            .map_err(unreadable)?;
    }
    Ok(())
}

/// The rows of a part, with the columns that its folders name.
async fn frame(context: &SessionContext, store: &Store, part: &Part) -> Result<DataFrame, Failure> {
    let day = part
        .scored_on
        .since(jiff::civil::date(1970, 1, 1))
        .map_or(0, |span| span.get_days());
    files(context, store, part)
        .await?
        .with_column("model", lit(part.model.as_str()))
        .and_then(|frame| frame.with_column("scored_on", lit(ScalarValue::Date32(Some(day)))))
        .map_err(unreadable)
}

/// Files of a directory are read in place, others are brought into memory first.
async fn files(context: &SessionContext, store: &Store, part: &Part) -> Result<DataFrame, Failure> {
    let keys: Vec<Key> = store
        .list(&part.folder)?
        .into_iter()
        .map(|info| info.key)
        .collect();
    let paths: Option<Vec<String>> = keys
        .iter()
        .map(|key| Some(store.local_path(key)?.to_str()?.to_owned()))
        .collect();
    if let (Some(paths), false) = (paths, keys.is_empty()) {
        return context
            .read_parquet(paths, ParquetReadOptions::default())
            .await
            .map_err(unreadable);
    }
    let mut batches = Vec::new();
    for key in &keys {
        batches.append(&mut read(store, key)?);
    }
    let schema = batches.first().map(RecordBatch::schema).ok_or_else(|| {
        Failure::new(
            "TableUnreadable",
            format!("{} is served, and has no rows", part.folder),
        )
    })?;
    let table = MemTable::try_new(schema, vec![batches]).map_err(unreadable)?;
    context.read_table(Arc::new(table)).map_err(unreadable)
}

fn read(store: &Store, key: &Key) -> Result<Vec<RecordBatch>, Failure> {
    batches(store.get(key)?.bytes).map_err(|error| {
        Failure::new(
            "CorruptParquet",
            format!("{}: {error}", store.object_uri(key)),
        )
    })
}
