//! Where rows of customers can be: every file of rows of the store, and the data that was named.

use std::collections::BTreeSet;

use millrace_contract::{ColumnType, Contract, Spec};
use millrace_dataset::{Format, IdColumn, Source};
use millrace_keys::Context;
use millrace_store::{Key, Store};
use millrace_trail::Text;

use crate::arguments::Erase;
use crate::builtin;
use crate::failure::Failure;

/// The table of rows that were put aside calls every id so, whatever the data calls it.
const QUARANTINE: (&str, &str) = ("tables/quarantine/", "id");

const ROWS: &str = ".parquet";

/// A file of rows.
#[derive(Debug)]
pub struct Target {
    pub store: Store,
    pub key: Key,
    pub format: Format,
    pub columns: Vec<IdColumn>,
    /// Documents of the store may vouch for it: what it becomes has to be noted.
    pub is_vouched_for: bool,
}

impl Target {
    pub fn uri(&self) -> String {
        self.store.object_uri(&self.key)
    }
}

/// Every Parquet file of the store, and the files of the data that was named. What their ids are
/// called, the contracts of the store say.
pub fn targets(context: &Context, options: &Erase) -> Result<Vec<Target>, Failure> {
    let store = &context.store;
    let contract = builtin::contract(options.contract.as_deref())?;
    let mut columns = BTreeSet::from_iter(id_of(&contract)?);
    let mut files = Vec::new();
    for info in store.list("")? {
        if info.key.file_name() == "contract.toml" {
            columns.extend(id_in(store, &info.key)?);
        }
        if info.key.file_name() == "spec.toml" {
            can_be_found(context, &info.key)?;
        }
        if info.key.as_str().ends_with(ROWS) {
            files.push(info.key);
        }
    }
    let columns: Vec<IdColumn> = columns.into_iter().collect();
    let of_store = files.into_iter().map(|key| Target {
        columns: columns_of(&key, &columns),
        store: store.clone(),
        key,
        format: Format::Parquet,
        is_vouched_for: true,
    });
    let mut targets: Vec<Target> = of_store.collect();
    let below = format!("{}/", store.uri());
    for uri in &options.data {
        for file in Source::open(uri)?.files() {
            let (place, key) = file.place()?;
            let uri = place.object_uri(&key);
            // What lies in the store was found there.
            if uri.starts_with(&below) && uri.ends_with(ROWS) {
                continue;
            }
            targets.push(Target {
                store: place,
                key,
                format: file.format,
                columns: columns.clone(),
                is_vouched_for: false,
            });
        }
    }
    Ok(targets)
}

fn columns_of(key: &Key, columns: &[IdColumn]) -> Vec<IdColumn> {
    let (table, name) = QUARANTINE;
    let mut columns = columns.to_vec();
    if key.as_str().starts_with(table) {
        let whole = columns.iter().any(|column| column.whole);
        let name = name.to_owned();
        columns.push(IdColumn { name, whole });
    }
    columns
}

/// Whether the rows of a model that writes pseudonyms can be recognised.
fn can_be_found(context: &Context, key: &Key) -> Result<(), Failure> {
    let store = &context.store;
    let text = String::from_utf8_lossy(&store.get(key)?.bytes).into_owned();
    let spec = Spec::parse(&text, &store.object_uri(key))?;
    context.keys.pseudonyms_of(&spec)?;
    Ok(())
}

fn id_in(store: &Store, key: &Key) -> Result<Option<IdColumn>, Failure> {
    let bytes = store.get(key)?.bytes;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    id_of(&Text {
        origin: store.object_uri(key),
        text,
    })
}

fn id_of(document: &Text) -> Result<Option<IdColumn>, Failure> {
    let contract = Contract::parse(&document.text, &document.origin)?;
    let column = |id: &str| IdColumn {
        name: id.to_owned(),
        whole: contract
            .columns
            .get(id)
            .is_some_and(|column| column.column_type == ColumnType::Integer),
    };
    Ok(contract.id().map(column))
}
