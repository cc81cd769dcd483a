//! Those who read predictions: they follow what publishing says and nothing else.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use millrace_served::visible;
use millrace_store::{Bytes, Store, StoreError};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// What a file of scores says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    pub rows: u64,
    pub versions: BTreeSet<String>,
    pub runs: BTreeSet<String>,
}

/// The one question that the inference machine asks: how many rows are visible, how many of a run.
pub fn answer(store: &Store, sql: &str) -> Result<Vec<String>, String> {
    let quoted = |before: &str| -> Option<&str> {
        let (_, after) = sql.split_once(before)?;
        after.split_once('\'').map(|(inside, _)| inside)
    };
    let asked = (
        quoted("run_id = '"),
        quoted("model = '"),
        quoted("scored_on = DATE '"),
    );
    let (Some(run), Some(model), Some(day)) = asked else {
        return Err(format!("this is not the known question: {sql}"));
    };
    let (mut rows, mut of_run) = (0, 0);
    for seen in visible(store).map_err(|error| error.to_string())? {
        if seen.model.as_str() != model || seen.scored_on.to_string() != day {
            continue;
        }
        for content in contents(store, &seen.folder)? {
            rows += content.rows;
            if content.runs == BTreeSet::from([run.to_owned()]) {
                of_run += content.rows;
            }
        }
    }
    Ok(vec![rows.to_string(), of_run.to_string()])
}

/// Every file of a folder: a reader takes them all.
pub fn contents(store: &Store, folder: &str) -> Result<Vec<Content>, String> {
    let told = |error: StoreError| error.to_string();
    let objects = store.list(&format!("{folder}/")).map_err(told)?.into_iter();
    objects
        .map(|object| content(&store.get(&object.key).map_err(told)?.bytes))
        .collect()
}

fn content(bytes: &Bytes) -> Result<Content, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("a file of scores: {error}");
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone())
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|error| unreadable(&error))?;
    let mut content = Content::default();
    for batch in reader {
        let batch = batch.map_err(|error| unreadable(&error))?;
        content.rows += batch.num_rows() as u64;
        let words = |name: &str| -> Result<BTreeSet<String>, String> {
            let column = batch.column_by_name(name).ok_or(format!("no {name}"))?;
            let text = cast(column, &DataType::Utf8).map_err(|error| unreadable(&error))?;
            let text = text.as_string::<i32>();
            Ok((0..text.len())
                .map(|row| text.value(row).to_owned())
                .collect())
        };
        content.versions.append(&mut words("model_version")?);
        content.runs.append(&mut words("run_id")?);
    }
    Ok(content)
}
