//! Reading what a document vouches for: nothing is used whose digest does not hold.

use millrace_contract::{Digest, ObjectRef};
use millrace_erasure::vouches;
use millrace_store::{Bytes, Key, Store};
use serde::de::DeserializeOwned;

use crate::TrailError;

/// The object's bytes, after its digest was found right, or to be what erasures made of it.
pub fn fetch(store: &Store, reference: &ObjectRef) -> Result<Bytes, TrailError> {
    let key = Key::new(reference.key.clone())?;
    let bytes = store.get(&key)?.bytes;
    let found = Digest::of(&bytes);
    if !vouches(store, reference, &found)? {
        return Err(TrailError::Altered {
            uri: store.object_uri(&key),
            expected: reference.sha256.short().to_owned(),
            found: found.short().to_owned(),
        });
    }
    Ok(bytes)
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
