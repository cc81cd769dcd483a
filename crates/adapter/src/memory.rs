//! Whether what a function is asked fits into its memory, judged by the sizes of the objects that it reads.
//!
//! Rows are held as files and, for each row, as what the work needs: of compressed Parquet that is several
//! times the file, of CSV less. The factors are on the safe side: a refusal with a name is better than a
//! function that is killed without a word.

use millrace_contract::NamedError;

/// The program itself, its threads and buffers.
pub const BASE_BYTES: u64 = 128 << 20;

/// How an object lies in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Parquet,
    Csv,
    /// Models and documents.
    Other,
}

impl Form {
    /// Bytes of memory for each byte of an object.
    fn factor(self) -> u64 {
        match self {
            Form::Parquet | Form::Other => 8,
            Form::Csv => 3,
        }
    }
}

/// What a function was asked for is more than it can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{uri} has {bytes} bytes of data, which need about {needed_mebibytes} MiB of memory, and there are {memory_mebibytes} MiB: \
     give the function more memory, or split the data"
)]
pub struct InputTooLarge {
    pub uri: String,
    pub bytes: u64,
    pub needed_mebibytes: u64,
    pub memory_mebibytes: u64,
}

impl NamedError for InputTooLarge {
    fn name(&self) -> &str {
        "InputTooLarge"
    }
}

/// Refuses objects that cannot fit. Where the memory is not limited, everything fits.
pub fn check(
    uri: &str,
    objects: &[(Form, u64)],
    memory_bytes: Option<u64>,
) -> Result<(), InputTooLarge> {
    let needed = needed(objects);
    match memory_bytes {
        Some(memory) if needed > memory => Err(InputTooLarge {
            uri: uri.to_owned(),
            bytes: objects
                .iter()
                .fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes)),
            needed_mebibytes: needed >> 20,
            memory_mebibytes: memory >> 20,
        }),
        _ => Ok(()),
    }
}

fn needed(objects: &[(Form, u64)]) -> u64 {
    objects.iter().fold(BASE_BYTES, |sum, (form, bytes)| {
        sum.saturating_add(bytes.saturating_mul(form.factor()))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sizes_add_up_and_never_wrap() {
        assert_eq!(
            needed(&[(Form::Parquet, 10), (Form::Csv, 100)]),
            BASE_BYTES + 380
        );
        let huge = [(Form::Parquet, u64::MAX), (Form::Csv, u64::MAX)];
        assert_eq!(needed(&huge), u64::MAX);
        assert_eq!(
            check("d", &huge, Some(1 << 30)).unwrap_err().bytes,
            u64::MAX
        );
    }

    #[test]
    fn only_a_limit_is_a_limit() {
        let rows = [(Form::Parquet, 100 << 20)];
        assert_eq!(check("d", &rows, None), Ok(()));
        assert_eq!(check("d", &rows, Some(1 << 30)), Ok(()));
        let error = check("d", &rows, Some(512 << 20)).unwrap_err();
        assert_eq!((error.needed_mebibytes, error.memory_mebibytes), (928, 512));
    }
}
