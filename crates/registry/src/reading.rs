//! Reading what a digest vouches for.

use millrace_contract::{Digest, ObjectRef};
use millrace_erasure::{ErasureError, vouches};
use millrace_store::{Bytes, Key, Store, StoreError};

use crate::error::RegistryError;
use crate::patience::Patience;

/// A read can be cut short on its way. Only what is wrong each time is called altered.
pub(crate) const READS: u32 = 3;

/// The bytes of an object, if they are what was vouched for, or what erasures made of that.
pub(crate) fn read_vouched(
    store: &Store,
    patience: &Patience,
    object: &ObjectRef,
    remedy: &'static str,
) -> Result<Bytes, RegistryError> {
    let key = Key::new(&*object.key)?;
    let altered = |detail: String| RegistryError::ModelFilesAltered {
        file: object.key.clone(),
        detail,
        remedy,
    };
    let mut detail = String::new();
    for attempt in 0..READS {
        if attempt > 0 {
            patience.pause(attempt);
        }
        let bytes = match patience.call(|| store.get(&key)) {
            Err(RegistryError::Store(StoreError::NotFound { .. })) => {
                return Err(altered("it is missing".to_owned()));
            }
            read => read?.bytes,
        };
        let sha256 = Digest::of(&bytes);
        let is_as_long = sha256 != object.sha256 || bytes.len() as u64 == object.bytes;
        if is_as_long && is_vouched_for(store, patience, object, &sha256)? {
            return Ok(bytes);
        }
        detail = format!(
            "it has {} bytes with SHA-256 {}..., not {} with {}...",
            bytes.len(),
            sha256.short(),
            object.bytes,
            object.sha256.short()
        );
    }
    Err(altered(detail))
}

/// Whether the object is what was written, or what erasures alone made of it.
fn is_vouched_for(
    store: &Store,
    patience: &Patience,
    object: &ObjectRef,
    found: &Digest,
) -> Result<bool, RegistryError> {
    let asked = patience.call(|| match vouches(store, object, found) {
        Err(ErasureError::Store(error)) => Err(error),
        answered => Ok(answered),
    })?;
    Ok(asked?)
}

/// Writes an object whose key nobody else uses for other bytes. What is there already is kept if it
/// is the same; true if it was not, and `overwrite` was not allowed.
pub(crate) fn write_once(
    store: &Store,
    patience: &Patience,
    object: &ObjectRef,
    bytes: &Bytes,
    overwrite: bool,
) -> Result<bool, RegistryError> {
    let key = Key::new(&*object.key)?;
    match patience.call(|| store.put_if_absent(&key, bytes.clone())) {
        Ok(_) => return Ok(false),
        Err(RegistryError::Store(StoreError::AlreadyExists { .. })) => {}
        Err(error) => return Err(error),
    }
    match read_vouched(store, patience, object, "") {
        Ok(_) => Ok(false),
        Err(RegistryError::ModelFilesAltered { .. }) if overwrite => {
            patience.call(|| store.put(&key, bytes.clone()))?;
            Ok(false)
        }
        Err(RegistryError::ModelFilesAltered { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}
