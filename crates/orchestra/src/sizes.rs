//! How large things may be where the machines run: here a machine of one's own, unless it shall behave as an account does.

use std::collections::BTreeMap;

/// Without a word, what this machine is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The memory of each function. A validation that needs more goes on in a container.
    pub function_memory_bytes: Option<u64>,
    /// What a shard has of the input.
    pub bytes_per_shard: Option<u64>,
}

impl Sizes {
    /// What these sizes put in the place of `local_substitutions`.
    pub(crate) fn substitutions(self) -> BTreeMap<String, String> {
        let shard = self.bytes_per_shard.map(|bytes| bytes.to_string());
        let shard = shard.map(|bytes| ("BytesPerShard".to_owned(), bytes));
        shard.into_iter().collect()
    }
}
