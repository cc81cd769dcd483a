//! What `--data` and `--out` name: one object, or everything below a folder.

use std::path::Path;

use crate::store::ObjectInfo;
use crate::uri::{self, Place};
use crate::{Key, Store, StoreError};

/// A store, and the object in it that is meant. Without a key all of the store is meant.
#[derive(Clone, Debug)]
pub struct Location {
    pub store: Store,
    pub key: Option<Key>,
}

impl Location {
    /// Understands what `Store::open` does, and paths of single files. The last segment becomes the
    /// key, unless it is an existing folder or is followed by `/`.
    pub fn parse(text: &str) -> Result<Location, StoreError> {
        match uri::parse(text)? {
            Place::Folder(path) => parse_path(text, &path),
            Place::S3 {
                bucket,
                prefix: Some(key),
                ends_with_slash: false,
            } => {
                let store = uri::open_s3(text, bucket, key.parent())?;
                Ok(Location {
                    store,
                    key: Some(Key::new(key.file_name())?),
                })
            }
            Place::S3 { .. } | Place::Memory(_) => whole(Store::open(text)?),
        }
    }

    /// The file of that path, whatever its name is, or the folder.
    pub fn of_path(path: &Path) -> Result<Location, StoreError> {
        parse_path(&path.display().to_string(), path)
    }

    /// The URI that names the same place again.
    pub fn uri(&self) -> String {
        match &self.key {
            Some(key) => self.store.object_uri(key),
            None => format!("{}/", self.store.uri()),
        }
    }

    /// The objects that are meant: the one of that name, or else all of the folder of that name.
    /// Where there is neither, `NotFound`.
    pub fn objects(&self) -> Result<Vec<ObjectInfo>, StoreError> {
        let prefix = match &self.key {
            None => String::new(),
            Some(key) => match self.store.head(key) {
                Ok(info) => return Ok(vec![info]),
                Err(StoreError::NotFound { .. }) => format!("{key}/"),
                Err(error) => return Err(error),
            },
        };
        let found = self.store.list(&prefix)?;
        if found.is_empty() {
            return Err(StoreError::NotFound { uri: self.uri() });
        }
        Ok(found)
    }
}

fn whole(store: Store) -> Result<Location, StoreError> {
    Ok(Location { store, key: None })
}

fn parse_path(text: &str, path: &Path) -> Result<Location, StoreError> {
    // A link that the user names is meant to be followed; only links inside a store are not to leave it.
    let resolved = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if resolved.is_dir() || text.ends_with('/') {
        return whole(uri::open_folder(text, &resolved)?);
    }
    let Some(name) = resolved.file_name().and_then(|name| name.to_str()) else {
        return Err(uri::invalid(
            text,
            "it does not end in the name of a file or folder",
        ));
    };
    let parent = match resolved.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Ok(Location {
        store: uri::open_folder(text, parent)?,
        key: Some(Key::of_file_name(name)?),
    })
}
