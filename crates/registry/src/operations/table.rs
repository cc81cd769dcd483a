//! The versions as rows of the table `model_versions`, for whoever asks by SQL.

use millrace_contract::tables::{ModelVersionRow, TableTime, lines};
use millrace_contract::{ModelName, Version};
use millrace_store::{Key, Object, StoreError};
use serde::Deserialize;

use crate::document::Document;
use crate::error::RegistryError;
use crate::manifest::Manifest;
use crate::registry::Registry;

/// Where the rows of a model are.
fn key(name: &ModelName) -> Result<Key, StoreError> {
    Key::new(format!("tables/model_versions/{name}.json"))
}

impl Registry {
    /// Writes what the document says now, unless newer rows are there already. Called after every change;
    /// a call that was missed is made up for by the next one.
    pub fn write_rows(&self) -> Result<(), RegistryError> {
        let key = key(&self.name)?;
        for attempt in 0..self.patience.attempts {
            if attempt > 0 {
                self.patience.pause(attempt);
            }
            let document = self.load()?.document;
            let found = self.patience.call(|| self.store.find(&key))?;
            if found.as_ref().and_then(revision_of) >= Some(document.revision) {
                return Ok(());
            }
            let rows = self.rows_of(&document)?;
            let bytes = lines(&rows).map_err(|error| self.damaged(error.to_string()))?;
            let mark = found.as_ref().map(|found| &found.etag);
            match self.store.put_if_as_found(&key, bytes, mark) {
                Ok(_) => return Ok(()),
                Err(StoreError::Changed { .. } | StoreError::AlreadyExists { .. }) => {}
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(RegistryError::RegistryBusy {
            name: self.name.clone(),
            attempts: self.patience.attempts,
        })
    }

    fn rows_of(&self, document: &Document) -> Result<Vec<ModelVersionRow>, RegistryError> {
        let versions = document.versions.keys();
        versions
            .map(|version| self.row_of(document, *version))
            .collect()
    }

    fn row_of(
        &self,
        document: &Document,
        version: Version,
    ) -> Result<ModelVersionRow, RegistryError> {
        let entry = document.entry(version)?;
        // A manifest that was altered is told of where the version is used; its row has no numbers.
        let manifest = match self.manifest_in(document, version) {
            Ok(manifest) => Some(manifest),
            Err(RegistryError::ModelFilesAltered { .. }) => None,
            Err(error) => return Err(error),
        };
        let metric = |name| manifest.as_ref().and_then(|known| metric(known, name));
        let lineage = manifest.as_ref().map(|manifest| &manifest.lineage);
        Ok(ModelVersionRow {
            model: self.name.clone(),
            version: version.to_string(),
            state: entry.state.to_string(),
            run_id: entry.run_id.clone(),
            registered_at: TableTime(entry.registered_at),
            pruned_at: entry.pruned_at.map(TableTime),
            quality: entry
                .verdicts
                .quality
                .map(|decision| decision.word().into()),
            fairness: entry
                .verdicts
                .fairness
                .map(|decision| decision.word().into()),
            r2: metric("r2"),
            rmse: metric("rmse"),
            mae: metric("mae"),
            reasons: entry.reasons.join("; "),
            data: lineage.map(|lineage| lineage.data_uri.clone()),
            data_digest: lineage.map(|lineage| lineage.data_digest.to_string()),
            revision: document.revision,
        })
    }
}

fn metric(manifest: &Manifest, name: &str) -> Option<f64> {
    manifest.evidence.metrics.get(name).copied()
}

/// The revision that rows show; none when they cannot be read, so that they are written again.
fn revision_of(rows: &Object) -> Option<u64> {
    #[derive(Deserialize)]
    struct Row {
        revision: u64,
    }
    let lines = rows.bytes.split_inclusive(|byte| *byte == b'\n');
    let revisions = lines.map(|line| Some(serde_json::from_slice::<Row>(line).ok()?.revision));
    revisions.collect::<Option<Vec<u64>>>()?.into_iter().min()
}
