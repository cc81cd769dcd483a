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

// What follows is measured: `make simulate-scale` prints the peaks, and docs/PERFORMANCE.md says what was seen.

/// What a validation holds for each row, wherever its values lie: a bit for each kind of fault, and what is merged.
pub const VALIDATE_BYTES_PER_ROW: u64 = 4;
/// What training holds of a value, a row in a column that is read: the table.
const TRAIN_BYTES_PER_VALUE: u64 = 16;
/// And each of its workers: the rows of a fold, and their bins.
const TRAIN_BYTES_PER_VALUE_AND_WORKER: u64 = 16;
/// The id of a row, and the order of the rows.
const TRAIN_BYTES_PER_ROW: u64 = 160;

/// What training holds for each row that it uses.
pub fn training_bytes_per_row(columns: usize, workers: usize) -> u64 {
    let of_a_value = TRAIN_BYTES_PER_VALUE + workers as u64 * TRAIN_BYTES_PER_VALUE_AND_WORKER;
    TRAIN_BYTES_PER_ROW + columns as u64 * of_a_value
}

/// What scoring holds of the largest row group, for each of its bytes in the file.
pub const SCORE_BYTES_PER_BYTE: u64 = 3;

/// What a container is about to need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The container's name in `infra/config`.
    pub container: &'static str,
    /// What there is so much of: rows, or bytes.
    pub amount: u64,
    pub unit: &'static str,
    pub bytes_for_each: u64,
    /// What can be done other than to give it more memory.
    pub advice: &'static str,
}

impl Need {
    pub fn bytes(&self) -> u64 {
        BASE_BYTES.saturating_add(self.amount.saturating_mul(self.bytes_for_each))
    }

    /// Refuses what cannot fit, before any of it is read. Where the memory is not limited, everything fits.
    pub fn check(&self, uri: &str, memory_bytes: Option<u64>) -> Result<(), OutOfMemory> {
        match memory_bytes {
            Some(memory) if self.bytes() > memory => Err(OutOfMemory {
                uri: uri.to_owned(),
                need: *self,
                memory_mebibytes: memory >> 20,
            }),
            _ => Ok(()),
        }
    }
}

/// A container would have been killed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{uri} has {} {}, which need about {} MiB of memory, and there are {memory_mebibytes} MiB: raise \
     containers.{}.memoryMiB in infra/config, or {}",
    need.amount, need.unit, need.bytes() >> 20, need.container, need.advice
)]
pub struct OutOfMemory {
    pub uri: String,
    pub need: Need,
    pub memory_mebibytes: u64,
}

impl NamedError for OutOfMemory {
    fn name(&self) -> &str {
        "OutOfMemory"
    }
}

/// What the control group of this process may use; nothing where it has no limit.
pub(crate) fn of_control_group() -> Option<u64> {
    let files = [
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ];
    let limits = files.into_iter().filter_map(|file| {
        let text = std::fs::read_to_string(file).ok()?;
        limit(&text)
    });
    limits.min()
}

/// `max`, or what the first version writes for it: more than any machine has.
fn limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < 1 << 60)
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
    fn a_container_is_told_what_to_raise() {
        let need = Need {
            container: "training",
            amount: 1 << 20,
            unit: "rows",
            bytes_for_each: 1_024,
            advice: "set rows.most",
        };
        assert_eq!(need.check("d", None), Ok(()));
        assert_eq!(need.check("d", Some(need.bytes())), Ok(()));
        let error = need.check("d", Some(need.bytes() - 1)).unwrap_err();
        assert_eq!(error.name(), "OutOfMemory");
        let said = error.to_string();
        assert!(
            said.contains("1048576 rows, which need about 1152 MiB")
                && said.contains("containers.training.memoryMiB"),
            "{said}"
        );
        assert_eq!(limit("max\n"), None);
        assert_eq!(limit("9223372036854771712\n"), None);
        assert_eq!(limit("1073741824\n"), Some(1 << 30));
    }

    #[test]
    fn every_worker_of_a_training_has_rows_of_its_own() {
        let with = |workers| training_bytes_per_row(75, workers);
        assert_eq!(with(1), 160 + 75 * 32);
        assert_eq!(with(8) - with(2), 6 * (with(2) - with(1)));
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
