//! The registry document of one model: small, whole, and the only thing that ever changes.
//!
//! Its size is bounded but for its versions: some 600 bytes each, for ever (also pruned ones, whose
//! numbers are never given again), and one line per hundred entries of archived history.

pub(crate) mod check;
pub mod entry;
pub(crate) mod seal;
pub mod state;

use std::collections::BTreeMap;

use jiff::Timestamp;
use millrace_contract::{Digest, ModelName, ObjectRef, RunId, Version};
use serde::{Deserialize, Serialize};

use crate::error::RegistryError;
use crate::manifest::evidence::Verdicts;
use crate::manifest::number::Basis;
use crate::request::Request;
use entry::{Draft, Entry};
use state::State;

/// The form of the document that this program reads and writes.
pub(crate) const FORMAT: u32 = 1;
/// With more entries than this, the oldest move to an archive at the next change.
pub const HISTORY_IN_DOCUMENT: usize = 200;
/// So many of the newest entries stay.
pub const HISTORY_LEFT_IN_DOCUMENT: usize = 100;
/// How far back rollbacks can go, one after the other.
pub(crate) const PREVIOUS_LIVE_KEPT: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub format: u32,
    pub model_name: ModelName,
    /// Larger in every accepted document than in the one before.
    pub revision: u64,
    pub versions: BTreeMap<Version, VersionEntry>,
    /// Numbers whose run has not finished registering. They are never given to another run.
    pub reservations: BTreeMap<Version, Reservation>,
    /// `live` is not among them: it follows from the states.
    pub aliases: BTreeMap<String, Version>,
    /// What a rollback returns to, the last one first.
    pub previous_live: Vec<Version>,
    /// Older history, oldest first.
    pub archives: Vec<Archive>,
    /// The newest entries, oldest first.
    pub history: Vec<Entry>,
}

/// A registered version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionEntry {
    pub state: State,
    pub run_id: RunId,
    pub registered_at: Timestamp,
    pub manifest: ObjectRef,
    /// The digest of what the run came to: its files, and whether it was rejected.
    pub results: Digest,
    pub basis: Basis,
    pub verdicts: Verdicts,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// When its files were deleted. Its manifest stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pruned_at: Option<Timestamp>,
}

impl VersionEntry {
    /// A candidate whose gates lacked evidence, and that no person has promoted.
    pub(crate) fn is_undecided(&self) -> bool {
        self.state == State::Candidate && !self.verdicts.passed()
    }
}

/// A number that was given to a run before its files are in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reservation {
    pub run_id: RunId,
    /// The digest of all that its manifest will hold, so that the manifest is written only one way.
    pub fingerprint: Digest,
    pub basis: Basis,
    pub reserved_at: Timestamp,
    pub writer_id: String,
    /// Nobody will finish it: the number stays unused.
    pub abandoned: bool,
}

/// Entries that were moved out of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    pub first_sequence: u64,
    pub last_sequence: u64,
    pub object: ObjectRef,
}

impl Document {
    pub(crate) fn new(model_name: ModelName) -> Self {
        Document {
            format: FORMAT,
            model_name,
            revision: 0,
            versions: BTreeMap::new(),
            reservations: BTreeMap::new(),
            aliases: BTreeMap::new(),
            previous_live: Vec::new(),
            archives: Vec::new(),
            history: Vec::new(),
        }
    }

    pub fn live(&self) -> Option<Version> {
        let live = |(_, entry): &(&Version, &VersionEntry)| entry.state == State::Live;
        self.versions.iter().find(live).map(|(version, _)| *version)
    }

    /// The number of the newest entry; 0 when there is none.
    pub fn last_sequence(&self) -> u64 {
        let archived = self.archives.last().map_or(0, |last| last.last_sequence);
        self.history.last().map_or(archived, |last| last.sequence)
    }

    pub fn aliases_of(&self, version: Version) -> Vec<String> {
        let live = (self.live() == Some(version)).then(|| "live".to_owned());
        let named = self.aliases.iter().filter(|(_, to)| **to == version);
        live.into_iter()
            .chain(named.map(|(alias, _)| alias.clone()))
            .collect()
    }

    pub(crate) fn entry(&self, version: Version) -> Result<&VersionEntry, RegistryError> {
        let missing = || self.version_not_found(version);
        self.versions.get(&version).ok_or_else(missing)
    }

