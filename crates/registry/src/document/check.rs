//! What must hold in every registry document, however it came about.

use std::collections::BTreeSet;

use super::state::State;
use super::{Document, FORMAT};
use crate::document::entry::Entry;

impl Document {
    /// The first law that the document breaks.
    pub(crate) fn fault(&self) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!(
                "its format is {}, and this program knows {FORMAT}: use a newer program",
                self.format
            ));
        }
        self.fault_of_versions()
            .or_else(|| self.fault_of_aliases())
            .or_else(|| self.fault_of_history())
    }

    fn fault_of_versions(&self) -> Option<String> {
        let live = self.versions.values().filter(|v| v.state == State::Live);
        if live.count() > 1 {
            return Some("more than one version is live".to_owned());
        }
        let twice = self
            .reservations
            .keys()
            .find(|version| self.versions.contains_key(version));
        if let Some(version) = twice {
            return Some(format!("{version} is both reserved and registered"));
        }
        let unfinished = self.reservations.values().filter(|r| !r.abandoned);
        let runs = self.versions.values().map(|v| &v.run_id);
        let mut seen = BTreeSet::new();
        let again = runs
            .chain(unfinished.map(|r| &r.run_id))
            .find(|run| !seen.insert(*run));
        if let Some(run) = again {
            return Some(format!("run {run} has two versions"));
        }
        let pruned_and_used = self.versions.iter().find(|(_, entry)| {
            entry.pruned_at.is_some() && matches!(entry.state, State::Live | State::Staging)
        });
        pruned_and_used.map(|(version, entry)| format!("{version} is {} but pruned", entry.state))
    }

    fn fault_of_aliases(&self) -> Option<String> {
        let unusable = |version| {
            self.versions
                .get(version)
                .is_none_or(|entry| entry.state == State::Rejected || entry.pruned_at.is_some())
        };
        let alias = self.aliases.iter().find(|(_, version)| unusable(version));
        if let Some((alias, version)) = alias {
            return Some(format!(
                "alias {alias} points to {version}, which cannot be used"
            ));
        }
        let previous = self
            .previous_live
            .iter()
            .find(|version| !self.versions.contains_key(version));
        previous.map(|version| format!("{version} was live but is not registered"))
    }

    fn fault_of_history(&self) -> Option<String> {
        let mut next = 1;
        for archive in &self.archives {
            if archive.first_sequence != next || archive.last_sequence < next {
                return Some(format!("its archived history has a gap at entry {next}"));
            }
            next = archive.last_sequence.saturating_add(1);
        }
        let Some(last) = self.history.last() else {
            return Some("its history is empty".to_owned());
        };
        if last.live_after != self.live() {
            return Some("its history and its states disagree on which version is live".to_owned());
        }
        fault_of_sequence(&self.history, next)
    }
}

/// History is linear: numbered without a gap, forward in time, each entry going on from the last.
pub(crate) fn fault_of_sequence(entries: &[Entry], first: u64) -> Option<String> {
    let mut before: Option<&Entry> = None;
    for (entry, expected) in entries.iter().zip(first..) {
        if entry.sequence != expected {
            return Some(format!("its history has a gap at entry {expected}"));
        }
        if before.is_some_and(|before| before.at > entry.at) {
            return Some(format!("entry {expected} of its history goes back in time"));
        }
        if before.is_some_and(|before| before.live_after != entry.live_before) {
            return Some(format!(
                "entry {expected} of its history does not go on from the one before"
            ));
        }
        before = Some(entry);
    }
    None
}
