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
    use millrace_erasure::example::{WITH_THEM, WITHOUT, erase};

    #[test]
    fn rows_that_were_erased_are_not_read_when_they_are_back() {
        let store = Store::memory();
        let key = Key::new("runs/r/train-1/holdout.parquet").unwrap();
        let written = ObjectRef::of(key.as_str(), WITH_THEM.as_bytes());
        store.put(&key, WITH_THEM).unwrap();
        fetch(&store, &written).unwrap();
        erase(&store, &key).unwrap();
        assert_eq!(fetch(&store, &written).unwrap(), WITHOUT);
        store.put(&key, WITH_THEM).unwrap();
        let error = fetch(&store, &written).unwrap_err();
        assert_eq!(error.name(), "ErasedRowsReturned");
        store.put(&key, "something else").unwrap();
        let error = fetch(&store, &written).unwrap_err();
        assert_eq!(error.name(), "ObjectAltered");
    }
}