    pub(crate) fn entry_mut(
        &mut self,
        version: Version,
    ) -> Result<&mut VersionEntry, RegistryError> {
        let missing = self.version_not_found(version);
        self.versions.get_mut(&version).ok_or(missing)
    }

    fn version_not_found(&self, wanted: Version) -> RegistryError {
        RegistryError::VersionNotFound {
            name: self.model_name.clone(),
            wanted,
            known: self.known_versions(),
        }
    }

    /// The newest versions, for messages.
    fn known_versions(&self) -> String {
        const SHOWN: usize = 10;
        let newest: Vec<String> = self
            .versions
            .keys()
            .rev()
            .take(SHOWN)
            .map(Version::to_string)
            .collect();
        match self.versions.len() {
            0 => "none yet".to_owned(),
            count if count > SHOWN => format!("{} and {} older", newest.join(", "), count - SHOWN),
            _ => newest.join(", "),
        }
    }

    /// Changes the state of a version, if the table allows it. Gives back the old one.
    pub(crate) fn move_to(&mut self, version: Version, to: State) -> Result<State, RegistryError> {
        let name = self.model_name.clone();
        let entry = self.entry_mut(version)?;
        let from = entry.state;
        if !from.may_become(to) {
            let allowed = from.allowed_moves();
            return Err(RegistryError::MoveNotAllowed {
                name,
                version,
                from,
                to,
                allowed,
            });
        }
        if entry.pruned_at.is_some() && to != State::Rejected {
            return Err(RegistryError::VersionPruned { name, version });
        }
        entry.state = to;
        Ok(from)
    }

    /// Whether a rollback may still return to it.
    pub(crate) fn can_return_to(&self, version: Version) -> bool {
        self.versions
            .get(&version)
            .is_some_and(|entry| entry.state.may_become(State::Live) && entry.pruned_at.is_none())
    }

    pub(crate) fn version_of_run(&self, run: &RunId) -> Option<Version> {
        let of_run = |(_, entry): &(&Version, &VersionEntry)| entry.run_id == *run;
        self.versions
            .iter()
            .find(of_run)
            .map(|(version, _)| *version)
    }

    pub(crate) fn reservation_of_run(&self, run: &RunId) -> Option<Version> {
        let of_run = |(_, held): &(&Version, &Reservation)| held.run_id == *run && !held.abandoned;
        self.reservations
            .iter()
            .find(of_run)
            .map(|(version, _)| *version)
    }

    /// The highest number ever given, and what it was given for.
    pub(crate) fn latest(&self) -> Option<(Version, &Basis)> {
        let registered = self
            .versions
            .last_key_value()
            .map(|(v, entry)| (*v, &entry.basis));
        let reserved = self
            .reservations
            .last_key_value()
            .map(|(v, held)| (*v, &held.basis));
        registered
            .into_iter()
            .chain(reserved)
            .max_by_key(|(version, _)| *version)
    }

    /// Where a rollback would lead.
    pub fn rollback_target(&self) -> Option<Version> {
        let usable = |version: &Version| self.can_return_to(*version);
        self.previous_live.iter().rev().copied().find(usable)
    }

    /// Seals what an operation did into the next document: its entries, in order, and a new revision.
    pub(crate) fn record(
        &mut self,
        drafts: Vec<Draft>,
        live_before: Option<Version>,
        request: &Request,
        writer_id: &str,
        change_id: &str,
    ) {
        let live_after = self.live();
        let mut before = live_before;
        for draft in drafts {
            let newest = self.history.last().map(|entry| entry.at);
            // The document's history is never empty once it has archives, so this sees every entry.
            let at = newest.map_or(request.now, |newest| newest.max(request.now));
            let sequence = self.last_sequence() + 1;
            self.history.push(Entry {
                sequence,
                at,
                clock_said: (at != request.now).then_some(request.now),
                who: request.who.clone(),
                action: draft.action,
                version: draft.version,
                from: draft.from,
                to: draft.to,
                live_before: before,
                live_after,
                alias: draft.alias,
                alias_before: draft.alias_before,
                why: draft.why.or_else(|| request.why.clone()),
                run_id: draft.run_id.or_else(|| request.run_id.clone()),
                verdicts: draft.verdicts,
                writer_id: writer_id.to_owned(),
                change_id: change_id.to_owned(),
            });
            before = live_after;
        }
        self.revision += 1;
    }
}
