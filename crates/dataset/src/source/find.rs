//! Finds the data files under a location, and what their paths say (`key=value/` folders).

use std::fs;
use std::path::{Path, PathBuf};

use millrace_store::{Location, ObjectInfo, Store, regular};

use super::content::{Keep, Origin, unreadable};
use super::{Format, Source, SourceFile};
use crate::DatasetError;

/// The word that Hive writes for a missing value.
const HIVE_MISSING: &str = "__HIVE_DEFAULT_PARTITION__";
const MAXIMUM_DEPTH: usize = 16;

/// The data files, sorted by name, and the names of files that are of no known kind.
#[derive(Debug, Default)]
struct Found {
    files: Vec<SourceFile>,
    ignored: Vec<String>,
}

/// The local path that a URI names, if it names one. Any file name is allowed here, since only the
/// names of a store's own objects are restricted.
pub(super) fn local_path(uri: &str) -> Option<PathBuf> {
    let rest = match uri.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file:") => &uri[5..],
        _ if uri.contains("://") || uri.starts_with("memory:") => return None,
        _ => return (!uri.is_empty()).then(|| PathBuf::from(uri)),
    };
    let path = match rest.strip_prefix("//") {
        Some(after) => after.strip_prefix("localhost").unwrap_or(after),
        None => rest,
    };
    (!path.is_empty()).then(|| PathBuf::from(path))
}

pub(super) fn local(uri: &str, path: &Path) -> Result<Source, DatasetError> {
    let failed = |error: std::io::Error| unreadable(uri, &error);
    let metadata = fs::metadata(path).map_err(failed)?;
    // A run that is taken up from another folder must find the same files.
    let absolute = std::path::absolute(path).map_err(failed)?;
    let mut found = Found::default();
    if metadata.is_dir() {
        walk(path, "", 0, &mut found)?;
        found.files.sort_by(|a, b| a.name.cmp(&b.name));
        return found.source(uri, text_of(&absolute)?, String::new());
    }
    let name = absolute.file_name().unwrap_or_default();
    let name = text_of(Path::new(name))?;
    add_local(uri, path, name, &metadata, &mut found)?;
    let folder = absolute.parent().unwrap_or(&absolute);
    found.source(uri, text_of(folder)?, String::new())
}

