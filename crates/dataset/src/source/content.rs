//! The bytes of one file, read by range: from a local file, from a store, or held in memory.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use millrace_store::{Etag, Key, Store, StoreError, regular};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use rayon::prelude::*;

use super::pieces::FixedFile;
use crate::DatasetError;

/// Where a file is.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Local(PathBuf),
    /// A local file whose bytes are compared with what they were when it was fixed.
    Fixed(Arc<FixedFile>),
    /// An object in one state, of that size: in another it is not read.
    Stored(Store, Key, Etag, u64),
    Held(Bytes),
}

/// An opened file. Clones share it, and reads at different places do not disturb each other.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Held(Bytes),
    Local(Arc<File>, u64),
    /// A local file that is opened anew for each read: for many files at once.
    Closed(Arc<PathBuf>, u64),
    /// The same, piece by piece compared.
    Fixed(Arc<FixedFile>),
    Stored(Store, Key, Etag, u64),
    /// The parts of a file that were fetched beforehand, by their place, and the file's size.
    Pieces(Arc<Vec<(u64, Bytes)>>, u64),
}

/// Ranges of one request: gaps up to this are read along, because a request costs more.
const COALESCED_GAP_BYTES: u64 = 1 << 20;
const COALESCED_BYTES: u64 = 16 << 20;

/// Bytes that a stream asks for at once: a power of two.
const STREAMED_BYTES: u64 = 1 << 20;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// A small file in memory, a large one open.
    Open,
    /// In memory, if it comes over a network or is small.
    Held,
    /// Nothing.
    Closed,
}

/// Files up to this size are read in one piece: a request costs more than the bytes.
const HELD_BYTES: u64 = 1 << 20;
/// The same for stores over a network, where each request takes tens of milliseconds.
const HELD_BYTES_STORED: u64 = 32 << 20;

impl Origin {
    pub(crate) fn open(&self, uri: &str, keep: Keep) -> Result<Content, DatasetError> {
        match self {
            Origin::Local(path) => {
                let file = regular::open(path).map_err(|error| unreadable(uri, &error))?;
                let metadata = file.metadata().map_err(|error| unreadable(uri, &error))?;
                let content = match keep {
                    Keep::Closed => {
                        return Ok(Content::Closed(Arc::new(path.clone()), metadata.len()));
                    }
                    _ if metadata.len() > HELD_BYTES && keep == Keep::Held => {
                        return Ok(Content::Closed(Arc::new(path.clone()), metadata.len()));
                    }
                    _ => Content::Local(Arc::new(file), metadata.len()),
                };
                content.held_if_at_most(HELD_BYTES, uri)
            }
            Origin::Held(bytes) => Ok(Content::Held(bytes.clone())),
            Origin::Fixed(file) => Content::Fixed(file.clone()).held_if_at_most(
                match keep {
                    Keep::Closed => 0,
                    Keep::Open | Keep::Held => HELD_BYTES,
                },
                uri,
            ),
            Origin::Stored(store, key, etag, bytes) => {
                let content = Content::Stored(store.clone(), key.clone(), etag.clone(), *bytes);
                match keep {
                    Keep::Open => content.held_if_at_most(HELD_BYTES_STORED, uri),
                    Keep::Held => content.held_if_at_most(u64::MAX, uri),
                    Keep::Closed => Ok(content),
                }
            }
        }
    }
}

