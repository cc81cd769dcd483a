//! Deleting the files of old versions. Their manifests, numbers and history stay for ever.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use millrace_contract::{ModelName, Version};
use millrace_store::{Key, ObjectInfo, StoreError};
use serde::Serialize;

use crate::change::{Changed, Create};
use crate::document::Document;
use crate::document::entry::{Action, Draft};
use crate::document::state::State;
use crate::error::RegistryError;
use crate::keys;
use crate::manifest::Manifest;
use crate::registry::Registry;
use crate::request::Request;

/// A registration that has not finished after so long is given up.
pub const ABANDONED_AFTER_HOURS: i64 = 24;
/// So many of the newest copies of the document stay.
pub const COPIES_KEPT: usize = 50;

/// What pruning would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrunePlan {
    pub model_name: ModelName,
    /// Whose files go.
    pub versions: Vec<Version>,
    /// Unfinished registrations that are given up.
    pub abandoned: Vec<Version>,
    /// Also what an earlier, interrupted pruning left.
    pub objects: Vec<String>,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pruned {
    pub plan: PrunePlan,
    pub change: Changed,
}

impl Registry {
    /// For `--dry-run`.
    pub fn plan_prune(&self, keep: usize, now: Timestamp) -> Result<PrunePlan, RegistryError> {
        let mut document = self.load()?.document;
        let drafts = prune_in(&mut document, keep, now)?;
        let decided = drafts.iter().map(|draft| (draft.action, draft.version));
        self.plan_of(&document, decided.collect())
    }

    /// Keeps the newest `keep` versions, and beyond them whatever is live, staging, named by an alias or
    /// the target of the next rollback. The document says `pruned` before anything is deleted, so that
    /// nobody can promote what is half gone.
    pub fn prune(&self, keep: usize, request: &Request) -> Result<Pruned, RegistryError> {
        let change = self.change(request, Create::No, |document| {
            prune_in(document, keep, request.now)
        })?;
        let document = self.load()?.document;
        let decided = change
            .entries
            .iter()
            .map(|entry| (entry.action, entry.version));
        let plan = self.plan_of(&document, decided.collect())?;
        for object in &plan.objects {
            let key = Key::new(&**object)?;
            self.patience.call(|| self.store.delete(&key))?;
        }
        Ok(Pruned { plan, change })
    }

    fn plan_of(
        &self,
        document: &Document,
        decided: Vec<(Action, Option<Version>)>,
    ) -> Result<PrunePlan, RegistryError> {
        let of = |wanted: Action| {
            let matching = decided.iter().filter(|(action, _)| *action == wanted);
            matching.filter_map(|(_, version)| *version).collect()
        };
        let mut objects = self.deletable(document)?;
        let copies = self.copies()?.into_iter().skip(COPIES_KEPT);
        objects.extend(copies.map(|(_, info)| info));
        Ok(PrunePlan {
            model_name: self.name.clone(),
            versions: of(Action::Pruned),
            abandoned: of(Action::Abandoned),
            bytes: objects.iter().map(|info| info.bytes).sum(),
            objects: objects.into_iter().map(|info| info.key.into()).collect(),
        })
    }

    /// The files of pruned versions and of abandoned registrations.
    fn deletable(&self, document: &Document) -> Result<Vec<ObjectInfo>, RegistryError> {
        let prefix = keys::versions_prefix(&self.name);
        let listed = self.patience.call(|| self.store.list(&prefix))?;
        let mut abandoned = BTreeSet::new();
        for (version, held) in &document.reservations {
            if held.abandoned && !self.holds_other_run(*version, held.run_id.as_str())? {
                abandoned.insert(*version);
            }
        }
        let goes = |info: &ObjectInfo| {
            let Some(version) = folder_of(&info.key) else {
                return false;
            };
            let entry = document.versions.get(&version);
            let pruned = entry.is_some_and(|entry| entry.pruned_at.is_some());
            let is_file = info.key.file_name() != keys::MANIFEST;
            (pruned && is_file) || abandoned.contains(&version)
        };
        Ok(listed.into_iter().filter(goes).collect())
    }

    /// Whether the folder of an abandoned number belongs to somebody else, as after a restore.
    fn holds_other_run(&self, version: Version, run: &str) -> Result<bool, RegistryError> {
        let key = keys::manifest(&self.name, version)?;
        let bytes = match self.patience.call(|| self.store.get(&key)) {
            Err(RegistryError::Store(StoreError::NotFound { .. })) => return Ok(false),
            object => object?.bytes,
        };
        let manifest = serde_json::from_slice::<Manifest>(&bytes);
        Ok(manifest.map_or(true, |manifest| manifest.lineage.run_id.as_str() != run))
    }
}

fn folder_of(key: &Key) -> Option<Version> {
    let folder = key.parent()?;
    folder.file_name().parse().ok()
}

fn prune_in(
    document: &mut Document,
    keep: usize,
    now: Timestamp,
) -> Result<Vec<Draft>, RegistryError> {
    let target = document.rollback_target();
    let named: BTreeSet<Version> = document.aliases.values().copied().collect();
    let old: Vec<Version> = document
        .versions
        .iter()
        .rev()
        .skip(keep)
        .filter(|(version, entry)| {
            let used = matches!(entry.state, State::Live | State::Staging);
            let wanted = used || named.contains(version) || target == Some(**version);
            !wanted && entry.pruned_at.is_none()
        })
        .map(|(version, _)| *version)
        .collect();
    let mut drafts = Vec::new();
    for version in old {
        let entry = document.entry_mut(version)?;
        entry.pruned_at = Some(now);
        drafts.push(Draft {
            run_id: Some(entry.run_id.clone()),
            ..Draft::version(Action::Pruned, version)
        });
    }
    let versions = &document.versions;
    document.previous_live.retain(|version| {
        versions
            .get(version)
            .is_some_and(|entry| entry.pruned_at.is_none())
    });
    let oldest = now
        .checked_sub(SignedDuration::from_hours(ABANDONED_AFTER_HOURS))
        .unwrap_or(Timestamp::MIN);
    for (version, held) in &mut document.reservations {
        let forgotten = held.reserved_at < oldest;
        if !held.abandoned && forgotten {
            held.abandoned = true;
            drafts.push(Draft {
                why: Some("its registration did not finish".to_owned()),
                run_id: Some(held.run_id.clone()),
                ..Draft::version(Action::Abandoned, *version)
            });
        }
    }
    Ok(drafts)
}
