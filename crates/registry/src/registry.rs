//! The handle on the registry of one model, and the reading of its document.

use millrace_contract::ModelName;
use millrace_keys::{Context, Keys};
use millrace_store::{Bytes, Etag, Key, Store, StoreError};

use crate::document::{Document, seal};
use crate::error::RegistryError;
use crate::keys;
use crate::patience::Patience;
use crate::reading::READS;

/// The versions of one model in one store. Cheap to make; nothing is read until something is asked.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(crate) store: Store,
    pub(crate) name: ModelName,
    /// Marks what this process wrote.
    pub(crate) writer_id: String,
    pub(crate) patience: Patience,
    /// They sign what passed and check what is to be used.
    pub(crate) keys: Keys,
}

/// The document as it was read, and what is needed to replace exactly it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub document: Document,
    pub bytes: Bytes,
    /// None for a document that is still to be made.
    pub etag: Option<Etag>,
}

/// What lies where the document should be.
#[derive(Debug)]
pub(crate) enum Found {
    Sound(Box<Loaded>),
    /// Neither a document nor a copy of one: nothing was ever registered.
    Nothing,
    Damaged {
        detail: String,
        /// None when it is missing altogether.
        object: Option<(Bytes, Etag)>,
    },
}

impl Registry {
    pub fn open(context: &Context, name: ModelName) -> Self {
        Registry {
            store: context.store.clone(),
            name,
            writer_id: fresh_id(),
            patience: Patience::default(),
            keys: context.keys.clone(),
        }
    }

    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Instead of a random one: for simulations whose bytes shall repeat. Must be unique.
    pub fn with_writer_id(mut self, writer_id: impl Into<String>) -> Self {
        self.writer_id = writer_id.into();
        self
    }

    pub fn name(&self) -> &ModelName {
        &self.name
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The document, checked.
    pub fn document(&self) -> Result<Document, RegistryError> {
        Ok(self.load()?.document)
    }

    pub(crate) fn load(&self) -> Result<Loaded, RegistryError> {
        match self.find()? {
            Found::Sound(loaded) => Ok(*loaded),
            Found::Nothing => Err(RegistryError::ModelNotFound {
                name: self.name.clone(),
                store: self.store.uri(),
            }),
            Found::Damaged { detail, .. } => Err(self.damaged(detail)),
        }
    }

    /// For registering, which may be the model's first.
    pub(crate) fn load_or_new(&self) -> Result<Loaded, RegistryError> {
        match self.load() {
            Err(RegistryError::ModelNotFound { .. }) => Ok(Loaded {
                document: Document::new(self.name.clone()),
                bytes: Bytes::new(),
                etag: None,
            }),
            loaded => loaded,
        }
    }

    pub(crate) fn damaged(&self, detail: String) -> RegistryError {
        let place = keys::document(&self.name).map(|key| self.store.object_uri(&key));
        RegistryError::RegistryDamaged {
            name: self.name.clone(),
            place: place.unwrap_or_default(),
            detail,
        }
    }

    /// Called damaged is only what is wrong at each of several readings: a read may be cut short, and
    /// another writer may be making the document at this moment.
    pub(crate) fn find(&self) -> Result<Found, RegistryError> {
        let key = keys::document(&self.name)?;
        let mut found = self.find_once(&key)?;
        for attempt in 1..READS {
            if !matches!(found, Found::Damaged { .. }) {
                break;
            }
            self.patience.pause(attempt);
            found = self.find_once(&key)?;
        }
        Ok(found)
    }

    fn find_once(&self, key: &Key) -> Result<Found, RegistryError> {
        let object = match self.patience.call(|| self.store.get(key)) {
            Err(RegistryError::Store(StoreError::NotFound { .. })) => return self.find_without(),
            object => object?,
        };
        match self.decode(&object.bytes) {
            Ok(document) => Ok(Found::Sound(Box::new(Loaded {
                document,
                bytes: object.bytes,
                etag: Some(object.etag),
            }))),
            Err(detail) => Ok(Found::Damaged {
                detail,
                object: Some((object.bytes, object.etag)),
            }),
        }
    }

    /// Without a document: copies of one show that it was there.
    fn find_without(&self) -> Result<Found, RegistryError> {
        let prefix = keys::copies_prefix(&self.name);
        let copies = self.patience.call(|| self.store.list(&prefix))?;
        if copies.is_empty() {
            return Ok(Found::Nothing);
        }
        Ok(Found::Damaged {
            detail: "it is missing, though there are copies of it".to_owned(),
            object: None,
        })
    }

    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<Document, String> {
        let document = seal::decode(bytes)?;
        if document.model_name == self.name {
            return Ok(document);
        }
        Err(format!("it belongs to model `{}`", document.model_name))
    }
}

/// Random enough that no two processes and no two changes share one.
pub(crate) fn fresh_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}
