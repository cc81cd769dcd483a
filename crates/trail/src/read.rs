//! Reading what a document vouches for: nothing is used whose digest does not hold.

use millrace_contract::{Digest, ObjectRef};
use millrace_erasure::vouches;
use millrace_store::{Bytes, Key, Store};
use serde::de::DeserializeOwned;

use crate::TrailError;

/// A read can be cut short on its way. Only what is wrong each time is called altered.
const READS: usize = 3;

/// The object's bytes, after its digest was found right, or to be what erasures made of it.
pub fn fetch(store: &Store, reference: &ObjectRef) -> Result<Bytes, TrailError> {
    let key = Key::new(reference.key.clone())?;
    let mut found = Digest::of(&[]);
    for _ in 0..READS {
        let bytes = store.get(&key)?.bytes;
        found = Digest::of(&bytes);
        if vouches(store, reference, &found)? {
            return Ok(bytes);
        }
    }
    Err(TrailError::Altered {
        uri: store.object_uri(&key),
        expected: reference.sha256.short().to_owned(),
        found: found.short().to_owned(),
    })
}

/// The object read as JSON, after its digest was found right.
pub fn fetch_json<T: DeserializeOwned>(
    store: &Store,
    reference: &ObjectRef,
    what: &'static str,
) -> Result<T, TrailError> {
    let bytes = fetch(store, reference)?;
    parse(
        &bytes,
        store.object_uri(&Key::new(reference.key.clone())?),
        what,
    )
}

pub(crate) fn parse<T: DeserializeOwned>(
    bytes: &[u8],
    uri: String,
    what: &'static str,
) -> Result<T, TrailError> {
    serde_json::from_slice(bytes).map_err(|error| TrailError::Unreadable {
        uri,
        what,
        detail: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::NamedError;
    use millrace_erasure::{Step, StepState, begin, settle};

    #[test]
    fn rows_that_were_erased_are_not_read_when_they_are_back() {
        let store = Store::memory();
        let key = Key::new("runs/r/train-1/holdout.parquet").unwrap();
        let state = |text: &str| ObjectRef::of(key.as_str(), text.as_bytes());
        let step = Step {
            erasure: "e".into(),
            at: "2026-11-01T00:00:00Z".parse().unwrap(),
            rows_erased: 1,
            before: state("with them"),
            after: state("without"),
            state: StepState::Begun,
        };
        let written = state("with them");
        store.put(&key, "with them").unwrap();
        fetch(&store, &written).unwrap();
        begin(&store, &step).unwrap();
        store.put(&key, "without").unwrap();
        settle(&store, key.as_str(), &step.after.sha256).unwrap();
        fetch(&store, &written).unwrap();
        store.put(&key, "with them").unwrap();
        let error = fetch(&store, &written).unwrap_err();
        assert_eq!(error.name(), "ErasedRowsReturned");
        store.put(&key, "something else").unwrap();
        let error = fetch(&store, &written).unwrap_err();
        assert_eq!(error.name(), "ObjectAltered");
    }
}