/// Names travel in documents, which are text.
fn text_of(path: &Path) -> Result<String, DatasetError> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| DatasetError::Unreadable {
            uri: path.display().to_string(),
            detail: "its name is not valid UTF-8".to_owned(),
        })
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Found) -> Result<(), DatasetError> {
    let failed = |error: std::io::Error| unreadable(&folder.display().to_string(), &error);
    if depth > MAXIMUM_DEPTH {
        return Err(DatasetError::Unreadable {
            uri: folder.display().to_string(),
            detail: format!("folders are nested more than {MAXIMUM_DEPTH} deep"),
        });
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if is_hidden(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        let name = format!("{prefix}{}", text_of(Path::new(&entry.file_name()))?);
        let metadata = fs::metadata(&path).map_err(failed)?;
        if metadata.is_dir() {
            walk(&path, &format!("{name}/"), depth + 1, found)?;
        } else {
            add_local(&path.display().to_string(), &path, name, &metadata, found)?;
        }
    }
    Ok(())
}

/// What is neither a file nor a folder is refused and not passed over: somebody may have meant its rows.
fn add_local(
    uri: &str,
    path: &Path,
    name: String,
    metadata: &fs::Metadata,
    found: &mut Found,
) -> Result<(), DatasetError> {
    let uri = uri.to_owned();
    if let Some(kind) = regular::other_kind(metadata) {
        return Err(DatasetError::NotAFile { uri, kind });
    }
    let files = found.files.len();
    found.add(uri, name, metadata.len(), Origin::Local(path.to_owned()));
    match found.files.len() > files {
        true => can_be_named(path),
        false => Ok(()),
    }
}

/// Whether the file could be replaced as well, when a customer is to be erased from it: what could not is not read.
fn can_be_named(path: &Path) -> Result<(), DatasetError> {
    let fault = match path.to_str() {
        None => "its path is not valid UTF-8",
        Some(text) if text.chars().any(char::is_control) => "its path has a control character",
        Some(_) => return Ok(()),
    };
    Err(DatasetError::Unreadable {
        uri: path.display().to_string().escape_debug().to_string(),
        detail: format!("{fault}: rename it"),
    })
}

/// The objects of a store that a location names.
pub(super) fn stored(location: &Location) -> Result<Source, DatasetError> {
    let objects = location.objects()?;
    let folder = match (&location.key, objects.as_slice()) {
        // The one object of that very name.
        (Some(key), [only]) if only.key == *key => key.parent(),
        (Some(key), _) => Some(key.clone()),
        (None, _) => None,
    };
    let folder = folder.map_or(String::new(), |key| key.to_string());
    let below = match folder.as_str() {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let mut found = Found::default();
    for object in objects {
        let name = object.key.as_str();
        let name = name.strip_prefix(&below).unwrap_or(name).to_owned();
        // A file that is named itself may be hidden: it was meant.
        let named = location.key.as_ref() == Some(&object.key);
        if named || !name.split('/').any(is_hidden) {
            add_stored(&location.store, object, name, &mut found);
        }
    }
    found.source(&location.uri(), location.store.uri(), folder)
}

fn add_stored(store: &Store, object: ObjectInfo, name: String, found: &mut Found) {
    let uri = store.object_uri(&object.key);
    let origin = match store.local_path(&object.key) {
        Some(path) => Origin::Local(path),
        None => Origin::Stored(store.clone(), object.key, object.etag, object.bytes),
    };
    found.add(uri, name, object.bytes, origin);
}

impl Found {
    fn add(&mut self, uri: String, name: String, bytes: u64, origin: Origin) {
        match Format::of(&name).or_else(|| sniff(&origin, &uri)) {
            Some(format) => self
                .files
                .push(SourceFile::new(uri, name, bytes, format, origin)),
            None => self.ignored.push(name),
        }
    }

    fn source(self, uri: &str, root: String, folder: String) -> Result<Source, DatasetError> {
        let uri = uri.to_owned();
        match (self.files.is_empty(), self.ignored.is_empty()) {
            (false, _) => Ok(Source {
                uri,
                root,
                folder,
                files: self.files,
                ignored: self.ignored,
            }),
            (true, true) => Err(DatasetError::DataNotFound { uri }),
            (true, false) => Err(DatasetError::UnknownFormat { uri }),
        }
    }
}

/// Parquet files that services write often have no ending: their first four bytes tell.
fn sniff(origin: &Origin, uri: &str) -> Option<Format> {
    let content = origin.open(uri, Keep::Closed).ok()?;
    let start = content.read(0..4, uri).ok()?;
    (&start[..] == b"PAR1").then_some(Format::Parquet)
}

fn is_hidden(name: &str) -> bool {
    name.starts_with(['_', '.'])
}

/// The columns that the folders of a path give: `snapshot_date=2026-11-01/part-0.parquet`.
pub(super) fn partitions(name: &str) -> Vec<(String, Option<String>)> {
    let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders
        .split('/')
        .filter_map(|folder| folder.split_once('='))
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| {
            let value = (value != HIVE_MISSING && !value.is_empty()).then(|| decoded(value));
            (decoded(key), value)
        })
        .collect()
}

/// Undoes percent-encoding; what is not valid is left as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hexadecimal = after.get(..2).filter(|_| *first == b'%');
        match hexadecimal.and_then(|digits| hex::decode(digits).ok()) {
            Some(byte) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_columns() {
        let found = partitions(
            "snapshot_date=2026-11-01/place=K%C3%B6ln%/x=__HIVE_DEFAULT_PARTITION__/a=b.parquet",
        );
        let wanted = [
            ("snapshot_date", Some("2026-11-01")),
            ("place", Some("Köln%")),
            ("x", None),
        ];
        let wanted = wanted.map(|(key, value)| (key.to_owned(), value.map(str::to_owned)));
        assert_eq!(found, wanted);
    }

    #[test]
    fn local_paths_are_told_from_stores() {
        for (uri, path) in [
            ("data", Some("data")),
            ("file:data", Some("data")),
            ("file:///data", Some("/data")),
            ("FILE://localhost/data", Some("/data")),
            ("my data (1).csv", Some("my data (1).csv")),
            ("s3://bucket/data", None),
            ("memory:name", None),
            ("", None),
        ] {
            assert_eq!(local_path(uri), path.map(PathBuf::from), "{uri}");
        }
    }
}
