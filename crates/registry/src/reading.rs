//! Reading what a digest vouches for.

use millrace_contract::{Digest, ObjectRef};
use millrace_erasure::{ErasureError, vouches};
use millrace_store::{Bytes, Key, ObjectInfo, Store, StoreError};

use crate::error::RegistryError;
use crate::patience::Patience;

/// A read can be cut short on its way. Only what is wrong each time is called altered.
pub(crate) const READS: u32 = 3;

/// Objects up to this size are read and held; of larger ones the digest is taken, and the store copies them itself.
const HELD_BYTES: u64 = 8 << 20;

/// An object that is what was vouched for, or what erasures made of that.
#[derive(Debug)]
pub(crate) enum Content {
    Held(Bytes),
    Large(Found),
}

/// An object of any size, as it was found when its digest was taken.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub info: ObjectInfo,
    pub sha256: Digest,
}

impl Content {
    /// Whatever its size, it takes little memory.
    pub(crate) fn vouched(
        store: &Store,
        patience: &Patience,
        object: &ObjectRef,
        remedy: &'static str,
    ) -> Result<Content, RegistryError> {
        match object.bytes <= HELD_BYTES {
            true => read_vouched(store, patience, object, remedy).map(Content::Held),
            false => look_at_vouched(store, patience, object, remedy).map(Content::Large),
        }
    }

    /// What will be vouched for: the bytes as they are, for rows may have been erased since the run wrote them.
    pub(crate) fn object(&self, key: Key) -> ObjectRef {
        match self {
            Content::Held(bytes) => ObjectRef::of(key, bytes),
            Content::Large(found) => ObjectRef {
                key: key.to_string(),
                bytes: found.info.bytes,
                sha256: found.sha256.clone(),
            },
        }
    }
}

/// The bytes of an object, if they are what was vouched for, or what erasures made of that.
pub(crate) fn read_vouched(
    store: &Store,
    patience: &Patience,
    object: &ObjectRef,
    remedy: &'static str,
) -> Result<Bytes, RegistryError> {
    let read = Read {
        read: |key: &Key| Ok(store.get(key)?.bytes),
        seen: |bytes: &Bytes| (bytes.len() as u64, Digest::of(bytes)),
    };
    read.vouched(store, patience, object, remedy)
}

/// The same of an object of any size: it is read in steps and not kept.
fn look_at_vouched(
    store: &Store,
    patience: &Patience,
    object: &ObjectRef,
    remedy: &'static str,
) -> Result<Found, RegistryError> {
    let read = Read {
        read: |key: &Key| {
            let (info, sha256) = store.digest(key)?;
            Ok(Found { info, sha256 })
        },
        seen: |found: &Found| (found.info.bytes, found.sha256.clone()),
    };
    read.vouched(store, patience, object, remedy)
}

/// How an object is read, and what length and digest that shows.
struct Read<R, S> {
    read: R,
    seen: S,
}

impl<R, S> Read<R, S> {
    fn vouched<T>(
        &self,
        store: &Store,
        patience: &Patience,
        object: &ObjectRef,
        remedy: &'static str,
    ) -> Result<T, RegistryError>
    where
        R: Fn(&Key) -> Result<T, StoreError>,
        S: Fn(&T) -> (u64, Digest),
    {
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
            let found = match patience.call(|| (self.read)(&key)) {
                Err(RegistryError::Store(StoreError::NotFound { .. })) => {
                    return Err(altered("it is missing".to_owned()));
                }
                Err(RegistryError::Store(StoreError::Changed { .. })) => {
                    detail = "it was written while it was read".to_owned();
                    continue;
                }
                found => found?,
            };
            let (bytes, sha256) = (self.seen)(&found);
            let is_as_long = sha256 != object.sha256 || bytes == object.bytes;
            if is_as_long && is_vouched_for(store, patience, object, &sha256)? {
                return Ok(found);
            }
            detail = format!(
                "it has {bytes} bytes with SHA-256 {}..., not {} with {}...",
                sha256.short(),
                object.bytes,
                object.sha256.short()
            );
        }
        Err(altered(detail))
    }
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
