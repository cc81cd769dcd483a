//! The three steps by which a registered version comes about: reserve, write, make visible.

use jiff::Timestamp;
use millrace_contract::{ObjectRef, Version};
use millrace_store::{Key, StoreError};

use super::register::{Checked, Registered, registered_before};
use crate::change::Create;
use crate::document::entry::{Action, Draft};
use crate::document::state::State;
use crate::document::{Document, Reservation, VersionEntry};
use crate::error::RegistryError;
use crate::keys;
use crate::manifest::{FORMAT, Manifest, number};
use crate::reading::{Content, copy_once, read_vouched, write_once};
use crate::registry::Registry;
use crate::request::{Request, invalid};

/// How much of the reasons goes into the document; the manifest has all.
const LONGEST_REASON: usize = 500;
const MOST_REASONS: usize = 10;

pub(super) enum Reserved {
    Before(Registered),
    /// The version, and when its number was given.
    Number(Version, Timestamp),
}

pub(super) enum Publication {
    Done(Registered),
    /// Somebody gave the number up meanwhile: another one is needed.
    ReservationLost,
}

impl Registry {
    /// The number that the run holds already, or a new one.
    pub(super) fn reserve(
        &self,
        checked: &Checked<'_>,
        request: &Request,
    ) -> Result<Reserved, RegistryError> {
        let mut reserved = None;
        self.change(request, Create::Allowed, |document| {
            let (drafts, outcome) = self.reserve_in(document, checked, request)?;
            reserved = Some(outcome);
            Ok(drafts)
        })?;
        reserved.ok_or_else(|| invalid("the registry gave no number"))
    }

    fn reserve_in(
        &self,
        document: &mut Document,
        checked: &Checked<'_>,
        request: &Request,
    ) -> Result<(Vec<Draft>, Reserved), RegistryError> {
        if let Some(before) = registered_before(document, checked)? {
            return Ok((Vec::new(), Reserved::Before(before)));
        }
        let mut drafts = Vec::new();
        let held = document.reservation_of_run(&checked.lineage.run_id);
        let held = held.and_then(|version| {
            let reservation = document.reservations.get_mut(&version)?;
            Some((version, reservation))
        });
        if let Some((version, reservation)) = held {
            if reservation.fingerprint == checked.fingerprint {
                let number = Reserved::Number(version, reservation.reserved_at);
                return Ok((drafts, number));
            }
            // The run came back with other results: what it wrote under this number is not touched.
            reservation.abandoned = true;
            drafts.push(Draft {
                why: Some("the run was repeated with other results".to_owned()),
                ..Draft::version(Action::Abandoned, version)
            });
        }
        let version = number::next(document.latest(), &checked.basis)
            .ok_or_else(|| invalid("the version numbers are used up: use another model name"))?;
        document.reservations.insert(
            version,
            Reservation {
                run_id: checked.lineage.run_id.clone(),
                fingerprint: checked.fingerprint.clone(),
                basis: checked.basis.clone(),
                reserved_at: request.now,
                writer_id: self.writer_id.clone(),
                abandoned: false,
            },
        );
        drafts.push(Draft::version(Action::Reserved, version));
        Ok((drafts, Reserved::Number(version, request.now)))
    }

    pub(super) fn manifest_of(
        &self,
        checked: &Checked<'_>,
        version: Version,
        created_at: Timestamp,
        contents: &[Content],
    ) -> Result<Manifest, RegistryError> {
        let folder = keys::version_folder(&self.name, version)?;
        let mut files = Vec::new();
        for (file, content) in checked.candidate.files.iter().zip(contents) {
            files.push(content.object(folder.join(&file.name)?));
        }
        Ok(Manifest {
            format: FORMAT,
            model_name: self.name.clone(),
            version,
            created_at,
            files,
            evidence: checked.candidate.evidence.clone(),
            lineage: checked.lineage.clone(),
            rejected_because: checked.reasons.clone(),
        })
    }

