//! The manifest of a version: what its files must be, why it may be used, and where it came from.

pub mod evidence;
pub mod number;

use jiff::Timestamp;
use millrace_contract::{ModelName, ObjectRef, Version};
use serde::{Deserialize, Serialize};

use evidence::{Evidence, Lineage};

pub(crate) const FORMAT: u32 = 1;

/// Immutable. It holds nothing that differs between two registrations of the same run, so that a
/// repetition after a crash writes the same bytes; who wrote it is in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub model_name: ModelName,
    pub version: Version,
    /// When its number was given.
    pub created_at: Timestamp,
    /// Below the version's folder, sorted by key.
    pub files: Vec<ObjectRef>,
    pub evidence: Evidence,
    pub lineage: Lineage,
    /// Why it was rejected at once; empty for a candidate.
    pub rejected_because: Vec<String>,
}

impl Manifest {
    /// The file of that name in the version's folder.
    pub fn file(&self, name: &str) -> Option<&ObjectRef> {
        let named = |object: &&ObjectRef| file_name(object) == name;
        self.files.iter().find(named)
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

pub(crate) fn file_name(object: &ObjectRef) -> &str {
    object.key.rsplit('/').next().unwrap_or(&object.key)
}
