//! Whether a file of scores is still what its stage wrote.
//!
//! The shard noted the store's mark of the object that it wrote, beside its digest. While the store gives the same mark, the
//! object is that one, and none of its bytes need be read here. A file with another mark, which an erasure may have made of
//! it, is read in pieces and held against the digest.

use millrace_contract::ObjectRef;
use millrace_erasure::{explains_size, vouches};
use millrace_store::{Key, Store, StoreError};

use crate::PublishError;

/// A file of scores with the mark that the store gave it; shards of older builds noted none.
#[derive(Debug, Clone)]
pub struct Written {
    pub file: ObjectRef,
    pub entity_tag: Option<String>,
}

pub fn verify(store: &Store, written: &Written) -> Result<(), PublishError> {
    let file = &written.file;
    let key = Key::new(file.key.clone())?;
    let uri = store.object_uri(&key);
    let head = store.head(&key)?;
    let found = head.bytes;
    if found == file.bytes && written.entity_tag.as_deref() == Some(head.etag.as_str()) {
        return is_unerased(store, file);
    }
    if found != file.bytes && !explains_size(store, file, found)? {
        return Err(PublishError::FileChanged {
            uri,
            expected: format!("{} bytes", file.bytes),
            found: format!("{found} bytes"),
        });
    }
    let changed = |found: String| PublishError::FileChanged {
        uri,
        expected: format!("the digest {}", file.sha256),
        found,
    };
    match store.digest(&key) {
        Err(StoreError::Changed { .. }) => Err(changed("bytes that are written".into())),
        read => match read?.1 {
            digest if vouches(store, file, &digest)? => Ok(()),
            digest => Err(changed(format!("the digest {digest}"))),
        },
    }
}

/// What an erasure took out and somebody put back has the mark that it had.
fn is_unerased(store: &Store, file: &ObjectRef) -> Result<(), PublishError> {
    // The digest that the mark stands for: where it was replaced by an erasure, this says so.
    match vouches(store, file, &file.sha256)? {
        true => Ok(()),
        false => Err(PublishError::FileChanged {
            uri: file.key.clone(),
            expected: "the rows that are left".into(),
            found: "rows that were erased".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::NamedError;
    use millrace_erasure::example::{WITH_THEM, erase};
    use millrace_store::faults::{Fault, Verb};

    #[test]
    fn scores_that_were_erased_and_are_back_are_not_published() {
        let store = Store::memory();
        let key = Key::new("tables/predictions/model=m/part-00000.parquet").unwrap();
        let mut written = Written {
            file: ObjectRef::of(key.as_str(), WITH_THEM.as_bytes()),
            entity_tag: None,
        };
        erase(&store, &key).unwrap();
        verify(&store, &written).unwrap();
        let etag = store.put(&key, WITH_THEM).unwrap();
        for tag in [None, Some(etag.as_str().to_owned())] {
            written.entity_tag = tag;
            let error = verify(&store, &written).unwrap_err();
            assert_eq!(error.name(), "ErasedRowsReturned");
        }
    }

    /// Every read of the store fails: what has the mark of what was written is not read.
    #[test]
    fn a_file_with_its_mark_is_not_read_and_one_with_another_is() {
        let sound = Store::memory();
        let key = Key::new("tables/predictions/model=m/part-00000.parquet").unwrap();
        let etag = sound.put(&key, "scores").unwrap();
        let unreadable = sound.clone().with_faults(|operation| match operation.verb {
            Verb::ReadRange => Fault::ErrorBefore,
            _ => Fault::None,
        });
        let mut written = Written {
            file: ObjectRef::of(key.as_str(), b"scores"),
            entity_tag: Some(etag.as_str().to_owned()),
        };
        verify(&unreadable, &written).unwrap();
        sound.put(&key, "SCORES").unwrap();
        assert_eq!(
            verify(&unreadable, &written).unwrap_err().name(),
            "StoreUnavailable"
        );
        assert_eq!(verify(&sound, &written).unwrap_err().name(), "FileChanged");
        sound.put(&key, "scores").unwrap();
        written.entity_tag = Some("another".into());
        verify(&sound, &written).unwrap();
    }
}
