//! Where a customer can be: every file of rows of the store, the data that was named, and every document that
//! could name them. What cannot be looked into is told, and the rest is found all the same.

use std::collections::BTreeSet;
use std::path::PathBuf;

use millrace_contract::{ColumnType, Contract, Spec};
use millrace_dataset::{Format, IdColumn, Source};
use millrace_erasure::NotCleaned;
use millrace_keys::Context;
use millrace_store::{Hidden, Key, Location, ObjectInfo, Store};
use millrace_trail::Text;

use super::person::Person;
use crate::arguments::Erase;
use crate::builtin;
use crate::failure::Failure;

/// The table of rows that were put aside calls every id so, whatever the data calls it.
const QUARANTINE: (&str, &str) = ("tables/quarantine/", "id");

/// A file of rows.
#[derive(Debug, Clone)]
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

/// What is no table: it is read, and nothing is taken out of it.
#[derive(Debug)]
pub enum Document {
    Object(Key),
    /// In the folder of the store, with a name that cannot be a key.
    File(PathBuf),
}

#[derive(Debug, Default)]
pub struct Everything {
    pub targets: Vec<Target>,
    pub documents: Vec<Document>,
    pub columns: Vec<IdColumn>,
    pub not_cleaned: Vec<NotCleaned>,
}

/// Something that could not be looked into.
pub fn not_cleaned(uri: String, failure: &Failure) -> NotCleaned {
    NotCleaned {
        uri,
        error: failure.name.clone(),
        detail: failure.message.clone(),
    }
}

/// What the contracts of the store call ids, and all of its objects.
pub fn begin(context: &Context, options: &Erase) -> Result<(Everything, Vec<ObjectInfo>), Failure> {
    let store = &context.store;
    let contract = builtin::contract(options.contract.as_deref())?;
    let mut found = Everything::default();
    let mut columns = BTreeSet::from_iter(id_of(&contract)?);
    let objects = match store.list("") {
        Ok(objects) => objects,
        Err(error) => {
            found.miss(store.uri(), error);
            Vec::new()
        }
    };
    for info in &objects {
        let read = match info.key.file_name() {
            "contract.toml" => id_in(store, &info.key).map(|id| columns.extend(id)),
            "spec.toml" => can_be_found(context, &info.key),
            _ => Ok(()),
        };
        if let Err(failure) = read {
            found.miss(store.object_uri(&info.key), failure);
        }
    }
    found.columns = columns.into_iter().collect();
    Ok((found, objects))
}

impl Everything {
    /// `hidden` is what the store holds beside its objects.
    pub fn fill(
        &mut self,
        store: &Store,
        objects: Vec<ObjectInfo>,
        hidden: &[Hidden],
        data: &[String],
        person: &Person,
    ) {
        for info in objects {
            match Format::of(info.key.file_name()) {
                Some(format) => {
                    let columns = columns_of(&info.key, &self.columns);
                    let is_vouched_for = millrace_erasure::can_be_erased(info.key.as_str());
                    self.add(store.clone(), info.key, format, columns, is_vouched_for);
                }
                None => self.documents.push(Document::Object(info.key)),
            }
        }
        self.unnameable(hidden);
        for uri in data {
            if let Err(failure) = self.data(uri, store) {
                self.miss(uri.clone(), failure);
            }
        }
        self.leave_named(person);
    }

    fn miss(&mut self, uri: String, failure: impl Into<Failure>) {
        self.not_cleaned.push(not_cleaned(uri, &failure.into()));
    }

    fn add(
        &mut self,
        store: Store,
        key: Key,
        format: Format,
        columns: Vec<IdColumn>,
        is_vouched_for: bool,
    ) {
        self.targets.push(Target {
            store,
            key,
            format,
            columns,
            is_vouched_for,
        });
    }

    /// Files of the store that no listing shows, for their names cannot be keys.
    fn unnameable(&mut self, hidden: &[Hidden]) {
        for odd in hidden {
            let Hidden::Unnameable { uri, path } = odd else {
                continue;
            };
            let Some(path) = path else {
                let failure = Failure::new(
                    "StoreKeyInvalid",
                    "its name cannot name an object, so that nobody reads it: rename or remove it",
                );
                self.miss(uri.clone(), failure);
                continue;
            };
            let format = path.to_str().and_then(Format::of);
            let placed = format.map(|format| (format, Location::of_path(path)));
            match placed {
                None => self.documents.push(Document::File(path.clone())),
                Some((_, Err(error))) => self.miss(uri.clone(), error),
                Some((format, Ok(location))) => {
                    if let Some(key) = location.key {
                        let columns = self.columns.clone();
                        self.add(location.store, key, format, columns, false);
                    }
                }
            }
        }
    }

    /// The data that was named. What lies in the store was found there.
    fn data(&mut self, uri: &str, store: &Store) -> Result<(), Failure> {
        let below = format!("{}/", store.uri());
        for file in Source::open(uri)?.files() {
            let (place, key) = match file.place() {
                Ok(place) => place,
                Err(error) => {
                    self.miss(file.uri.clone(), error);
                    continue;
                }
            };
            let uri = place.object_uri(&key);
            let known = |target: &Target| target.uri() == uri;
            if uri.starts_with(&below) && self.targets.iter().any(known) {
                continue;
            }
            let columns = self.columns.clone();
            self.add(place, key, file.format, columns, false);
        }
        Ok(())
    }

    /// A name cannot be rewritten without moving the file, so that is left to a person.
    fn leave_named(&mut self, person: &Person) {
        let (named, rest): (Vec<Target>, Vec<Target>) = std::mem::take(&mut self.targets)
            .into_iter()
            .partition(|target| person.is_in_name(&target.uri()));
        self.targets = rest;
        for target in named {
            let failure = Failure::new(
                "IdInName",
                "a folder or the file is named after the customer: remove it, then erase again",
            );
            self.miss(target.uri(), failure);
        }
    }
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

/// Whether the rows of a model that writes pseudonyms can be recognised: they can where there is a key.
fn can_be_found(context: &Context, key: &Key) -> Result<(), Failure> {
    if context.keys.pseudonyms.is_some() {
        return Ok(());
    }
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