impl Content {
    fn held_if_at_most(self, limit: u64, uri: &str) -> Result<Content, DatasetError> {
        if self.len() > limit {
            return Ok(self);
        }
        Ok(Content::Held(self.read(0..self.len(), uri)?))
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Content::Held(bytes) => bytes.len() as u64,
            Content::Local(_, bytes)
            | Content::Closed(_, bytes)
            | Content::Stored(.., bytes)
            | Content::Pieces(_, bytes) => *bytes,
            Content::Fixed(file) => file.len(),
        }
    }

    /// How many bytes can be read from a position on.
    fn available(&self, position: u64) -> u64 {
        let end = match self {
            Content::Pieces(pieces, _) => {
                let after = pieces.partition_point(|(start, _)| *start <= position);
                let piece = after.checked_sub(1).and_then(|index| pieces.get(index));
                piece.map_or(0, |(start, bytes)| start + bytes.len() as u64)
            }
            other => other.len(),
        };
        end.saturating_sub(position)
    }

    /// Exactly the bytes of the range.
    pub(crate) fn read(&self, range: Range<u64>, uri: &str) -> Result<Bytes, DatasetError> {
        let short = || DatasetError::Unreadable {
            uri: uri.to_owned(),
            detail: "it ends earlier than it should, or was changed meanwhile".to_owned(),
        };
        if range.start >= range.end {
            return Ok(Bytes::new());
        }
        let length = range.end - range.start;
        match self {
            Content::Held(bytes) => {
                let end = usize::try_from(range.end).map_err(|_| short())?;
                if end > bytes.len() {
                    return Err(short());
                }
                Ok(bytes.slice(end - length as usize..end))
            }
            Content::Local(file, bytes) => {
                if range.end > *bytes {
                    return Err(short());
                }
                let mut buffer = vec![0; length as usize];
                file.read_exact_at(&mut buffer, range.start)
                    .map_err(|error| unreadable(uri, &error))?;
                Ok(buffer.into())
            }
            Content::Closed(path, bytes) => {
                let file =
                    regular::open(path.as_path()).map_err(|error| unreadable(uri, &error))?;
                Content::Local(Arc::new(file), *bytes).read(range, uri)
            }
            Content::Fixed(file) => {
                if range.end > file.len() {
                    return Err(short());
                }
                file.read(range)
            }
            Content::Stored(store, key, etag, size) => {
                let bytes = store
                    .read_range_if_unchanged(key, range, etag)
                    .map_err(|error| changed(error, *size))?;
                if bytes.len() as u64 != length {
                    return Err(short());
                }
                Ok(bytes)
            }
            Content::Pieces(pieces, _) => {
                let after = pieces.partition_point(|(start, _)| *start <= range.start);
                let (start, bytes) = after
                    .checked_sub(1)
                    .and_then(|index| pieces.get(index))
                    .ok_or_else(short)?;
                let from = (range.start - start) as usize;
                let to = from.checked_add(length as usize).ok_or_else(short)?;
                if to > bytes.len() {
                    return Err(short());
                }
                Ok(bytes.slice(from..to))
            }
        }
    }

    /// The same file with these ranges in memory, for a decoder that reads in small steps. Fetched
    /// with few requests, in parallel.
    pub(crate) fn fetched(
        &self,
        mut ranges: Vec<Range<u64>>,
        uri: &str,
    ) -> Result<Content, DatasetError> {
        let gap = match self {
            Content::Held(_) | Content::Pieces(..) => return Ok(self.clone()),
            Content::Local(..) | Content::Closed(..) => 0,
            Content::Fixed(file) => {
                for range in &mut ranges {
                    *range = file.whole_pieces(range);
                }
                0
            }
            Content::Stored(..) => COALESCED_GAP_BYTES,
        };
        ranges.sort_unstable_by_key(|range| range.start);
        let requests = coalesce(&ranges, gap);
        let pieces = requests
            .into_par_iter()
            .map(|range| Ok((range.start, self.read(range, uri)?)))
            .collect::<Result<Vec<_>, DatasetError>>()?;
        Ok(Content::Pieces(Arc::new(pieces), self.len()))
    }

    /// Whether the decoder may read the file page by page without delay.
    pub(crate) fn is_quick(&self) -> bool {
        !matches!(
            self,
            Content::Stored(..) | Content::Closed(..) | Content::Fixed(_)
        )
    }

    /// Everything from the beginning, for formats that are read in order.
    pub(crate) fn stream(&self) -> Box<dyn Read + Send> {
        match self {
            Content::Held(bytes) => Box::new(bytes.clone().reader()),
            other => {
                let stream = Stream {
                    content: other.clone(),
                    position: 0,
                };
                let capacity = match other {
                    // Whole pieces, so that none is compared twice.
                    Content::Fixed(file) => file.piece_bytes().max(STREAMED_BYTES),
                    _ => STREAMED_BYTES,
                };
                Box::new(BufReader::with_capacity(capacity as usize, stream))
            }
        }
    }
}

/// Joins sorted ranges with small gaps. A range is never split, so that a page lies in one piece.
fn coalesce(ranges: &[Range<u64>], gap: u64) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last)
                if range.start <= last.end.saturating_add(gap)
                    && (range.start < last.end || range.end - last.start <= COALESCED_BYTES) =>
            {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range.clone()),
        }
    }
    joined
}

/// Reads on from a position, in pieces of the size asked for.
#[derive(Debug)]
pub(crate) struct Stream {
    content: Content,
    position: u64,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.content.available(self.position);
        let length = left.min(buffer.len() as u64);
        if length == 0 {
            return Ok(0);
        }
        let bytes = self
            .content
            .read(self.position..self.position + length, "")
            .map_err(std::io::Error::other)?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.position += length;
        Ok(bytes.len())
    }
}

impl Length for Content {
    fn len(&self) -> u64 {
        Content::len(self)
    }
}

impl ChunkReader for Content {
    type T = BufReader<Stream>;

    /// Used for page headers only, which are short; pages come by `get_bytes`.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let stream = Stream {
            content: self.clone(),
            position: start,
        };
        Ok(BufReader::with_capacity(512, stream))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let end = start.checked_add(length as u64);
        let end = end.filter(|end| *end <= self.len()).ok_or_else(|| {
            ParquetError::EOF(format!(
                "{length} bytes at {start} reach beyond the end of the file"
            ))
        })?;
        self.read(start..end, "")
            .map_err(|error| ParquetError::External(Box::new(error)))
    }
}

/// What a conditional read says of an object that was written or removed since.
fn changed(error: StoreError, expected: u64) -> DatasetError {
    let (uri, found) = match error {
        StoreError::Changed { uri } => (uri, "an object that was written since"),
        StoreError::NotFound { uri } => (uri, "nothing"),
        other => return other.into(),
    };
    DatasetError::DataChanged {
        uri,
        expected: format!("the object of {expected} bytes that was found first"),
        found: found.to_owned(),
    }
}

pub(crate) fn unreadable(uri: &str, error: &std::io::Error) -> DatasetError {
    if error.kind() == std::io::ErrorKind::NotFound {
        return DatasetError::DataNotFound {
            uri: uri.to_owned(),
        };
    }
    DatasetError::Unreadable {
        uri: uri.to_owned(),
        detail: error.to_string(),
    }
}
