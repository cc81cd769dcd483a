//! The note beside an object: one step for each erasure that changed it.

use jiff::Timestamp;
use millrace_contract::{Digest, ObjectRef};
use millrace_store::{Etag, Key, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::ErasureError;

/// How often a lost race for a note is tried again.
const TRIES: u32 = 10;

/// An object before and after rows were taken out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub erasure: String,
    pub at: Timestamp,
    pub rows_erased: u64,
    pub before: ObjectRef,
    pub after: ObjectRef,
    /// Notes of old have none: each of their changes was made.
    #[serde(default)]
    pub state: StepState,
}

/// A change is noted before it is made, so that whoever reads the object in between can explain it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Begun,
    /// From now on what was there before holds rows that must not come back.
    #[default]
    Done,
}

/// What an object that was found is, to a document that expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// What was written, or what erasures alone made of it.
    Sound,
    /// What it was before these erasures: somebody put it back.
    Returned(Vec<String>),
    Altered,
}

/// All that is noted of one object, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    steps: Vec<Step>,
}

/// The states that an object went through, each made of the one before it by an erasure.
#[derive(Debug)]
struct Chain<'a> {
    first: &'a ObjectRef,
    done: Vec<&'a Step>,
    /// Changes of the last state that were noted and may or may not have been made.
    begun: Vec<&'a Step>,
}

/// What may be explained by an erasure: files of rows, whatever lies in them, and the examples of bad values that a
/// validation reports.
pub fn can_be_erased(key: &str) -> bool {
    key.ends_with(".parquet") || is_report(key)
}

/// `runs/<run>/validate/report.json`
pub fn is_report(key: &str) -> bool {
    let parts: Vec<&str> = key.split('/').collect();
    matches!(parts.as_slice(), ["runs", _, "validate", "report.json"])
}

impl Notes {
    pub fn of(store: &Store, object: &str) -> Result<Notes, ErasureError> {
        Ok(read(store, &key_of(object)?)?.0)
    }

    /// What a document that names `expected` may think of an object with this digest.
    pub fn standing(&self, expected: &ObjectRef, found: &Digest) -> Standing {
        self.chain(expected).standing(found)
    }

    /// The same where no document is at hand: the first state that was noted is expected.
    pub fn standing_of(&self, key: &str, found: &Digest) -> Standing {
        let first = self.steps.iter().map(|step| &step.before);
        let chains = first.filter(|before| before.key == key);
        let mut standings = chains.map(|before| self.chain(before).standing(found));
        // Whoever replaced the object by another began a new chain.
        standings
            .find(|standing| *standing != Standing::Altered)
            .unwrap_or(Standing::Altered)
    }

    /// Whether `after` is a state that the object has had later than `found`.
    pub fn led_to(&self, found: &ObjectRef, after: &Digest) -> bool {
        let chain = self.chain(found);
        chain.done.iter().any(|step| step.after.sha256 == *after)
    }

    fn chain<'a>(&'a self, first: &'a ObjectRef) -> Chain<'a> {
        let mut chain = Chain {
            first,
            done: Vec::new(),
            begun: Vec::new(),
        };
        let of_this = self
            .steps
            .iter()
            .filter(|step| step.before.key == first.key);
        for step in of_this {
            // What was made of an earlier state was made of rows that had come back.
            if step.before.sha256 != *chain.last() {
                continue;
            }
            match step.state {
                StepState::Begun => chain.begun.push(step),
                StepState::Done => {
                    chain.done.push(step);
                    chain.begun.clear();
                }
            }
        }
        chain
    }
}

impl Chain<'_> {
    fn last(&self) -> &Digest {
        let last = self.done.last().map(|step| &step.after);
        &last.unwrap_or(self.first).sha256
    }

    fn standing(&self, found: &Digest) -> Standing {
        let is_begun = self.begun.iter().any(|step| step.after.sha256 == *found);
        if found == self.last() || is_begun {
            return Standing::Sound;
        }
        let before = self
            .done
            .iter()
            .position(|step| step.before.sha256 == *found);
        match before {
            None => Standing::Altered,
            Some(place) => {
                let later = self.done.iter().skip(place);
                Standing::Returned(later.map(|step| step.erasure.clone()).collect())
            }
        }
    }

    fn may_have(&self, bytes: u64) -> bool {
        let last = self.done.last().map(|step| &step.after);
        let begun = self.begun.iter().map(|step| &step.after);
        last.into_iter()
            .chain(begun)
            .any(|state| state.bytes == bytes)
    }
}

