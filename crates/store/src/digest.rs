//! Digests of objects and files of any size, in constant memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use millrace_contract::Digest;
use sha2::{Digest as _, Sha256};

use crate::backend::local_file_error;
use crate::{Key, ObjectInfo, Store, StoreError};

/// Large enough that S3's answers take longer than its questions, small enough for any function.
const STEP_BYTES: u64 = 8 << 20;
const BUFFER_BYTES: usize = 1 << 18;

impl Store {
    /// The digest of an object, and what `head` says of it. All bytes are of one state: an object that is written meanwhile
    /// is `Changed`, and a read that is cut short is no reason to call it different.
    pub fn digest(&self, key: &Key) -> Result<(ObjectInfo, Digest), StoreError> {
        let info = self.head(key)?;
        if let Some(path) = self.local_path(key) {
            let read = digest_of_file(&path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => StoreError::NotFound {
                    uri: self.object_uri(key),
                },
                _ => local_file_error(&path, &error),
            });
            return Ok((info, read?.1));
        }
        let mut hasher = Sha256::new();
        let mut position = 0;
        while position < info.bytes {
            let end = info.bytes.min(position + STEP_BYTES);
            let step = self.read_range_if_unchanged(key, position..end, &info.etag)?;
            if step.len() as u64 != end - position {
                return Err(StoreError::Unavailable {
                    uri: self.object_uri(key),
                    detail: "a read was cut short".to_owned(),
                });
            }
            hasher.update(&step);
            position = end;
        }
        Ok((info, Digest::from_hasher(hasher)))
    }
}

/// The length and the digest of a local file.
pub fn digest_of_file(file: &Path) -> io::Result<(u64, Digest)> {
    let mut reader = File::open(file)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; BUFFER_BYTES];
    let mut bytes = 0u64;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, Digest::from_hasher(hasher)));
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::faults::{Fault, Verb};

    #[test]
    fn a_step_that_is_cut_short_is_told() {
        let sound = Store::memory();
        let key = Key::new("a").unwrap();
        sound.put(&key, "0123456789").unwrap();
        let cut = sound.clone().with_faults(|operation| match operation.verb {
            Verb::ReadRange => Fault::Truncate(7),
            _ => Fault::None,
        });
        let error = cut.digest(&key).unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    }
}
