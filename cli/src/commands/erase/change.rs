//! One file: what of it is the customer's, and what it becomes without.

use jiff::Timestamp;
use millrace_contract::ObjectRef;
use millrace_dataset::without_rows;
use millrace_erasure::{Step, note};
use millrace_store::{Store, StoreError};
use serde::Serialize;

use super::find::Target;
use crate::failure::Failure;

/// How often a file that others are changing is looked at again.
const TRIES: u32 = 5;

/// A file with rows of the customer.
#[derive(Debug, Serialize)]
pub struct Change {
    pub uri: String,
    pub rows: u64,
    pub before: ObjectRef,
    pub after: ObjectRef,
}

/// Looks at files, and changes them when it has a time to do so at.
#[derive(Debug)]
pub struct Eraser<'a> {
    store: &'a Store,
    ids: &'a [String],
    pub at: Option<Timestamp>,
    pub name: String,
}

impl<'a> Eraser<'a> {
    pub fn new(store: &'a Store, ids: &'a [String], at: Option<Timestamp>) -> Eraser<'a> {
        // The present time alone, for a name made of the id would be a copy of it.
        let name = Timestamp::now().strftime("%Y%m%dT%H%M%S%6f").to_string();
        Eraser {
            store,
            ids,
            at,
            name,
        }
    }

    /// Nothing where the file holds no row of the customer.
    pub fn treat(&self, target: &Target) -> Result<Option<Change>, Failure> {
        for _ in 1..TRIES {
            match self.once(target) {
                Err(Trouble::Store(StoreError::Changed { .. })) => continue,
                Err(trouble) => return Err(trouble.into()),
                Ok(change) => return Ok(change),
            }
        }
        Ok(self.once(target)?)
    }

    fn once(&self, target: &Target) -> Result<Option<Change>, Trouble> {
        let object = target.store.get(&target.key)?;
        let uri = target.uri();
        let remaining = without_rows(
            &uri,
            target.format,
            object.bytes.clone(),
            &target.columns,
            self.ids,
        );
        let Some(remaining) = remaining.map_err(|error| Trouble::Other(error.into()))? else {
            return Ok(None);
        };
        let change = Change {
            rows: remaining.rows_removed,
            before: ObjectRef::of(target.key.as_str(), &object.bytes),
            after: ObjectRef::of(target.key.as_str(), &remaining.bytes),
            uri,
        };
        if let Some(at) = self.at {
            if target.is_vouched_for {
                self.note(&change, at)?;
            }
            let bytes = remaining.bytes;
            target
                .store
                .replace_if_unchanged(&target.key, bytes, &object.etag)?;
        }
        Ok(Some(change))
    }

    fn note(&self, change: &Change, at: Timestamp) -> Result<(), Trouble> {
        let step = Step {
            erasure: self.name.clone(),
            at,
            rows_erased: change.rows,
            before: change.before.clone(),
            after: change.after.clone(),
        };
        note(self.store, &step).map_err(|error| Trouble::Other(error.into()))
    }
}

/// Keeps a lost race apart from what ends the command.
enum Trouble {
    Store(StoreError),
    Other(Failure),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Store(error)
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
