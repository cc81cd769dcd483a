//! The rows that validation put into quarantine, so that reading leaves them out.

use std::collections::{BTreeMap, BTreeSet};

use millrace_contract::stages::DataFiles;
use serde::{Deserialize, Serialize};

use crate::{DatasetError, Source};

/// Row numbers (from 0) by the name of their file below the source, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusions {
    pub files: BTreeMap<String, Vec<u64>>,
}

impl Exclusions {
    /// How many rows are left out.
    pub fn rows(&self) -> u64 {
        self.files.values().map(|rows| rows.len() as u64).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.files.values().all(Vec::is_empty)
    }

    /// Those of the files of a shard. That all files are files of the whole is checked, for row numbers of other data
    /// would leave out the wrong rows.
    pub fn of_shard(
        mut self,
        whole: &DataFiles,
        shard: &Source,
    ) -> Result<Exclusions, DatasetError> {
        let known = |name: &String| {
            let place = whole.files.binary_search_by(|file| file.name.cmp(name));
            place.is_ok()
        };
        if let Some(file) = self.files.keys().find(|name| !known(name)) {
            return Err(DatasetError::ForeignExclusions {
                uri: whole.uri.clone(),
                file: file.clone(),
            });
        }
        let names: BTreeSet<&str> = shard
            .files()
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        self.files.retain(|name, _| names.contains(name.as_str()));
        Ok(self)
    }

    /// The rows to leave out of each of the source's files. That all files are known is checked, since
    /// row numbers of other data would leave out the wrong rows.
    pub(crate) fn by_file<'a>(&'a self, source: &Source) -> Result<Vec<&'a [u64]>, DatasetError> {
        let mut by_file = vec![&[][..]; source.files().len()];
        for (name, rows) in &self.files {
            let index = source
                .files()
                .binary_search_by(|file| file.name.as_str().cmp(name))
                .map_err(|_| DatasetError::ForeignExclusions {
                    uri: source.uri().to_owned(),
                    file: name.clone(),
                })?;
            if !rows.is_sorted() {
                return Err(DatasetError::ForeignExclusions {
                    uri: source.uri().to_owned(),
                    file: format!("{name} with rows out of order"),
                });
            }
            by_file[index] = rows;
        }
        Ok(by_file)
    }
}

/// Of sorted row numbers those in `first..first + rows`, as positions from `first`.
pub(crate) fn within(excluded: &[u64], first: u64, rows: usize) -> Vec<usize> {
    let end = first.saturating_add(rows as u64);
    let from = excluded.partition_point(|row| *row < first);
    excluded[from..]
        .iter()
        .take_while(|row| **row < end)
        .map(|row| (row - first) as usize)
        .collect()
}
