//! What there is: the models of a store, the versions of a model, one version in full.

use jiff::Timestamp;
use millrace_contract::{ModelName, RunId, Version};
use millrace_store::Store;
use serde::Serialize;

use super::resolve::version_of;
use crate::document::Document;
use crate::document::entry::Entry;
use crate::document::state::State;
use crate::error::RegistryError;
use crate::keys;
use crate::manifest::Manifest;
use crate::manifest::evidence::Verdicts;
use crate::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    pub model_name: ModelName,
    pub revision: u64,
    pub live: Option<Version>,
    /// What a rollback would return to.
    pub rollback_target: Option<Version>,
    /// The newest first.
    pub versions: Vec<VersionSummary>,
    /// Numbers of runs that are registering at this moment, or died while they did.
    pub unfinished: Vec<Version>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionSummary {
    pub version: Version,
    pub state: State,
    pub aliases: Vec<String>,
    pub registered_at: Timestamp,
    pub run_id: RunId,
    pub verdicts: Verdicts,
    pub reasons: Vec<String>,
    pub pruned_at: Option<Timestamp>,
}

/// One version in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    pub summary: VersionSummary,
    pub manifest: Manifest,
    /// The entries that are about it, oldest first.
    pub history: Vec<Entry>,
}

/// The names of the models that have a registry document, or copies of one.
pub fn models(store: &Store) -> Result<Vec<ModelName>, RegistryError> {
    let mut names = Vec::new();
    for info in store.list(keys::MODELS)? {
        let below = info.key.as_str().strip_prefix(keys::MODELS);
        let Some((name, rest)) = below.and_then(|below| below.split_once('/')) else {
            continue;
        };
        let known = rest == keys::DOCUMENT || rest.starts_with("registry-history/");
        let Ok(name) = ModelName::new(name) else {
            continue; // Not made by a registry.
        };
        if known && names.last() != Some(&name) {
            names.push(name);
        }
    }
    names.dedup();
    Ok(names)
}

impl Registry {
    pub fn list(&self) -> Result<Listing, RegistryError> {
        let document = self.load()?.document;
        let mut versions = Vec::new();
        for version in document.versions.keys().rev() {
            versions.push(summary(&document, *version)?);
        }
        let unfinished = document
            .reservations
            .iter()
            .filter(|(_, held)| !held.abandoned);
        Ok(Listing {
            model_name: self.name.clone(),
            revision: document.revision,
            live: document.live(),
            rollback_target: document.rollback_target(),
            versions,
            unfinished: unfinished.map(|(version, _)| *version).collect(),
        })
    }

    /// `live`, an alias or a number.
    pub fn show(&self, reference: &str) -> Result<Shown, RegistryError> {
        let document = self.load()?.document;
        let version = version_of(&document, reference)?;
        let mut history = self.entries_after(&document, 0)?;
        history
            .retain(|entry| entry.version == Some(version) || entry.alias_before == Some(version));
        Ok(Shown {
            summary: summary(&document, version)?,
            manifest: self.manifest_in(&document, version)?,
            history,
        })
    }
}

fn summary(document: &Document, version: Version) -> Result<VersionSummary, RegistryError> {
    let entry = document.entry(version)?;
    Ok(VersionSummary {
        version,
        state: entry.state,
        aliases: document.aliases_of(version),
        registered_at: entry.registered_at,
        run_id: entry.run_id.clone(),
        verdicts: entry.verdicts,
        reasons: entry.reasons.clone(),
        pruned_at: entry.pruned_at,
    })
}
