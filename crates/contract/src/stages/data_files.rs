//! The files of a data set as validation found them: what every later reader of the run is held to.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::artifact::Digest;

/// `data_files.json`. It lies in the run's folder; its reference travels, and a reader for learning or scoring
/// is made of it and of nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFiles {
    pub version: DataFilesVersion,
    /// Where the data is, absolute: a run that is taken up from another folder reads the same files.
    pub uri: String,
    /// The local folder or the store in which the files lie.
    pub root: String,
    /// Their folder in that store; empty when it is the store itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// Sorted by name.
    pub files: Vec<DataFile>,
}

/// The forms of this document that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataFilesVersion {
    /// A shard is the files whose place in the list is its number, modulo how many shards there are.
    #[serde(rename = "1")]
    First,
    /// Large files say what their row groups are, and shards are parts of about the same size: see `division`.
    #[serde(rename = "2")]
    Second,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// The path below `root` and `folder`.
    pub name: String,
    pub bytes: u64,
    pub sha256: Digest,
    pub held_by: HeldBy,
    /// The bytes of each row group, of a Parquet file that is large enough to be divided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row_groups: Vec<u64>,
}

/// How a reader sees that the bytes it gets are these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    /// Every request asks for the object in this state.
    EntityTag(String),
    /// Each piece that is read is compared before it is used: a local file has no state to ask for.
    Pieces { bytes: u64, sha256: Vec<Digest> },
}

impl DataFiles {
    /// All bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files
            .iter()
            .fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    /// One digest of all names and contents.
    pub fn digest(&self) -> Digest {
        let mut listing = Sha256::new();
        for file in &self.files {
            // Length first, so that no name can look like several entries.
            let line = format!("{} {} {}\n", file.name.len(), file.name, file.sha256);
            listing.update(line);
        }
        Digest::from_hasher(listing)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files() -> DataFiles {
        DataFiles {
            version: DataFilesVersion::Second,
            uri: "s3://bucket/customers".into(),
            root: "s3://bucket".into(),
            folder: "customers".into(),
            files: vec![DataFile {
                name: "part-0.parquet".into(),
                bytes: 4,
                sha256: Digest::of(b"rows"),
                held_by: HeldBy::EntityTag("\"1\"".into()),
                row_groups: Vec::new(),
            }],
        }
    }

    #[test]
    fn a_list_of_another_version_is_not_read() {
        let text = serde_json::to_string(&files()).unwrap();
        assert_eq!(
            serde_json::from_str::<DataFiles>(&text).unwrap(),
            files(),
            "{text}"
        );
        let newer = text.replace("\"version\":\"2\"", "\"version\":\"3\"");
        assert_ne!(newer, text);
        assert!(serde_json::from_str::<DataFiles>(&newer).is_err());
    }

    #[test]
    fn the_digest_follows_names_and_contents_and_not_the_place() {
        let mut other = files();
        other.uri = "/tmp/customers".into();
        other.root = "/tmp/customers".into();
        other.folder = String::new();
        assert_eq!(other.digest(), files().digest());
        other.files[0].name = "part-1.parquet".into();
        assert_ne!(other.digest(), files().digest());
    }
}
