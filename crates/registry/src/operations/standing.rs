//! Which versions readers may see the scores of, as the document says at one moment.

use std::collections::BTreeMap;

use millrace_contract::{ModelName, Version};

use crate::document::{Document, VersionEntry};
use crate::error::RegistryError;
use crate::manifest::Manifest;
use crate::registry::Registry;

/// Asked for anew before each write that shows scores.
#[derive(Debug, Clone)]
pub struct Standing {
    name: ModelName,
    versions: BTreeMap<Version, VersionEntry>,
}

/// Why a version may not serve.
enum Hindrance<'a> {
    /// It has no number, or none of this model's.
    Unregistered,
    Rejected(&'a [String]),
    /// Its gates lacked evidence, and no person has decided to use it all the same.
    Undecided(&'a VersionEntry),
    /// Nothing is left that could be looked at.
    Pruned,
}

impl Registry {
    /// Of a model that was never registered no version may serve.
    pub fn standing(&self) -> Result<Standing, RegistryError> {
        Ok(Standing::of(self.load_or_new()?.document))
    }

    /// The manifest of a version that may serve: the one that the document vouches for, and signed by whom
    /// it must be.
    pub fn vouch_for(&self, version: &str) -> Result<Manifest, RegistryError> {
        let document = self.load_or_new()?.document;
        Standing::of(document.clone()).may_serve(version)?;
        let version = version.parse().map_err(|_| self.unregistered(version))?;
        let manifest = self.manifest_in(&document, version)?;
        self.check_signature(&manifest)?;
        Ok(manifest)
    }

    fn unregistered(&self, version: &str) -> RegistryError {
        refusal(&self.name, version, &Hindrance::Unregistered)
    }
}

impl Standing {
    fn of(document: Document) -> Standing {
        Standing {
            name: document.model_name,
            versions: document.versions,
        }
    }

    /// Whether scores of the version may be shown that are not shown yet.
    pub fn may_serve(&self, version: &str) -> Result<(), RegistryError> {
        match self.hindrance(version) {
            None => Ok(()),
            Some(hindrance) => Err(refusal(&self.name, version, &hindrance)),
        }
    }

    /// Whether scores of the version that are shown may stay: pruning takes back no day.
    pub fn may_stay(&self, version: &str) -> Result<(), RegistryError> {
        match self.hindrance(version) {
            None | Some(Hindrance::Pruned) => Ok(()),
            Some(hindrance) => Err(refusal(&self.name, version, &hindrance)),
        }
    }

    fn hindrance(&self, version: &str) -> Option<Hindrance<'_>> {
        let number = version.parse::<Version>().ok();
        let Some(entry) = number.and_then(|number| self.versions.get(&number)) else {
            return Some(Hindrance::Unregistered);
        };
        if !entry.state.may_serve() {
            return Some(Hindrance::Rejected(&entry.reasons));
        }
        if entry.is_undecided() {
            return Some(Hindrance::Undecided(entry));
        }
        entry.pruned_at.map(|_| Hindrance::Pruned)
    }
}

fn refusal(name: &ModelName, version: &str, hindrance: &Hindrance<'_>) -> RegistryError {
    let plain = version.chars().take(80).flat_map(char::escape_default);
    RegistryError::VersionMayNotServe {
        name: name.clone(),
        version: plain.collect(),
        why: match hindrance {
            Hindrance::Unregistered => "it is not registered".to_owned(),
            Hindrance::Rejected(reasons) => format!("it is rejected ({})", reasons.join("; ")),
            Hindrance::Undecided(entry) => format!(
                "{}, and no person has promoted it",
                entry.verdicts.wanting()
            ),
            Hindrance::Pruned => "its files were pruned".to_owned(),
        },
    }
}
