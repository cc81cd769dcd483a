//! How much of a table may lie in memory while it is checked. What has no room there lies on disk, in files
//! without a name.

/// The memory of one validation, beside what each row group needs while it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    bytes: u64,
}

/// A value that is sorted takes its own bytes, and those of its key and of the place that the key moves to.
const BYTES_PER_VALUE: u64 = 24;
/// Every value that a rule reads.
const BYTES_PER_KEPT: u64 = 8;
/// A row that may repeat another: its id, two digests and their places in tables.
const BYTES_PER_SUSPECT: u64 = 256;
/// Text of CSV becomes arrays with an offset for each value.
const BYTES_PER_CSV_BYTE: u64 = 3;

impl Room {
    /// What a process that asks for nothing takes: tables of ten million rows stay in memory.
    pub const USUAL: Room = Room { bytes: 2 << 30 };

    pub fn of(bytes: u64) -> Room {
        Room { bytes }
    }

    /// How many values of a column are sorted in memory at once: columns are checked side by side.
    pub(super) fn values(self) -> usize {
        let cores = rayon::current_num_threads().max(1) as u64;
        count(self.bytes / 2 / cores / BYTES_PER_VALUE)
    }

    /// How many values of each of the columns that rules read stay in memory.
    pub(super) fn kept(self, columns: usize) -> usize {
        count(self.bytes / 4 / BYTES_PER_KEPT / columns.max(1) as u64)
    }

    /// How many rows are compared with each other at once.
    pub(super) fn suspects(self) -> u64 {
        (self.bytes / 4 / BYTES_PER_SUSPECT).max(1)
    }

    /// Whether CSV of this size stays in memory.
    pub(super) fn holds_csv(self, bytes: u64) -> bool {
        bytes.saturating_mul(BYTES_PER_CSV_BYTE) <= self.bytes / 4
    }
}

/// At least one, or nothing could be done at all.
fn count(values: u64) -> usize {
    usize::try_from(values).unwrap_or(usize::MAX).max(1)
}

impl Default for Room {
    fn default() -> Room {
        Room::USUAL
    }
}
