//! What differs between two versions.

use std::collections::BTreeSet;

use millrace_contract::{Digest, ModelName, Params, Version};
use serde::Serialize;

use crate::error::RegistryError;
use crate::manifest::Manifest;
use crate::registry::Registry;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    pub model_name: ModelName,
    pub before: Version,
    pub after: Version,
    /// All of them, also the equal ones: a comparison is read for both.
    pub metrics: Vec<MetricChange>,
    /// Only those that differ.
    pub hyperparameters: Vec<Change>,
    pub features_added: Vec<String>,
    pub features_removed: Vec<String>,
    /// None when both are of the same data.
    pub data: Option<DataChange>,
    /// Spec, contract and code, where they differ.
    pub documents: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricChange {
    pub name: String,
    pub before: Option<f64>,
    pub after: Option<f64>,
    pub difference: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub name: String,
    pub before: String,
    pub after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataChange {
    pub before_uri: String,
    pub before_digest: Digest,
    pub after_uri: String,
    pub after_digest: Digest,
}

impl Registry {
    /// Each may be `live`, an alias or a number.
    pub fn diff(&self, before: &str, after: &str) -> Result<Diff, RegistryError> {
        let before = self.resolve(before)?.manifest;
        let after = self.resolve(after)?.manifest;
        Ok(Diff {
            model_name: self.name.clone(),
            metrics: metrics(&before, &after),
            hyperparameters: hyperparameters(&before, &after),
            features_added: features_only_in(&after, &before),
            features_removed: features_only_in(&before, &after),
            data: data(&before, &after),
            documents: documents(&before, &after),
            before: before.version,
            after: after.version,
        })
    }
}

fn metrics(before: &Manifest, after: &Manifest) -> Vec<MetricChange> {
    let (before, after) = (&before.evidence.metrics, &after.evidence.metrics);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &String| {
        let (before, after) = (before.get(name).copied(), after.get(name).copied());
        MetricChange {
            name: name.clone(),
            before,
            after,
            difference: before.zip(after).map(|(before, after)| after - before),
        }
    };
    names.into_iter().map(change).collect()
}

fn hyperparameters(before: &Manifest, after: &Manifest) -> Vec<Change> {
    let (before, after) = (
        &before.lineage.hyperparameters,
        &after.lineage.hyperparameters,
    );
    // Another learner has other parameters.
    let only_after = after.names().filter(|name| before.get(name).is_none());
    let said = |params: &Params, name: &str| {
        let value = params.get(name);
        value.map_or("-".to_owned(), |value| value.to_string())
    };
    let pairs = before
        .names()
        .chain(only_after)
        .map(|name| (name, said(before, name), said(after, name)));
    let changed = pairs.filter(|(_, before, after)| before != after);
    changed
        .map(|(name, before, after)| change(name, before, after))
        .collect()
}

/// In the order of the model's columns.
fn features_only_in(these: &Manifest, those: &Manifest) -> Vec<String> {
    let those: BTreeSet<&String> = those.lineage.features.iter().collect();
    let only = |feature: &&String| !those.contains(feature);
    these
        .lineage
        .features
        .iter()
        .filter(only)
        .cloned()
        .collect()
}

fn data(before: &Manifest, after: &Manifest) -> Option<DataChange> {
    let (before, after) = (&before.lineage, &after.lineage);
    (before.data_digest != after.data_digest).then(|| DataChange {
        before_uri: before.data_uri.clone(),
        before_digest: before.data_digest.clone(),
        after_uri: after.data_uri.clone(),
        after_digest: after.data_digest.clone(),
    })
}

fn documents(before: &Manifest, after: &Manifest) -> Vec<Change> {
    let (before, after) = (&before.lineage, &after.lineage);
    let contract = |version: u32, digest: &Digest| format!("{version} ({})", digest.short());
    let all = [
        change(
            "spec",
            before.spec_digest.short(),
            after.spec_digest.short(),
        ),
        change(
            "contract",
            contract(before.contract_version, &before.contract_digest),
            contract(after.contract_version, &after.contract_digest),
        ),
        change("code", &before.code_version, &after.code_version),
    ];
    all.into_iter()
        .filter(|change| change.before != change.after)
        .collect()
}

fn change(name: &str, before: impl ToString, after: impl ToString) -> Change {
    Change {
        name: name.to_owned(),
        before: before.to_string(),
        after: after.to_string(),
    }
}