    /// Files first, the manifest last. None if the folder holds the manifest of something else, as it
    /// can after a restore: such a folder is not touched.
    pub(super) fn write_folder(
        &self,
        manifest: &Manifest,
        contents: &[Content],
    ) -> Result<Option<ObjectRef>, RegistryError> {
        let bytes = serde_json::to_vec_pretty(manifest).map_err(|e| invalid(e.to_string()))?;
        let key = keys::manifest(&self.name, manifest.version)?;
        let object = ObjectRef::of(key.as_str(), &bytes);
        if self.holds_other_manifest(&object)? {
            return Ok(None);
        }
        for (file, content) in manifest.files.iter().zip(contents) {
            // Without a manifest nobody vouches for what is there: a leftover may be replaced.
            match content {
                Content::Held(bytes) => {
                    write_once(&self.store, &self.patience, file, bytes, true)?;
                }
                Content::Large(found) => copy_once(&self.store, &self.patience, found, file)?,
            }
        }
        // A key vouches for what passed. What lacks evidence is signed by the person who decides to use it.
        if manifest.rejected_because.is_empty() && manifest.evidence.verdicts().passed() {
            self.write_signature(manifest.version, &bytes)?;
        }
        let taken = write_once(&self.store, &self.patience, &object, &bytes.into(), false)?;
        Ok((!taken).then_some(object))
    }

    fn holds_other_manifest(&self, expected: &ObjectRef) -> Result<bool, RegistryError> {
        let key = Key::new(&*expected.key)?;
        match self.patience.call(|| self.store.head(&key)) {
            Err(RegistryError::Store(StoreError::NotFound { .. })) => return Ok(false),
            found => found?,
        };
        match read_vouched(&self.store, &self.patience, expected, "") {
            Ok(_) => Ok(false),
            Err(RegistryError::ModelFilesAltered { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    pub(super) fn abandon(&self, version: Version, request: &Request) -> Result<(), RegistryError> {
        self.change(request, Create::No, |document| {
            let held = document.reservations.get_mut(&version);
            let Some(reservation) = held.filter(|reservation| !reservation.abandoned) else {
                return Ok(Vec::new());
            };
            reservation.abandoned = true;
            Ok(vec![Draft {
                why: Some("its folder holds the manifest of another registration".to_owned()),
                ..Draft::version(Action::Abandoned, version)
            }])
        })?;
        Ok(())
    }

    pub(super) fn publish(
        &self,
        checked: &Checked<'_>,
        version: Version,
        manifest: ObjectRef,
        request: &Request,
    ) -> Result<Publication, RegistryError> {
        let mut published = Publication::ReservationLost;
        self.change(request, Create::No, |document| {
            if let Some(before) = registered_before(document, checked)? {
                published = Publication::Done(before);
                return Ok(Vec::new());
            }
            let held = document.reservations.get(&version);
            let ours = held.is_some_and(|reservation| {
                !reservation.abandoned && reservation.fingerprint == checked.fingerprint
            });
            if !ours {
                published = Publication::ReservationLost;
                return Ok(Vec::new());
            }
            document.reservations.remove(&version);
            let entry = entry_of(checked, manifest.clone(), request);
            let draft = Draft {
                to: Some(entry.state),
                why: (!entry.reasons.is_empty()).then(|| entry.reasons.join("; ")),
                run_id: Some(entry.run_id.clone()),
                verdicts: Some(entry.verdicts),
                ..Draft::version(Action::Registered, version)
            };
            published = Publication::Done(Registered {
                version,
                state: entry.state,
                already: false,
                reasons: entry.reasons.clone(),
                manifest: manifest.clone(),
            });
            document.versions.insert(version, entry);
            Ok(vec![draft])
        })?;
        Ok(published)
    }
}

fn entry_of(checked: &Checked<'_>, manifest: ObjectRef, request: &Request) -> VersionEntry {
    let state = if checked.reasons.is_empty() {
        State::Candidate
    } else {
        State::Rejected
    };
    let shortened = |reason: &String| reason.chars().take(LONGEST_REASON).collect();
    VersionEntry {
        state,
        run_id: checked.lineage.run_id.clone(),
        registered_at: request.now,
        manifest,
        results: checked.results.clone(),
        basis: checked.basis.clone(),
        verdicts: checked.candidate.evidence.verdicts(),
        reasons: checked
            .reasons
            .iter()
            .take(MOST_REASONS)
            .map(shortened)
            .collect(),
        pruned_at: None,
    }
}
