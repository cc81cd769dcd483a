//! Data is fixed once, when it is validated; whoever learns from it or scores it reads it as it was fixed.

use std::path::PathBuf;
use std::sync::Arc;

use millrace_contract::Digest;
use millrace_contract::stages::{DataFile, DataFiles, DataFilesVersion, HeldBy, Shard, division};
use millrace_store::{Etag, Key, Store, absolute};
use rayon::prelude::*;

use super::content::{Keep, Origin};
use super::pieces::{FixedFile, Hasher};
use super::{Format, Source, SourceFile, find};
use crate::DatasetError;

impl Source {
    /// Reads every byte once and notes what later readers are held to. `Source::fixed` of it gives the very bytes
    /// that were read here, or `DataChanged`.
    pub fn fix(&self) -> Result<DataFiles, DatasetError> {
        let files = self
            .files
            .par_iter()
            .map(SourceFile::fix)
            .collect::<Result<Vec<_>, DatasetError>>()?;
        let mut list = DataFiles {
            version: DataFilesVersion::Second,
            uri: absolute(&self.uri),
            root: self.root.clone(),
            folder: self.folder.clone(),
            files,
        };
        let fixed = Source::fixed(&list)?;
        for (file, fixed) in list.files.iter_mut().zip(&fixed.files) {
            if file.bytes >= DIVIDED_BYTES && fixed.format == Format::Parquet {
                file.row_groups = fixed.open(None, Keep::Closed)?.group_bytes();
            }
        }
        Ok(list)
    }

    /// One shard of the data that was fixed.
    pub fn shard(list: &DataFiles, shard: Shard) -> Result<Source, DatasetError> {
        let whole = Source::fixed(list)?;
        let slices = division(list, shard).into_iter();
        let files = slices.filter_map(|slice| {
            let mut file = whole.files.get(slice.file)?.clone();
            file.row_groups = slice.row_groups;
            Some(file)
        });
        Ok(Source {
            files: files.collect(),
            uri: whole.uri,
            root: whole.root,
            folder: whole.folder,
            ignored: whole.ignored,
        })
    }

    /// The data that was fixed: a reader for learning and for scoring. Nothing is listed anew, so files that came
    /// since are not read, and shards are parts of one list.
    pub fn fixed(list: &DataFiles) -> Result<Source, DatasetError> {
        let place = match find::local_path(&list.root) {
            Some(path) => Place::Local(path.join(&list.folder)),
            None => Place::Store(Store::open(&list.root)?),
        };
        let files = list.files.iter().map(|file| opened(list, &place, file));
        let files = files.collect::<Result<Vec<_>, DatasetError>>()?;
        if files.is_empty() || !files.is_sorted_by(|a, b| a.name < b.name) {
            return Err(unsound(list, "its files are not in order"));
        }
        Ok(Source {
            uri: list.uri.clone(),
            root: list.root.clone(),
            folder: list.folder.clone(),
            files,
            ignored: Vec::new(),
        })
    }

    /// One digest of all names and contents.
    pub fn digest(&self) -> Result<Digest, DatasetError> {
        Ok(self.fix()?.digest())
    }
}

/// Files from this size on say what their row groups are.
const DIVIDED_BYTES: u64 = 32 << 20;

enum Place {
    Local(PathBuf),
    Store(Store),
}

fn opened(list: &DataFiles, place: &Place, file: &DataFile) -> Result<SourceFile, DatasetError> {
    let (uri, origin) = match (place, &file.held_by) {
        (Place::Local(folder), HeldBy::Pieces { .. }) => {
            let path = folder.join(&file.name);
            let uri = path.display().to_string();
            let fixed = FixedFile::new(path, &uri, file);
            let fixed = fixed.ok_or_else(|| unsound(list, "a file has too few digests"))?;
            (uri, Origin::Fixed(Arc::new(fixed)))
        }
        (Place::Store(store), HeldBy::EntityTag(tag)) => {
            let key = match list.folder.as_str() {
                "" => Key::new(file.name.clone())?,
                folder => Key::new(format!("{folder}/{}", file.name))?,
            };
            let uri = store.object_uri(&key);
            let etag = Etag::new(tag.clone());
            (uri, Origin::Stored(store.clone(), key, etag, file.bytes))
        }
        _ => return Err(unsound(list, "a file is of another kind of place")),
    };
    // A file without a known ending was taken for what it began with, and only Parquet begins with a mark.
    let format = Format::of(&file.name).unwrap_or(Format::Parquet);
    Ok(SourceFile::new(
        uri,
        file.name.clone(),
        file.bytes,
        format,
        origin,
    ))
}

fn unsound(list: &DataFiles, detail: &str) -> DatasetError {
    DatasetError::Unreadable {
        uri: list.uri.clone(),
        detail: format!("the list of its files is unsound: {detail}; validate it again"),
    }
}

impl SourceFile {
    fn fix(&self) -> Result<DataFile, DatasetError> {
        let content = self.origin.open(&self.uri, Keep::Open)?;
        let mut hasher = Hasher::new(content.len());
        let mut position = 0;
        while position < content.len() {
            let end = content.len().min(position + hasher.step_bytes());
            hasher.add(&content.read(position..end, &self.uri)?);
            position = end;
        }
        let (sha256, pieces) = hasher.finish();
        let held_by = match &self.origin {
            Origin::Stored(_, _, etag, _) => HeldBy::EntityTag(etag.as_str().to_owned()),
            Origin::Local(_) | Origin::Fixed(_) | Origin::Held(_) => pieces,
        };
        Ok(DataFile {
            name: self.name.clone(),
            bytes: content.len(),
            sha256,
            held_by,
            row_groups: Vec::new(),
        })
    }
}
