//! The note beside an object: one step for each erasure that changed it.

use jiff::Timestamp;
use millrace_contract::{Digest, ObjectRef};
use millrace_store::{Etag, Key, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::ErasureError;

/// How often a lost race for a note is tried again.
const TRIES: u32 = 10;
/// What may be explained by an erasure: files of rows, whatever lies in them.
const ROWS: &str = ".parquet";

/// An object before and after rows were taken out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub erasure: String,
    pub at: Timestamp,
    pub rows_erased: u64,
    pub before: ObjectRef,
    pub after: ObjectRef,
}

/// Adds a step to the object's note. Noted before the object is changed, so that an erasure which is
/// cut short leaves nothing that nobody can explain; the same step again adds nothing.
pub fn note(store: &Store, step: &Step) -> Result<(), ErasureError> {
    let key = key_of(&step.before.key)?;
    for _ in 0..TRIES {
        let (mut steps, etag) = read(store, &key)?;
        let same = |known: &Step| known.before == step.before && known.after == step.after;
        if steps.iter().any(same) {
            return Ok(());
        }
        steps.push(step.clone());
        match write(store, &key, &steps, etag.as_ref()) {
            Err(ErasureError::Store(
                StoreError::Changed { .. } | StoreError::AlreadyExists { .. },
            )) => continue,
            written => return written,
        }
    }
    Err(ErasureError::Busy {
        uri: store.object_uri(&key),
        tries: TRIES,
    })
}

/// Whether the object became what was found by erasures alone.
pub fn explains_digest(
    store: &Store,
    expected: &ObjectRef,
    found: &Digest,
) -> Result<bool, ErasureError> {
    became(store, expected, |after| after.sha256 == *found)
}

/// The same where only the size was looked at.
pub fn explains_size(
    store: &Store,
    expected: &ObjectRef,
    found: u64,
) -> Result<bool, ErasureError> {
    became(store, expected, |after| after.bytes == found)
}

fn became(
    store: &Store,
    expected: &ObjectRef,
    is_found: impl Fn(&ObjectRef) -> bool,
) -> Result<bool, ErasureError> {
    if !expected.key.ends_with(ROWS) {
        return Ok(false);
    }
    let (steps, _) = read(store, &key_of(&expected.key)?)?;
    let mut reached = vec![expected];
    // Steps are in the order of time; each may go on from any state that was reached before it.
    for step in steps.iter().filter(|step| step.before.key == expected.key) {
        if reached.contains(&&step.before) {
            reached.push(&step.after);
        }
    }
    Ok(reached.into_iter().skip(1).any(is_found))
}

fn key_of(object: &str) -> Result<Key, StoreError> {
    Key::new(format!("erasures/objects/{object}.json"))
}

fn read(store: &Store, key: &Key) -> Result<(Vec<Step>, Option<Etag>), ErasureError> {
    let Some(object) = store.find(key)? else {
        return Ok((Vec::new(), None));
    };
    let unreadable = |error: serde_json::Error| ErasureError::NoteUnreadable {
        uri: store.object_uri(key),
        detail: error.to_string(),
    };
    let steps = serde_json::from_slice(&object.bytes).map_err(unreadable)?;
    Ok((steps, Some(object.etag)))
}

fn write(
    store: &Store,
    key: &Key,
    steps: &[Step],
    etag: Option<&Etag>,
) -> Result<(), ErasureError> {
    let unreadable = |error: serde_json::Error| ErasureError::NoteUnreadable {
        uri: store.object_uri(key),
        detail: error.to_string(),
    };
    let bytes = serde_json::to_vec_pretty(steps).map_err(unreadable)?;
    store.put_if_as_found(key, bytes, etag)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn step(key: &str, before: &str, after: &str) -> Step {
        Step {
            erasure: "e1".into(),
            at: Timestamp::UNIX_EPOCH,
            rows_erased: 1,
            before: ObjectRef::of(key, before.as_bytes()),
            after: ObjectRef::of(key, after.as_bytes()),
        }
    }

    #[test]
    fn an_object_is_followed_through_its_erasures_and_no_further() {
        let store = Store::memory();
        let key = "tables/t/part-0.parquet";
        let first = ObjectRef::of(key, b"one");
        let digest = |text: &str| Digest::of(text.as_bytes());
        assert!(!explains_digest(&store, &first, &digest("two!")).unwrap());
        note(&store, &step(key, "one", "two!")).unwrap();
        note(&store, &step(key, "two!", "three")).unwrap();
        note(&store, &step(key, "two!", "three")).unwrap();
        assert!(explains_digest(&store, &first, &digest("two!")).unwrap());
        assert!(explains_digest(&store, &first, &digest("three")).unwrap());
        assert!(explains_size(&store, &first, 5).unwrap());
        assert!(!explains_digest(&store, &first, &digest("evil")).unwrap());
        // What it never was leads nowhere.
        let other = ObjectRef::of(key, b"other");
        assert!(!explains_digest(&store, &other, &digest("three")).unwrap());
        let (steps, _) = read(&store, &key_of(key).unwrap()).unwrap();
        assert_eq!(steps.len(), 2);
    }

    #[test]
    fn nothing_but_rows_can_be_explained() {
        let store = Store::memory();
        let key = "models/m/v1.0.0/model.ubj";
        note(&store, &step(key, "good", "evil")).unwrap();
        let expected = ObjectRef::of(key, b"good");
        assert!(!explains_digest(&store, &expected, &Digest::of(b"evil")).unwrap());
        assert!(!explains_size(&store, &expected, 4).unwrap());
    }

    #[test]
    fn a_note_of_one_object_says_nothing_of_another() {
        let store = Store::memory();
        let key = "a/rows.parquet";
        let strange = step("b/rows.parquet", "one", "two!");
        let text = serde_json::to_vec(&[strange]).unwrap();
        store.put(&key_of(key).unwrap(), text).unwrap();
        let expected = ObjectRef::of(key, b"one");
        assert!(!explains_digest(&store, &expected, &Digest::of(b"two!")).unwrap());
        store.put(&key_of(key).unwrap(), b"[{}]".to_vec()).unwrap();
        let error = explains_digest(&store, &expected, &Digest::of(b"two!")).unwrap_err();
        assert_eq!(error.name(), "ErasureNoteUnreadable");
    }
}
