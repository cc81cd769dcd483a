//! A local file whose bytes are known: each piece is compared with its digest before any of it is used.
//!
//! A file may be overwritten in place at any moment, with its length and times as they were. So nothing that the
//! system says of it is asked: what is handed out is what was hashed, from memory of our own.

use std::io::{Error, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use bytes::Bytes;
use millrace_contract::Digest;
use millrace_contract::stages::{DataFile, HeldBy};
use millrace_store::regular;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::content::unreadable;
use crate::DatasetError;

/// Small, so that few bytes are read in vain, and a power of two.
const LEAST_PIECE_BYTES: u64 = 256 << 10;
/// As many digests as the list of files names for one of them at most.
const MOST_PIECES: u64 = 4_096;

/// The length of a file's pieces.
pub(super) fn piece_bytes(bytes: u64) -> u64 {
    let least = bytes.div_ceil(MOST_PIECES).next_power_of_two();
    least.max(LEAST_PIECE_BYTES)
}

/// A file as it was when it was fixed.
#[derive(Debug)]
pub(crate) struct FixedFile {
    path: PathBuf,
    uri: String,
    bytes: u64,
    piece_bytes: u64,
    pieces: Vec<Digest>,
}

impl FixedFile {
    /// Nothing where the list does not name as many digests as the length needs.
    pub(super) fn new(path: PathBuf, uri: &str, file: &DataFile) -> Option<FixedFile> {
        let HeldBy::Pieces { bytes, sha256 } = &file.held_by else {
            return None;
        };
        let fits = *bytes > 0 && file.bytes.div_ceil(*bytes) == sha256.len() as u64;
        fits.then(|| FixedFile {
            path,
            uri: uri.to_owned(),
            bytes: file.bytes,
            piece_bytes: *bytes,
            pieces: sha256.clone(),
        })
    }

    pub(super) fn len(&self) -> u64 {
        self.bytes
    }

    pub(super) fn piece_bytes(&self) -> u64 {
        self.piece_bytes
    }

    /// The range with all of the pieces that it touches.
    pub(super) fn whole_pieces(&self, range: &Range<u64>) -> Range<u64> {
        let start = range.start / self.piece_bytes * self.piece_bytes;
        let end = range.end.div_ceil(self.piece_bytes) * self.piece_bytes;
        start..end.min(self.bytes)
    }

    /// Exactly the bytes of the range, which is not empty and ends inside the file.
    pub(super) fn read(&self, range: Range<u64>) -> Result<Bytes, DatasetError> {
        let whole = self.whole_pieces(&range);
        let buffer = self.buffer(&whole)?;
        let first = (whole.start / self.piece_bytes) as usize;
        let expected = self.pieces.get(first..).unwrap_or_default();
        buffer
            .par_chunks(self.piece_bytes as usize)
            .zip(expected.par_iter())
            .try_for_each(|(piece, expected)| match Digest::of(piece) {
                found if found == *expected => Ok(()),
                _ => Err(self.changed("other bytes of that length")),
            })?;
        let from = (range.start - whole.start) as usize;
        Ok(Bytes::from(buffer).slice(from..from + (range.end - range.start) as usize))
    }

    fn buffer(&self, range: &Range<u64>) -> Result<Vec<u8>, DatasetError> {
        let failed = |error: Error| match error.kind() {
            ErrorKind::NotFound => self.changed("nothing"),
            ErrorKind::UnexpectedEof => self.changed("fewer bytes"),
            _ => unreadable(&self.uri, &error),
        };
        let file = regular::open(&self.path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length != self.bytes {
            return Err(self.changed(&format!("{length} bytes")));
        }
        let mut buffer = vec![0; (range.end - range.start) as usize];
        file.read_exact_at(&mut buffer, range.start)
            .map_err(failed)?;
        Ok(buffer)
    }

    fn changed(&self, found: &str) -> DatasetError {
        DatasetError::DataChanged {
            uri: self.uri.clone(),
            expected: format!("the {} bytes that were validated", self.bytes),
            found: found.to_owned(),
        }
    }
}

/// Takes the digests of a file and of its pieces in one pass.
pub(super) struct Hasher {
    piece_bytes: u64,
    whole: Sha256,
    pieces: Vec<Digest>,
}

impl Hasher {
    pub(super) fn new(bytes: u64) -> Hasher {
        Hasher {
            piece_bytes: piece_bytes(bytes),
            whole: Sha256::new(),
            pieces: Vec::new(),
        }
    }

    /// How many bytes `add` takes at once: whole pieces.
    pub(super) fn step_bytes(&self) -> u64 {
        self.piece_bytes.max(4 << 20)
    }

    /// The next bytes: as many as `step_bytes` says, but for the last.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let (whole, pieces) = rayon::join(
            || self.whole.clone().chain_update(bytes),
            || {
                let pieces = bytes.par_chunks(self.piece_bytes as usize);
                pieces.map(Digest::of).collect::<Vec<_>>()
            },
        );
        self.whole = whole;
        self.pieces.extend(pieces);
    }

    /// The digest of everything, and of the pieces.
    pub(super) fn finish(self) -> (Digest, HeldBy) {
        let pieces = HeldBy::Pieces {
            bytes: self.piece_bytes,
            sha256: self.pieces,
        };
        (Digest::from_hasher(self.whole), pieces)
    }
}
