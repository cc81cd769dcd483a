//! Reading what a digest vouches for.

use millrace_contract::{Digest, ObjectRef};
use millrace_erasure::{ErasureError, vouches};
use millrace_store::{Bytes, Key, ObjectInfo, Store, StoreError};
use sha2::{Digest as _, Sha256};

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

/// An object of any size, as it was found when its digest was taken.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub info: ObjectInfo,
    pub sha256: Digest,
}

/// What is read of a large object at once.
const STEP_BYTES: u64 = 8 << 20;

/// The same of an object of any size: it is read in steps, all of them of one state, and not kept.
pub(crate) fn look_at_vouched(
    store: &Store,
    patience: &Patience,
    object: &ObjectRef,
    remedy: &'static str,
) -> Result<Found, RegistryError> {
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
        let found = match patience.call(|| digest_in_steps(store, &key)) {
            Err(RegistryError::Store(StoreError::NotFound { .. })) => {
                return Err(altered("it is missing".to_owned()));
            }
            // It was written between two steps.
            Err(RegistryError::Store(StoreError::Changed { .. })) => continue,
            found => found?,
        };
        if is_vouched_for(store, patience, object, &found.sha256)? {
            return Ok(found);
        }
        detail = format!(
            "it has SHA-256 {}..., not {}...",
            found.sha256.short(),
            object.sha256.short()
        );
    }
    Err(altered(detail))
}

fn digest_in_steps(store: &Store, key: &Key) -> Result<Found, StoreError> {
    let info = store.head(key)?;
    let mut hasher = Sha256::new();
    let mut from = 0;
    while from < info.bytes {
        let to = info.bytes.min(from + STEP_BYTES);
        // A directory would read the whole file for each step to know its state.
        let bytes = match store.local_path(key) {
            Some(_) => store.read_range(key, from..to)?,
            None => store.read_range_if_unchanged(key, from..to, &info.etag)?,
        };
        if bytes.is_empty() {
            break;
        }
        from += bytes.len() as u64;
        hasher.update(&bytes);
    }
    Ok(Found {
        info,
        sha256: Digest::from_hasher(hasher),
    })
}

/// Copies what was found to a key that nobody else uses for other bytes.
pub(crate) fn copy_once(
    store: &Store,
    patience: &Patience,
    found: &Found,
    object: &ObjectRef,
) -> Result<(), RegistryError> {
    let key = Key::new(&*object.key)?;
    match look_at_vouched(store, patience, object, "") {
        Ok(_) => return Ok(()),
        // Nothing is there, or a leftover for which nobody vouches.
        Err(RegistryError::ModelFilesAltered { .. }) => {}
        Err(error) => return Err(error),
    }
    patience.call(|| store.copy(&found.info, &key))?;
    Ok(())
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
