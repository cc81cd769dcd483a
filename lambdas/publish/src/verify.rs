//! Whether a file of scores is still what its stage wrote: every byte, read in pieces.

use millrace_contract::{Digest, ObjectRef};
use millrace_erasure::{explains_size, vouches};
use millrace_store::{Key, Store};
use sha2::{Digest as _, Sha256};

use crate::PublishError;

/// Large enough that S3's answers take longer than its questions, small enough for any function.
const PIECE_BYTES: u64 = 8 << 20;

pub fn verify(store: &Store, file: &ObjectRef) -> Result<(), PublishError> {
    let key = Key::new(file.key.clone())?;
    let uri = store.object_uri(&key);
    let found = store.head(&key)?.bytes;
    if found != file.bytes && !explains_size(store, file, found)? {
        return Err(PublishError::FileChanged {
            uri,
            expected: format!("{} bytes", file.bytes),
            found: format!("{found} bytes"),
        });
    }
    let digest = digest(store, &key, found)?;
    if !vouches(store, file, &digest)? {
        return Err(PublishError::FileChanged {
            uri,
            expected: format!("the digest {}", file.sha256),
            found: format!("the digest {digest}"),
        });
    }
    Ok(())
}

fn digest(store: &Store, key: &Key, bytes: u64) -> Result<Digest, PublishError> {
    let mut hasher = Sha256::new();
    let mut start = 0;
    while start < bytes {
        let piece = store.read_range(key, start..bytes.min(start + PIECE_BYTES))?;
        hasher.update(&piece);
        start += piece.len() as u64;
    }
    Ok(Digest::from_hasher(hasher))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::NamedError;
    use millrace_erasure::example::{WITH_THEM, erase};

    #[test]
    fn scores_that_were_erased_and_are_back_are_not_published() {
        let store = Store::memory();
        let key = Key::new("tables/predictions/model=m/part-00000.parquet").unwrap();
        let written = ObjectRef::of(key.as_str(), WITH_THEM.as_bytes());
        erase(&store, &key).unwrap();
        verify(&store, &written).unwrap();
        store.put(&key, WITH_THEM).unwrap();
        let error = verify(&store, &written).unwrap_err();
        assert_eq!(error.name(), "ErasedRowsReturned");
    }
}
