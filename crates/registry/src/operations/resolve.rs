//! From `live`, an alias or a number to the version that is meant, and to files that are proven.

use millrace_contract::{ModelName, Version};
use serde::Serialize;

use super::alias::LIVE;
use crate::document::Document;
use crate::document::state::State;
use crate::error::RegistryError;
use crate::manifest::{FORMAT, Manifest};
use crate::reading::{Content, read_vouched};
use crate::registry::Registry;

const REMEDY: &str = "restore the object from a backup, or promote or roll back to another version";

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResolvedModel {
    pub model_name: ModelName,
    pub version: Version,
    pub state: State,
    /// Of the document that it was resolved with.
    pub revision: u64,
    pub manifest: Manifest,
}

impl Registry {
    /// `live`, an alias, or a version such as `v1.2.3`, in whatever state: for showing and comparing.
    pub fn resolve(&self, reference: &str) -> Result<ResolvedModel, RegistryError> {
        let document = self.load()?.document;
        let version = version_of(&document, reference)?;
        Ok(ResolvedModel {
            model_name: self.name.clone(),
            version,
            state: document.entry(version)?.state,
            revision: document.revision,
            manifest: self.manifest_in(&document, version)?,
        })
    }

    /// For scoring: never a rejected or pruned version, nor a candidate whose gates lacked evidence and that no
    /// person has promoted; and every file has been read and compared.
    pub fn resolve_for_use(&self, reference: &str) -> Result<ResolvedModel, RegistryError> {
        let document = self.load()?.document;
        let version = version_of(&document, reference)?;
        let entry = document.entry(version)?;
        let name = self.name.clone();
        if entry.state == State::Rejected {
            let reasons = entry.reasons.join("; ");
            return Err(RegistryError::VersionRejected {
                name,
                version,
                reasons,
            });
        }
        if entry.pruned_at.is_some() {
            return Err(RegistryError::VersionPruned { name, version });
        }
        if entry.is_undecided() {
            return Err(RegistryError::ReasonNeeded {
                name,
                version,
                wanting: entry.verdicts.wanting(),
            });
        }
        let manifest = self.manifest_in(&document, version)?;
        self.verify(&manifest)?;
        Ok(ResolvedModel {
            model_name: name,
            version,
            state: entry.state,
            revision: document.revision,
            manifest,
        })
    }

    /// For scores that nobody is shown: also of a rejected version, whose files have all been read and
    /// compared. A rejected one is not signed, so that nobody is asked for a signature here; where signatures
    /// are asked for, scoring asks.
    pub fn resolve_for_trial(&self, reference: &str) -> Result<ResolvedModel, RegistryError> {
        let document = self.load()?.document;
        let version = version_of(&document, reference)?;
        if document.entry(version)?.pruned_at.is_some() {
            let name = self.name.clone();
            return Err(RegistryError::VersionPruned { name, version });
        }
        let resolved = self.resolve(&version.to_string())?;
        self.verify_files(&resolved.manifest)?;
        Ok(resolved)
    }

    /// Checks who signed the manifest, where that is asked for, then reads every file of it and compares
    /// it; the error names the first that differs.
    pub fn verify(&self, manifest: &Manifest) -> Result<(), RegistryError> {
        self.check_signature(manifest)?;
        self.verify_files(manifest)
    }

    pub(super) fn verify_files(&self, manifest: &Manifest) -> Result<(), RegistryError> {
        for file in &manifest.files {
            Content::vouched(&self.store, &self.patience, file, REMEDY)?;
        }
        Ok(())
    }

    /// The manifest, if it is the one that the document vouches for.
    pub(crate) fn manifest_in(
        &self,
        document: &Document,
        version: Version,
    ) -> Result<Manifest, RegistryError> {
        let object = &document.entry(version)?.manifest;
        let bytes = read_vouched(&self.store, &self.patience, object, REMEDY)?;
        let unusable = |detail: String| RegistryError::ModelFilesAltered {
            file: object.key.clone(),
            detail,
            remedy: REMEDY,
        };
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))?;
        if manifest.format != FORMAT {
            let detail = format!("its format is {}, not {FORMAT}", manifest.format);
            return Err(unusable(detail));
        }
        if manifest.version != version || manifest.model_name != self.name {
            let detail = format!("it is of {} {}", manifest.model_name, manifest.version);
            return Err(unusable(detail));
        }
        Ok(manifest)
    }
}

pub(super) fn version_of(document: &Document, reference: &str) -> Result<Version, RegistryError> {
    if reference == LIVE {
        let none = || RegistryError::NoLiveVersion {
            name: document.model_name.clone(),
        };
        return document.live().ok_or_else(none);
    }
    if let Ok(version) = reference.parse::<Version>() {
        document.entry(version)?;
        return Ok(version);
    }
    let named = document.aliases.get(reference).copied();
    named.ok_or_else(|| alias_not_found(document, reference))
}

pub(super) fn alias_not_found(document: &Document, alias: &str) -> RegistryError {
    let known: Vec<&str> = document.aliases.keys().map(String::as_str).collect();
    RegistryError::AliasNotFound {
        name: document.model_name.clone(),
        alias: alias
            .chars()
            .take(80)
            .flat_map(char::escape_default)
            .collect(),
        known: if known.is_empty() {
            "none but `live`".to_owned()
        } else {
            known.join(", ")
        },
    }
}
