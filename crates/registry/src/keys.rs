//! Where everything lies in the store: the one place where the registry's keys are made.

use millrace_contract::{ModelName, Version};
use millrace_store::{Key, StoreError};

pub(crate) const DOCUMENT: &str = "registry.json";
pub(crate) const MANIFEST: &str = "manifest.json";
/// Above all models.
pub(crate) const MODELS: &str = "models/";

pub(crate) fn document(name: &ModelName) -> Result<Key, StoreError> {
    Key::new(format!("{MODELS}{name}/{DOCUMENT}"))
}

/// Every version's folder begins like this; no other folder of a model does.
pub(crate) fn versions_prefix(name: &ModelName) -> String {
    format!("{MODELS}{name}/v")
}

pub(crate) fn version_folder(name: &ModelName, version: Version) -> Result<Key, StoreError> {
    Key::new(format!("{MODELS}{name}/{version}"))
}

pub(crate) fn manifest(name: &ModelName, version: Version) -> Result<Key, StoreError> {
    version_folder(name, version)?.join(MANIFEST)
}

pub(crate) fn copies_prefix(name: &ModelName) -> String {
    format!("{MODELS}{name}/registry-history/")
}

/// Revisions are padded so that keys sort by them.
pub(crate) fn copy(name: &ModelName, revision: u64, digest: &str) -> Result<Key, StoreError> {
    let folder = copies_prefix(name);
    Key::new(format!("{folder}{revision:012}-{digest}.json"))
}

/// The revision in the name of a copy; none for the damaged documents that lie beside the copies.
pub(crate) fn revision_of_copy(key: &Key) -> Option<u64> {
    let (revision, _) = key.file_name().split_once('-')?;
    revision.parse().ok()
}

pub(crate) fn damaged(name: &ModelName, digest: &str) -> Result<Key, StoreError> {
    let folder = copies_prefix(name);
    Key::new(format!("{folder}damaged-{digest}.json"))
}

pub(crate) fn archive(
    name: &ModelName,
    first: u64,
    last: u64,
    digest: &str,
) -> Result<Key, StoreError> {
    Key::new(format!(
        "{MODELS}{name}/history/{first:012}-{last:012}-{digest}.json"
    ))
}
