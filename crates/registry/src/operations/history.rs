//! What happened, and who was live when.

use jiff::Timestamp;
use millrace_contract::{ModelName, RunId, Version};
use serde::Serialize;

use crate::document::entry::Entry;
use crate::error::RegistryError;
use crate::registry::Registry;

/// Which version was live at a moment, since when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LiveAt {
    pub model_name: ModelName,
    pub at: Timestamp,
    /// None: no version was live.
    pub version: Option<Version>,
    /// Of the entry that made it so; none before the first one.
    pub since: Option<Timestamp>,
    pub sequence: Option<u64>,
    pub who: Option<String>,
    pub why: Option<String>,
    pub run_id: Option<RunId>,
}

impl Registry {
    /// All of it, oldest first.
    pub fn history(&self) -> Result<Vec<Entry>, RegistryError> {
        let document = self.load()?.document;
        let entries = self.entries_after(&document, 0)?;
        match crate::document::check::fault_of_sequence(&entries, 1) {
            Some(fault) => Err(self.damaged(fault)),
            None => Ok(entries),
        }
    }

    pub fn live_at(&self, at: Timestamp) -> Result<LiveAt, RegistryError> {
        let entries = self.history()?;
        let until = entries.partition_point(|entry| entry.at <= at);
        let past = &entries[..until];
        let version = past.last().and_then(|entry| entry.live_after);
        let made_so = past
            .iter()
            .rev()
            .take_while(|entry| entry.live_after == version)
            .last();
        Ok(LiveAt {
            model_name: self.name.clone(),
            at,
            version,
            since: made_so.map(|entry| entry.at),
            sequence: made_so.map(|entry| entry.sequence),
            who: made_so.map(|entry| entry.who.clone()),
            why: made_so.and_then(|entry| entry.why.clone()),
            run_id: made_so.and_then(|entry| entry.run_id.clone()),
        })
    }
}
