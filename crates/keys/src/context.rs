//! What a stage works with.

use millrace_store::{Store, StoreError};

use crate::{Keys, Trusted};

/// A store and the keys of whoever started the work. Whatever checks or makes a signature, or hides an id,
/// asks for one, so that no way into a stage can leave the keys out.
#[derive(Debug, Clone)]
pub struct Context {
    pub store: Store,
    pub keys: Keys,
}

impl Context {
    pub fn new(store: Store, keys: Keys) -> Context {
        Context { store, keys }
    }

    /// Nothing is signed, every model is believed, ids stay as they are. For tests: `tests/operations.rs` looks
    /// that no program makes one.
    pub fn unsigned(store: &Store) -> Context {
        let keys = Keys {
            signing: None,
            trusted: Trusted::default(),
            pseudonyms: None,
        };
        Context::new(store.clone(), keys)
    }

    /// The store at a place.
    pub fn open(uri: &str, keys: Keys) -> Result<Context, StoreError> {
        Ok(Context::new(Store::open(uri)?, keys))
    }
}