/// Adds a step to the object's note, as begun, before the object is changed: so an erasure that is cut short leaves
/// nothing that nobody can explain. The same step again adds nothing.
pub fn begin(store: &Store, step: &Step) -> Result<(), ErasureError> {
    change(store, &step.before.key, |steps| {
        let same = |known: &Step| known.before == step.before && known.after == step.after;
        if steps.iter().any(same) {
            return false;
        }
        settle_in(steps, &step.before.sha256);
        steps.push(Step {
            state: StepState::Begun,
            ..step.clone()
        });
        true
    })
}

/// Says that the object has this digest now: whatever was begun and leads to it is done.
pub fn settle(store: &Store, object: &str, found: &Digest) -> Result<(), ErasureError> {
    change(store, object, |steps| settle_in(steps, found))
}

fn settle_in(steps: &mut [Step], found: &Digest) -> bool {
    let made = |step: &&mut Step| step.state == StepState::Begun && step.after.sha256 == *found;
    let mut any = false;
    for step in steps.iter_mut().filter(made) {
        step.state = StepState::Done;
        any = true;
    }
    any
}

/// Whether an object with this digest is what the document says, or what erasures alone made of it. Every reader of
/// an object that a document names asks this. Rows that had been erased and are back are an error.
pub fn vouches(store: &Store, expected: &ObjectRef, found: &Digest) -> Result<bool, ErasureError> {
    if !can_be_erased(&expected.key) {
        return Ok(*found == expected.sha256);
    }
    match Notes::of(store, &expected.key)?.standing(expected, found) {
        Standing::Sound => Ok(true),
        Standing::Altered => Ok(false),
        Standing::Returned(erasures) => Err(ErasureError::RowsReturned {
            uri: store.object_uri(&Key::new(&*expected.key)?),
            erasures: erasures.join(", "),
        }),
    }
}

/// Whether erasures explain that the object has this size now, where only the size is looked at.
pub fn explains_size(
    store: &Store,
    expected: &ObjectRef,
    found: u64,
) -> Result<bool, ErasureError> {
    if !can_be_erased(&expected.key) {
        return Ok(false);
    }
    let notes = Notes::of(store, &expected.key)?;
    Ok(notes.chain(expected).may_have(found))
}

fn key_of(object: &str) -> Result<Key, StoreError> {
    Key::new(format!("erasures/objects/{object}.json"))
}

fn read(store: &Store, key: &Key) -> Result<(Notes, Option<Etag>), ErasureError> {
    let Some(object) = store.find(key)? else {
        return Ok((Notes::default(), None));
    };
    let unreadable = |error: serde_json::Error| ErasureError::NoteUnreadable {
        uri: store.object_uri(key),
        detail: error.to_string(),
    };
    let steps = serde_json::from_slice(&object.bytes).map_err(unreadable)?;
    Ok((Notes { steps }, Some(object.etag)))
}

/// Changes an object's note; `act` says whether there is anything to write.
fn change(
    store: &Store,
    object: &str,
    act: impl Fn(&mut Vec<Step>) -> bool,
) -> Result<(), ErasureError> {
    let key = key_of(object)?;
    let uri = || store.object_uri(&key);
    for _ in 0..TRIES {
        let (Notes { mut steps }, etag) = read(store, &key)?;
        if !act(&mut steps) {
            return Ok(());
        }
        let bytes = serde_json::to_vec_pretty(&steps);
        let bytes = bytes.map_err(|error| ErasureError::NoteUnreadable {
            uri: uri(),
            detail: error.to_string(),
        })?;
        match store.put_if_as_found(&key, bytes, etag.as_ref()) {
            Err(StoreError::Changed { .. } | StoreError::AlreadyExists { .. }) => {}
            written => return Ok(written.map(drop)?),
        }
    }
    Err(ErasureError::Busy {
        uri: uri(),
        tries: TRIES,
    })
}

#[cfg(test)]
#[path = "notes_tests.rs"]
mod tests;
