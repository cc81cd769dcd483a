//! Everything that the registry refuses or cannot do, by name.

use millrace_contract::{ModelName, RunId, Version};
use millrace_erasure::ErasureError;
use millrace_keys::KeyError;
use millrace_store::StoreError;

use crate::document::state::State;

/// Each message says what was wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    #[error(
        "no model `{name}` is registered in {store}: check the name, or register a version first"
    )]
    ModelNotFound { name: ModelName, store: String },
    #[error("model `{name}` has no version {wanted}: it has {known}")]
    VersionNotFound {
        name: ModelName,
        wanted: Version,
        known: String,
    },
    #[error(
        "model `{name}` has no alias `{alias}`: it has {known}; name one of them, `live`, or a version such as v1.0.0"
    )]
    AliasNotFound {
        name: ModelName,
        alias: String,
        known: String,
    },
    #[error("no version of model `{name}` is live: promote one first")]
    NoLiveVersion { name: ModelName },
    #[error("{name} {version} is {from} and cannot become {to}: {allowed}")]
    MoveNotAllowed {
        name: ModelName,
        version: Version,
        from: State,
        to: State,
        allowed: String,
    },
    #[error(
        "{name} {version} did not pass its gates ({wanting}): only a person can promote it, and must say why: `millrace models promote {version} --model {name} --why TEXT`"
    )]
    ReasonNeeded {
        name: ModelName,
        version: Version,
        wanting: String,
    },
    #[error(
        "model `{name}` cannot be rolled back: no version that could still be used was live before {current}; promote the wanted version instead"
    )]
    NoPreviousLive { name: ModelName, current: String },
    #[error(
        "the live version of `{name}` changed from {expected} to {found} while it was rolled back: nothing was done; look at `millrace models history --model {name}` and decide again"
    )]
    LiveChanged {
        name: ModelName,
        expected: String,
        found: String,
    },
    #[error(
        "{name} {version} is rejected and must not be used ({reasons}): choose another version"
    )]
    VersionRejected {
        name: ModelName,
        version: Version,
        reasons: String,
    },
    #[error(
        "scores of {name} {version} may not be shown: {why}; `millrace models list` says which versions may serve, and `millrace score --out FILE` writes the scores of any other to a file"
    )]
    VersionMayNotServe {
        name: ModelName,
        /// As it was given: it may be no number at all.
        version: String,
        why: String,
    },
    #[error("the files of {name} {version} were pruned: choose another version, or train it again")]
    VersionPruned { name: ModelName, version: Version },
    #[error(
        "the registry document {place} is damaged ({detail}): it was not changed; restore the last good copy with `millrace models restore --model {name}`"
    )]
    RegistryDamaged {
        name: ModelName,
        place: String,
        detail: String,
    },
    #[error(
        "the registry document of `{name}` is damaged, and there is no good copy under {folder}: recover the object from a backup or an older object version"
    )]
    NothingToRestore { name: ModelName, folder: String },
    #[error("run `{run}` cannot be registered: its evidence lacks {missing}; give all of it")]
    EvidenceMissing { run: String, missing: String },
    #[error("run `{run}` cannot be registered: its evidence contradicts itself: {detail}")]
    EvidenceContradictory { run: String, detail: String },
    #[error(
        "run `{run}` is registered as {version} already, with {what}: register other results under another run id"
    )]
    RunConflict {
        run: RunId,
        version: Version,
        what: &'static str,
    },
    #[error("{file} is not what was vouched for ({detail}): do not use this model; {remedy}")]
    ModelFilesAltered {
        file: String,
        detail: String,
        remedy: &'static str,
    },
    #[error(
        "the registry of `{name}` was changed by others each of {attempts} times that a change was tried: nothing was done; try again"
    )]
    RegistryBusy { name: ModelName, attempts: u32 },
    #[error("`{alias}` cannot be used as an alias: {reason}")]
    InvalidAlias { alias: String, reason: String },
    #[error("the request cannot be carried out: {reason}")]
    InvalidRequest { reason: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl RegistryError {
    /// Every name of the registry's own; those of the store are `StoreError::NAMES`.
    pub const NAMES: [&str; 20] = [
        "ModelNotFound",
        "VersionNotFound",
        "AliasNotFound",
        "NoLiveVersion",
        "MoveNotAllowed",
        "ReasonNeeded",
        "NoPreviousLive",
        "LiveChanged",
        "VersionRejected",
        "VersionMayNotServe",
        "VersionPruned",
        "RegistryDamaged",
        "NothingToRestore",
        "EvidenceMissing",
        "EvidenceContradictory",
        "RunConflict",
        "ModelFilesAltered",
        "RegistryBusy",
        "InvalidAlias",
        "InvalidRequest",
    ];

    /// The name that `Catch` and `Retry` of a state machine match.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ModelNotFound { .. } => "ModelNotFound",
            Self::VersionNotFound { .. } => "VersionNotFound",
            Self::AliasNotFound { .. } => "AliasNotFound",
            Self::NoLiveVersion { .. } => "NoLiveVersion",
            Self::MoveNotAllowed { .. } => "MoveNotAllowed",
            Self::ReasonNeeded { .. } => "ReasonNeeded",
            Self::NoPreviousLive { .. } => "NoPreviousLive",
            Self::LiveChanged { .. } => "LiveChanged",
            Self::VersionRejected { .. } => "VersionRejected",
            Self::VersionMayNotServe { .. } => "VersionMayNotServe",
            Self::VersionPruned { .. } => "VersionPruned",
            Self::RegistryDamaged { .. } => "RegistryDamaged",
            Self::NothingToRestore { .. } => "NothingToRestore",
            Self::EvidenceMissing { .. } => "EvidenceMissing",
            Self::EvidenceContradictory { .. } => "EvidenceContradictory",
            Self::RunConflict { .. } => "RunConflict",
            Self::ModelFilesAltered { .. } => "ModelFilesAltered",
            Self::RegistryBusy { .. } => "RegistryBusy",
            Self::InvalidAlias { .. } => "InvalidAlias",
            Self::InvalidRequest { .. } => "InvalidRequest",
            Self::Store(error) => error.name(),
            Self::Erasure(error) => error.name(),
            Self::Keys(error) => error.name(),
        }
    }

    /// Whether the same call may well succeed a moment later. Its effect may already be there, so
    /// repeat it with the same run id or operation id.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::RegistryBusy { .. } => true,
            Self::Store(error) => error.is_transient(),
            _ => false,
        }
    }
}

impl millrace_contract::NamedError for RegistryError {
    fn name(&self) -> &str {
        RegistryError::name(self)
    }
}
