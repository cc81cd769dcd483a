//! Registering what a run made: checked, numbered, copied, and only then visible.
//!
//! 1. The evidence must be complete and the run's files must be what it says they are.
//! 2. A number is reserved in the document: unique, and computed from the number before it.
//! 3. Files and manifest are written into the version's folder, which nobody looks at yet.
//! 4. One more change of the document makes the version visible.
//!
//! A crash anywhere leaves at most a reservation, which the same run takes up again when it is
//! repeated, and which `prune` gives up after a day.

use std::collections::BTreeSet;

use millrace_contract::{Digest, ObjectRef, RunId, Version};
use serde::{Deserialize, Serialize};

use super::publish::{Publication, Reserved};
use crate::document::Document;
use crate::document::state::State;
use crate::error::RegistryError;
use crate::keys;
use crate::manifest::evidence::{Evidence, Lineage};
use crate::manifest::number::Basis;
use crate::reading::Content;
use crate::registry::Registry;
use crate::request::{Request, invalid};

/// How many numbers one registration tries; more than one only after a restore or a change of mind.
const NUMBERS_TRIED: u32 = 8;
const MOST_FILES: usize = 100;

/// What a run made, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    pub files: Vec<SourceFile>,
    #[serde(default)]
    pub evidence: Evidence,
    #[serde(default)]
    pub lineage: Option<Lineage>,
    /// Reasons beyond the gates' own, such as attempts used up. With any reason, or with a gate that
    /// blocks, the version is registered as rejected.
    #[serde(default)]
    pub rejected_because: Vec<String>,
}

/// A file of the version, and the object of the run that it is copied from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    pub name: String,
    pub object: ObjectRef,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registered {
    pub version: Version,
    pub state: State,
    /// The run had been registered before: nothing was written this time.
    pub already: bool,
    pub reasons: Vec<String>,
    pub manifest: ObjectRef,
}

/// A candidate that may be registered.
#[derive(Debug)]
pub(super) struct Checked<'a> {
    pub candidate: &'a Candidate,
    pub lineage: &'a Lineage,
    pub basis: Basis,
    /// Why it is rejected; empty when it is not.
    pub reasons: Vec<String>,
    pub results: Digest,
    pub fingerprint: Digest,
}

impl Registry {
    /// The same run registered twice gives the same version.
    pub fn register(
        &self,
        candidate: &Candidate,
        request: &Request,
    ) -> Result<Registered, RegistryError> {
        request.check()?;
        let checked = candidate.check(request)?;
        let request = Request {
            run_id: Some(checked.lineage.run_id.clone()),
            operation_id: None, // The run id says whether it was done before.
            ..request.clone()
        };
        let document = self.load_or_new()?.document;
        if let Some(before) = registered_before(&document, &checked)? {
            return Ok(before);
        }
        let contents = self.read_sources(candidate)?;
        for _ in 0..NUMBERS_TRIED {
            let (version, created_at) = match self.reserve(&checked, &request)? {
                Reserved::Before(registered) => return Ok(registered),
                Reserved::Number(version, created_at) => (version, created_at),
            };
            let manifest = self.manifest_of(&checked, version, created_at, &contents)?;
            let Some(object) = self.write_folder(&manifest, &contents)? else {
                self.abandon(version, &request)?;
                continue;
            };
            match self.publish(&checked, version, object, &request)? {
                Publication::Done(registered) => return Ok(registered),
                Publication::ReservationLost => {}
            }
        }
        Err(RegistryError::RegistryBusy {
            name: self.name.clone(),
            attempts: NUMBERS_TRIED,
        })
    }

    fn read_sources(&self, candidate: &Candidate) -> Result<Vec<Content>, RegistryError> {
        let remedy = "repeat the run's stage that writes it";
        let (store, patience) = (&self.store, &self.patience);
        let read = |file: &SourceFile| Content::vouched(store, patience, &file.object, remedy);
        candidate.files.iter().map(read).collect()
    }
}

impl Candidate {
    fn check(&self, request: &Request) -> Result<Checked<'_>, RegistryError> {
        let asked = request.run_id.as_ref().map(RunId::to_string);
        let missing = |run: String, lacks: &[&str]| RegistryError::EvidenceMissing {
            run,
            missing: lacks.join(", "),
        };
        let Some(lineage) = &self.lineage else {
            let run = asked.unwrap_or_else(|| "(unknown)".to_owned());
            return Err(missing(
                run,
                &["the lineage (run, data, spec, contract, code)"],
            ));
        };
        let mut reasons: Vec<String> = self.evidence.refusals();
        reasons.extend(self.rejected_because.iter().cloned());
        let mut lacks = lineage.lacks();
        if reasons.is_empty() {
            lacks.extend(self.evidence.lacks());
            if self.files.is_empty() {
                lacks.push("the model's files");
            }
        }
        if !lacks.is_empty() {
            return Err(missing(lineage.run_id.to_string(), &lacks));
        }
        self.evidence.check_consistency(&lineage.run_id)?;
        self.check_file_names()?;
        let unprintable = |error: serde_json::Error| invalid(error.to_string());
        let files: BTreeSet<(&str, &Digest)> = self
            .files
            .iter()
            .map(|file| (file.name.as_str(), &file.object.sha256))
            .collect();
        let results = Digest::of_json(&(&files, !reasons.is_empty())).map_err(unprintable)?;
        let whole = (&files, &self.evidence, lineage, &reasons);
        Ok(Checked {
            candidate: self,
            lineage,
            basis: Basis::of(lineage).map_err(unprintable)?,
            fingerprint: Digest::of_json(&whole).map_err(unprintable)?,
            results,
            reasons,
        })
    }

    fn check_file_names(&self) -> Result<(), RegistryError> {
        if self.files.len() > MOST_FILES {
            return Err(invalid(format!("a version has at most {MOST_FILES} files")));
        }
        let mut seen = BTreeSet::new();
        for SourceFile { name, .. } in &self.files {
            let shown = || {
                name.chars()
                    .take(80)
                    .flat_map(char::escape_default)
                    .collect::<String>()
            };
            if name.is_empty() || name.contains('/') || name == keys::MANIFEST {
                let reason = format!("`{}` cannot name a file of a version", shown());
                return Err(invalid(reason));
            }
            if !seen.insert(name) {
                return Err(invalid(format!("two files are named `{}`", shown())));
            }
        }
        Ok(())
    }
}

/// The version of the same run, if it has one; an error if that has come to something else.
pub(super) fn registered_before(
    document: &Document,
    checked: &Checked<'_>,
) -> Result<Option<Registered>, RegistryError> {
    let run = &checked.lineage.run_id;
    let Some(version) = document.version_of_run(run) else {
        return Ok(None);
    };
    let entry = document.entry(version)?;
    if entry.results != checked.results {
        return Err(RegistryError::RunConflict {
            run: run.clone(),
            version,
            what: "other files or another outcome",
        });
    }
    Ok(Some(Registered {
        version,
        state: entry.state,
        already: true,
        reasons: entry.reasons.clone(),
        manifest: entry.manifest.clone(),
    }))
}
