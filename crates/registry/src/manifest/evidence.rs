//! What must be known of a model before it may be registered: how good, how fair, and made of what.

use std::collections::BTreeMap;
use std::fmt;

use millrace_contract::Params;
use millrace_contract::metadata::Metadata;
use millrace_contract::{Digest, RunId};
use serde::{Deserialize, Serialize};

use crate::error::RegistryError;

/// What the gates found. A gate that did not run is absent; only a rejected version may lack one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// On the held-out rows, by name: `r2`, `rmse`, ...
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    #[serde(default)]
    pub quality: Option<GateVerdict>,
    #[serde(default)]
    pub fairness: Option<GateVerdict>,
}

/// The answer of one gate, and what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateVerdict {
    pub decision: Decision,
    /// In one sentence.
    pub summary: String,
    /// One per attribute or threshold.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// What follows from a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Passed,
    Blocked,
    /// Nothing failed, and something that the spec does not allow to be missing could not be judged: the
    /// version becomes a candidate that only a person can promote, with a reason.
    InsufficientEvidence,
}

impl Decision {
    /// As tables have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Blocked => "blocked",
            Self::InsufficientEvidence => "insufficient_evidence",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The attribute or the threshold.
    pub subject: String,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pass,
    Fail,
    InsufficientEvidence,
}

/// The decisions alone, for the history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdicts {
    pub quality: Option<Decision>,
    pub fairness: Option<Decision>,
}

impl Verdicts {
    /// Both gates were asked, and both let it pass.
    pub fn passed(&self) -> bool {
        let passed = Some(Decision::Passed);
        self.quality == passed && self.fairness == passed
    }

    /// The gates that did not pass it, for a message.
    pub(crate) fn wanting(&self) -> String {
        let gates = [("quality", self.quality), ("fairness", self.fairness)];
        let wanting = gates
            .into_iter()
            .filter_map(|(gate, decision)| match decision {
                Some(Decision::Passed) => None,
                Some(decision) => Some(format!("the {gate} gate says {decision}")),
                None => Some(format!("the {gate} gate was not asked")),
            });
        wanting.collect::<Vec<_>>().join(", ")
    }
}

/// What a model was made of, by whom and with what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    pub run_id: RunId,
    pub data_uri: String,
    pub data_digest: Digest,
    pub spec_digest: Digest,
    pub contract_digest: Digest,
    pub contract_version: u32,
    /// The encoded columns, in the order in which the model takes them.
    pub features: Vec<String>,
    pub hyperparameters: Params,
    pub code_version: String,
}

impl Lineage {
    /// From the document that training writes beside the model.
    pub fn of(metadata: &Metadata, data_uri: impl Into<String>) -> Self {
        Lineage {
            run_id: metadata.run_id.clone(),
            data_uri: data_uri.into(),
            data_digest: metadata.digests.data.clone(),
            spec_digest: metadata.digests.spec.clone(),
            contract_digest: metadata.digests.contract.clone(),
            contract_version: metadata.versions.contract,
            features: metadata.features.clone(),
            hyperparameters: metadata.hyperparameters.clone(),
            code_version: format!("{}+{}", metadata.versions.millrace, metadata.versions.code),
        }
    }
}

/// The metrics of training by the names that the registry uses.
pub fn metrics_of(metadata: &Metadata) -> BTreeMap<String, f64> {
    let metrics = &metadata.metrics;
    let overall = metrics.values.iter();
    let overall = overall.map(|(name, value)| (name.clone(), *value));
    let recall = metrics.tiers.iter().filter_map(|tier| {
        let name = format!("recall of {}", tier.label);
        tier.recall.map(|recall| (name, recall))
    });
    overall.into_iter().chain(recall).collect()
}

impl Evidence {
    pub fn verdicts(&self) -> Verdicts {
        Verdicts {
            quality: self.quality.as_ref().map(|gate| gate.decision),
            fairness: self.fairness.as_ref().map(|gate| gate.decision),
        }
    }

    /// Why the gates refuse the model; empty when they do not.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let gates = [("quality", &self.quality), ("fairness", &self.fairness)];
        let blocked = gates.into_iter().filter_map(|(gate, verdict)| {
            let verdict = verdict.as_ref()?;
            let refused = verdict.decision == Decision::Blocked;
            refused.then(|| format!("{gate} gate: {}", verdict.summary))
        });
        blocked.collect()
    }

    /// What a candidate would need and is not there.
    pub(crate) fn lacks(&self) -> Vec<&'static str> {
        let mut lacks = Vec::new();
        if self.metrics.is_empty() {
            lacks.push("metrics");
        }
        if self.quality.is_none() {
            lacks.push("the quality verdict");
        }
        if self.fairness.is_none() {
            lacks.push("the fairness verdict");
        }
        lacks
    }

    pub(crate) fn check_consistency(&self, run: &RunId) -> Result<(), RegistryError> {
        let contradictory = |detail: String| RegistryError::EvidenceContradictory {
            run: run.to_string(),
            detail,
        };
        if let Some((metric, _)) = self.metrics.iter().find(|(_, value)| !value.is_finite()) {
            return Err(contradictory(format!(
                "metric `{metric}` is not a finite number"
            )));
        }
        for (gate, verdict) in [("quality", &self.quality), ("fairness", &self.fairness)] {
            let Some(verdict) = verdict else { continue };
            let failed = verdict.findings.iter().find(|f| f.outcome == Outcome::Fail);
            let said = match verdict.decision {
                Decision::Passed => "passed",
                Decision::InsufficientEvidence => "lacked evidence only",
                Decision::Blocked => continue,
            };
            if let Some(failed) = failed {
                let subject = &failed.subject;
                return Err(contradictory(format!(
                    "the {gate} gate {said} although `{subject}` failed"
                )));
            }
        }
        Ok(())
    }
}

impl Lineage {
    pub(crate) fn lacks(&self) -> Vec<&'static str> {
        let mut lacks = Vec::new();
        if self.data_uri.trim().is_empty() {
            lacks.push("the data's URI in the lineage");
        }
        if self.features.is_empty() {
            lacks.push("the feature names in the lineage");
        }
        if self.code_version.trim().is_empty() {
            lacks.push("the code version in the lineage");
        }
        lacks
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Passed => "passed",
            Self::Blocked => "blocked",
            Self::InsufficientEvidence => "insufficient evidence",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::InsufficientEvidence => "insufficient evidence",
        })
    }
}
