//! A file without a name that whole numbers of 64 bits are written to, and read from at any place.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;

use millrace_store::Scratch;

use crate::DatasetError;
use crate::scratch::{no_scratch, scratch_file};

const BUFFER_BYTES: usize = 1 << 18;

#[derive(Debug)]
pub(crate) struct Aside {
    _scratch: Scratch,
    writer: BufWriter<File>,
    words: u64,
}

impl Aside {
    pub(crate) fn new() -> Result<Aside, DatasetError> {
        let (scratch, file) = scratch_file()?;
        Ok(Aside {
            _scratch: scratch,
            writer: BufWriter::with_capacity(BUFFER_BYTES, file),
            words: 0,
        })
    }

    /// How many words were written.
    pub(crate) fn words(&self) -> u64 {
        self.words
    }

    pub(crate) fn write(&mut self, word: u64) -> Result<(), DatasetError> {
        self.words += 1;
        self.writer
            .write_all(&word.to_le_bytes())
            .map_err(no_scratch)
    }

    /// Ends the writing: from here on the words can be read.
    pub(crate) fn flush(&mut self) -> Result<(), DatasetError> {
        self.writer.flush().map_err(no_scratch)
    }

    /// So many words from a place on.
    pub(crate) fn read(&self, from: u64, count: usize) -> Result<Vec<u64>, DatasetError> {
        let mut bytes = vec![0; count * 8];
        let file = self.writer.get_ref();
        file.read_exact_at(&mut bytes, from * 8)
            .map_err(no_scratch)?;
        let words = bytes.chunks_exact(8).map(|bytes| {
            let mut word = [0; 8];
            word.copy_from_slice(bytes);
            u64::from_le_bytes(word)
        });
        Ok(words.collect())
    }
}
