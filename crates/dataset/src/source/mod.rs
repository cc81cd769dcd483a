//! Where rows come from: one file, or all Parquet and CSV files of a folder or prefix.

pub(crate) mod content;
mod find;
mod fix;
pub(crate) mod open;
mod pieces;

use std::ops::Range;

use bytes::Bytes;
use millrace_contract::Contract;
use millrace_store::{Key, Location, Store};
use rayon::prelude::*;

use crate::DatasetError;
use content::{Keep, Origin};
use open::OpenFile;

/// Data files in the order of their names. Folders `key=value/` give columns that files do not hold.
#[derive(Debug, Clone)]
pub struct Source {
    uri: String,
    /// The local folder or store in which the files lie, and their folder in it.
    root: String,
    folder: String,
    files: Vec<SourceFile>,
    ignored: Vec<String>,
}

/// One data file.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub uri: String,
    /// The path below the source.
    pub name: String,
    pub bytes: u64,
    pub format: Format,
    /// The columns that the folders' names give; without a value it is missing in all rows.
    pub partitions: Vec<(String, Option<String>)>,
    /// Of a large file those row groups that are read; nothing for all.
    pub(crate) row_groups: Option<Range<usize>>,
    pub(crate) origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Parquet,
    Csv,
}

impl Format {
    /// By the ending of a file's name.
    pub fn of(name: &str) -> Option<Format> {
        let (_, ending) = name.rsplit('/').next()?.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "parquet" | "parq" | "pq" => Some(Format::Parquet),
            "csv" | "tsv" => Some(Format::Csv),
            _ => None,
        }
    }
}

/// How much there is of some data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    pub rows: u64,
    /// How many bytes the largest row group has in its file: so much is fetched at once. CSV is read in small steps.
    pub largest_group_bytes: u64,
}

impl Extent {
    fn and(self, other: Extent) -> Extent {
        Extent {
            rows: self.rows.saturating_add(other.rows),
            largest_group_bytes: self.largest_group_bytes.max(other.largest_group_bytes),
        }
    }
}

impl Source {
    /// Finds the files of a path, `file:` or `s3://` URI. Names that begin with `_` or `.` are
    /// skipped. Nothing is read of them yet.
    ///
    /// For looking at data outside of a run, and for fixing it: a run learns from `Source::fixed` and scores it.
    pub fn open(uri: &str) -> Result<Source, DatasetError> {
        match find::local_path(uri) {
            Some(path) => find::local(uri, &path),
            None => Source::at(&Location::parse(uri)?),
        }
    }

    /// Finds the files of a location in a store.
    pub fn at(location: &Location) -> Result<Source, DatasetError> {
        find::stored(location)
    }

    /// One file that was read already, such as an object whose digest was found right.
    pub fn held(uri: &str, bytes: Bytes) -> Result<Source, DatasetError> {
        let name = uri.rsplit('/').next().unwrap_or(uri).to_owned();
        let format = Format::of(&name).ok_or_else(|| DatasetError::UnknownFormat {
            uri: uri.to_owned(),
        })?;
        let length = bytes.len() as u64;
        let file = SourceFile::new(uri.to_owned(), name, length, format, Origin::Held(bytes));
        Ok(Source {
            uri: uri.to_owned(),
            root: String::new(),
            folder: String::new(),
            files: vec![file],
            ignored: Vec::new(),
        })
    }

    pub fn uri(&self) -> &str {
        &self.uri
    }

    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The names of files that are of no known kind and are not read.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// How much there is. Of Parquet only the footers are read, CSV is read through.
    pub fn extent(&self) -> Result<Extent, DatasetError> {
        let extents = self.files.par_iter().map(|file| {
            let file = file.open(None, Keep::Open)?;
            Ok(Extent {
                rows: file.row_count()?,
                largest_group_bytes: file.group_bytes().into_iter().max().unwrap_or(0),
            })
        });
        extents.try_reduce(Extent::default, |a, b| Ok(a.and(b)))
    }

    /// About how many rows there are: of Parquet what the footers say, of CSV by the length of the first lines.
    pub fn estimated_rows(&self) -> Result<u64, DatasetError> {
        let counts = self
            .files
            .par_iter()
            .map(|file| file.open(None, Keep::Closed)?.estimated_rows());
        counts.try_reduce(|| 0, |a, b| Ok(a.saturating_add(b)))
    }

    /// The columns of all files and folders, in the order in which they are met.
    pub fn column_names(&self) -> Result<Vec<String>, DatasetError> {
        let of_files = self
            .files
            .par_iter()
            .map(|file| Ok(file.open(None, Keep::Open)?.column_names(file)))
            .collect::<Result<Vec<_>, DatasetError>>()?;
        let names: indexmap::IndexSet<String> = of_files.into_iter().flatten().collect();
        Ok(names.into_iter().collect())
    }
}

impl SourceFile {
    fn new(uri: String, name: String, bytes: u64, format: Format, origin: Origin) -> SourceFile {
        SourceFile {
            partitions: find::partitions(&name),
            uri,
            name,
            bytes,
            format,
            row_groups: None,
            origin,
        }
    }

    pub(crate) fn open(
        &self,
        contract: Option<&Contract>,
        keep: Keep,
    ) -> Result<OpenFile, DatasetError> {
        let content = self.origin.open(&self.uri, keep)?;
        OpenFile::new(self, content, contract)
    }

    /// The store that holds the file, and its name there: for whoever replaces it.
    pub fn place(&self) -> Result<(Store, Key), DatasetError> {
        match &self.origin {
            Origin::Stored(store, key, ..) => Ok((store.clone(), key.clone())),
            Origin::Local(_) | Origin::Fixed(_) | Origin::Held(_) => {
                let location = match &self.origin {
                    Origin::Local(path) => Location::of_path(path)?,
                    _ => Location::parse(&self.uri)?,
                };
                let whole = || DatasetError::Unreadable {
                    uri: self.uri.clone(),
                    detail: "it is a folder".to_owned(),
                };
                Ok((location.store, location.key.ok_or_else(whole)?))
            }
        }
    }
}
