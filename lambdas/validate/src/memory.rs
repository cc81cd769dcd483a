//! Whether a data set fits into a function's memory, judged by the sizes of its files.
//!
//! Validation holds the files and, for each row, what its checks need: of compressed Parquet that is
//! several times the file, of CSV less than twice. The factors are on the safe side: a refusal with a
//! name is better than a function that is killed without a word.

use millrace_dataset::{Format, Source};

use crate::ValidateError;

/// The program itself, its threads and buffers.
const BASE_BYTES: u64 = 128 << 20;
/// Bytes of memory for each byte of a Parquet file.
const PARQUET_FACTOR: u64 = 8;
/// Bytes of memory for each byte of a CSV file.
const CSV_FACTOR: u64 = 3;

pub fn check(source: &Source, memory_bytes: Option<u64>) -> Result<(), ValidateError> {
    let Some(memory) = memory_bytes else {
        return Ok(());
    };
    let needed = needed(source.files().iter().map(|file| (file.format, file.bytes)));
    if needed <= memory {
        return Ok(());
    }
    Err(ValidateError::InputTooLarge {
        uri: source.uri().to_owned(),
        bytes: source.files().iter().map(|file| file.bytes).sum(),
        needed_mebibytes: needed >> 20,
        memory_mebibytes: memory >> 20,
    })
}

fn needed(files: impl Iterator<Item = (Format, u64)>) -> u64 {
    files.fold(BASE_BYTES, |sum, (format, bytes)| {
        let factor = match format {
            Format::Parquet => PARQUET_FACTOR,
            Format::Csv => CSV_FACTOR,
        };
        sum.saturating_add(bytes.saturating_mul(factor))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_add_up_and_never_wrap() {
        let files = [(Format::Parquet, 10), (Format::Csv, 100)];
        assert_eq!(needed(files.into_iter()), BASE_BYTES + 380);
        let huge = [(Format::Parquet, u64::MAX), (Format::Csv, u64::MAX)];
        assert_eq!(needed(huge.into_iter()), u64::MAX);
    }
}
