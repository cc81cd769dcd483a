//! One file: what of it is the customer's, and what it becomes without.

use jiff::Timestamp;
use millrace_contract::ObjectRef;
use millrace_dataset::without_rows;
use millrace_erasure::{ErasureError, Looked, Notes, Standing, Step, StepState, begin, settle};
use millrace_store::{Bytes, Etag, Key, Store, StoreError};
use serde_json::Value;

use super::find::Target;
use super::person::Person;
use crate::failure::Failure;

/// How often a file that others are changing is looked at again.
const TRIES: u32 = 5;

/// What a file was and is.
#[derive(Debug, Clone)]
pub struct Change {
    pub uri: String,
    pub rows: u64,
    pub before: ObjectRef,
    pub after: ObjectRef,
}

impl Change {
    pub fn is_one(&self) -> bool {
        self.before != self.after
    }

    pub fn looked(&self) -> Looked {
        Looked {
            uri: self.uri.clone(),
            rows_erased: self.rows,
            before: (&self.before).into(),
            after: (&self.after).into(),
        }
    }
}

/// Looks at files, and changes them when it has a time to do so at.
#[derive(Debug)]
pub struct Eraser<'a> {
    pub person: &'a Person,
    pub at: Option<Timestamp>,
    pub name: String,
}

impl<'a> Eraser<'a> {
    pub fn new(person: &'a Person) -> Eraser<'a> {
        // The present time alone, for a name made of the id would be a copy of it.
        let name = Timestamp::now().strftime("%Y%m%dT%H%M%S%6f").to_string();
        Eraser {
            person,
            at: None,
            name,
        }
    }

    pub fn treat(&self, target: &Target) -> Result<Change, Failure> {
        patiently(|| self.rows(target))
    }

    /// Takes the examples of bad values out of a validation's report: some may be this customer's, and a report does
    /// not say whose they are.
    pub fn treat_report(&self, store: &Store, key: &Key) -> Result<Option<Change>, Failure> {
        patiently(|| self.report(store, key))
    }

    fn rows(&self, target: &Target) -> Result<Change, Trouble> {
        let object = target.store.get(&target.key)?;
        let uri = target.uri();
        let remaining = without_rows(
            &uri,
            target.format,
            object.bytes.clone(),
            &target.columns,
            self.person.ids(),
        );
        let remaining = remaining.map_err(|error| Trouble::Other(error.into()))?;
        let rows = remaining.as_ref().map_or(0, |rest| rest.rows_removed);
        let bytes = remaining.map_or_else(|| object.bytes.clone(), |rest| rest.bytes);
        let change = Change {
            rows,
            before: ObjectRef::of(target.key.as_str(), &object.bytes),
            after: ObjectRef::of(target.key.as_str(), &bytes),
            uri,
        };
        self.write(target, &change, bytes, &object.etag)?;
        Ok(change)
    }

    fn report(&self, store: &Store, key: &Key) -> Result<Option<Change>, Trouble> {
        let Some(object) = store.find(key)? else {
            return Ok(None);
        };
        let unreadable = |error: serde_json::Error| {
            Trouble::Other(Failure::new("ObjectUnreadable", error.to_string()))
        };
        let mut report: Value = serde_json::from_slice(&object.bytes).map_err(unreadable)?;
        for column in list(&mut report, "columns").into_iter().flatten() {
            if let Some(examples) = list(column, "examples") {
                examples.clear();
            }
        }
        let mut bytes = serde_json::to_vec_pretty(&report).map_err(unreadable)?;
        bytes.push(b'\n');
        let change = Change {
            uri: store.object_uri(key),
            rows: 0,
            before: ObjectRef::of(key.as_str(), &object.bytes),
            after: ObjectRef::of(key.as_str(), &bytes),
        };
        let target = Target {
            store: store.clone(),
            key: key.clone(),
            format: millrace_dataset::Format::Csv,
            columns: Vec::new(),
            is_vouched_for: true,
        };
        self.write(&target, &change, bytes.into(), &object.etag)?;
        Ok(Some(change))
    }

    /// Notes the change, makes it, and notes that it was made.
    fn write(
        &self,
        target: &Target,
        change: &Change,
        bytes: Bytes,
        etag: &Etag,
    ) -> Result<(), Trouble> {
        let (store, key) = (&target.store, &target.key);
        if target.is_vouched_for && change.is_one() {
            stays_explained(store, change)?;
        }
        let Some(at) = self.at.filter(|_| change.is_one()) else {
            return Ok(());
        };
        if target.is_vouched_for {
            let step = Step {
                erasure: self.name.clone(),
                at,
                rows_erased: change.rows,
                before: change.before.clone(),
                after: change.after.clone(),
                state: StepState::Begun,
            };
            begin(store, &step)?;
        }
        store.replace_if_unchanged(key, bytes, etag)?;
        if target.is_vouched_for {
            settle(store, key.as_str(), &change.after.sha256)?;
        }
        Ok(())
    }
}

fn list<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Vec<Value>> {
    value.get_mut(name)?.as_array_mut()
}

/// Rows of others that had been erased are back as well: without them this file was never what it would become, and
/// no reader would take it any more.
fn stays_explained(store: &Store, change: &Change) -> Result<(), Trouble> {
    let notes = Notes::of(store, &change.before.key)?;
    let standing = notes.standing_of(&change.before.key, &change.before.sha256);
    let Standing::Returned(erasures) = standing else {
        return Ok(());
    };
    if notes.led_to(&change.before, &change.after.sha256) {
        return Ok(());
    }
    Err(Trouble::from(ErasureError::RowsReturned {
        uri: change.uri.clone(),
        erasures: erasures.join(", "),
    }))
}

fn patiently<T>(act: impl Fn() -> Result<T, Trouble>) -> Result<T, Failure> {
    for _ in 1..TRIES {
        match act() {
            Err(Trouble::Store(StoreError::Changed { .. })) => {}
            Err(trouble) => return Err(trouble.into()),
            Ok(done) => return Ok(done),
        }
    }
    Ok(act()?)
}

/// Keeps a lost race apart from what ends the work on a file.
enum Trouble {
    Store(StoreError),
    Other(Failure),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Store(error)
    }
}

impl From<ErasureError> for Trouble {
    fn from(error: ErasureError) -> Trouble {
        Trouble::Other(error.into())
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Store(error) => error.into(),
            Trouble::Other(failure) => failure,
        }
    }
}
