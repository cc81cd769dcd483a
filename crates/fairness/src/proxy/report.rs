//! What was found about proxies, and who the offenders are.

use super::policy::ProxyPolicy;
use crate::probe::Probe;
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyReport {
    pub verdict: Verdict,
    pub attributes: Vec<ProxyAttribute>,
    pub offenders: Vec<Offender>,
    pub policy: ProxyPolicy,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyAttribute {
    pub attribute: String,
    pub verdict: Verdict,
    pub insufficient_evidence_allowed: bool,
    pub sentence: String,
    /// Every feature, the strongest association first.
    pub associations: Vec<Association>,
    pub probe: Probe,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Association {
    pub feature: String,
    pub measure: AssociationMeasure,
    /// None when it cannot be told: fewer than two complete rows, or all of them in one group.
    pub value: Option<f64>,
    /// Rows where both are known.
    pub rows: u64,
    /// Rows where either is missing.
    pub excluded_rows: u64,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssociationMeasure {
    /// |r|, for two numbers.
    Pearson,
    /// Eta, for a number and a category.
    CorrelationRatio,
    /// Without correction for bias, for two categories.
    CramersV,
}

/// A feature that gives an attribute away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offender {
    pub feature: String,
    pub attribute: String,
    pub reason: OffenderReason,
    /// The association, or the feature's weight in the probe.
    pub value: f64,
    /// What dropping the feature costs in R2; filled in by whoever can train.
    pub cost_in_r2: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffenderReason {
    /// Its own association is above the limit.
    Association,
    /// The probe is above its limit, and this feature is among those it leans on most.
    Probe,
}

impl ProxyReport {
    /// Each offending feature once, in the order of the report.
    pub fn offending_features(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for offender in &self.offenders {
            if !names.contains(&offender.feature.as_str()) {
                names.push(&offender.feature);
            }
        }
        names
    }

    /// Notes what dropping a feature costs, wherever it offends.
    pub fn set_cost_in_r2(&mut self, feature: &str, cost: f64) {
        let named = self
            .offenders
            .iter_mut()
            .filter(|offender| offender.feature == feature);
        named.for_each(|offender| offender.cost_in_r2 = Some(cost));
    }
}

impl AssociationMeasure {
    pub fn words(self) -> &'static str {
        match self {
            Self::Pearson => "Pearson's |r|",
            Self::CorrelationRatio => "correlation ratio",
            Self::CramersV => "Cramer's V",
        }
    }
}

pub(super) fn offenders(found: &ProxyAttribute, policy: &ProxyPolicy) -> Vec<Offender> {
    let offender = |feature: &str, reason: OffenderReason, value: f64| Offender {
        feature: feature.to_string(),
        attribute: found.attribute.clone(),
        reason,
        value,
        cost_in_r2: None,
    };
    let failing = found
        .associations
        .iter()
        .filter(|association| association.verdict == Verdict::Fail);
    let mut offenders: Vec<Offender> = failing
        .map(|association| {
            offender(
                &association.feature,
                OffenderReason::Association,
                association.value.unwrap_or(0.0),
            )
        })
        .collect();
    if !found.probe.above(policy.maximum_probe_auc) {
        return offenders;
    }
    for leading in &found.probe.leading_features {
        if !offenders
            .iter()
            .any(|known| known.feature == leading.feature)
        {
            offenders.push(offender(
                &leading.feature,
                OffenderReason::Probe,
                leading.weight,
            ));
        }
    }
    offenders
}
