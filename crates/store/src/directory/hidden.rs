//! What no listing shows: files that are being written, what dead writers left, names that cannot be keys.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::aside::{is_abandoned, is_temporary};
use super::faults_of_files::read_error;
use crate::{Hidden, Key, StoreError};

pub(super) fn find(root: &Path, remove_abandoned: bool) -> Result<Vec<Hidden>, StoreError> {
    let Ok(root) = root.canonicalize() else {
        return Ok(Vec::new()); // Nothing has been written yet.
    };
    let mut found = Vec::new();
    let mut folders = vec![(root, String::new())];
    while let Some((folder, key)) = folders.pop() {
        let failed = |error: io::Error| read_error(format!("file://{}", folder.display()), &error);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue, // Removed meanwhile.
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let (path, name) = (entry.path(), entry.file_name());
            let key = match key.as_str() {
                "" => name.to_string_lossy().into_owned(),
                folder => format!("{folder}/{}", name.to_string_lossy()),
            };
            // Links are not followed: what they lead to is met under its own name, or is somebody else's.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push((path, key)),
                Ok(kind) if kind.is_file() && is_temporary(&name) => {
                    found.push(left(&path, remove_abandoned));
                }
                Ok(kind) if kind.is_file() && Key::new(key.as_str()).is_err() => {
                    found.push(Hidden::Unnameable {
                        uri: format!("file://{}", path.display()),
                        path: Some(path),
                    });
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whose writer has died, and what became of it.
fn left(path: &Path, remove_abandoned: bool) -> Hidden {
    let uri = format!("file://{}", path.display());
    match is_abandoned(path, remove_abandoned) {
        Ok(false) => Hidden::Writing { uri },
        Ok(true) => Hidden::Abandoned {
            uri,
            is_removed: remove_abandoned,
        },
        Err(_) => Hidden::Abandoned {
            uri,
            is_removed: false,
        },
    }
}
