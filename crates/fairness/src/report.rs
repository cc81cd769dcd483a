//! What an assessment found: everything that the numbers, the verdicts and the sentences need, ready for JSON.

use crate::groups::GroupKey;
use crate::measures::{Contrast, Disparities};
use crate::policy::Policy;
use crate::proxy::ProxyReport;
use crate::tally::GroupMetrics;
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The worst of the attributes, of the intersections if the policy judges them, and of the proxies if they were examined.
    pub verdict: Verdict,
    pub overall: GroupMetrics,
    pub weighted: bool,
    pub attributes: Vec<AttributeReport>,
    pub intersections: Vec<AttributeReport>,
    pub proxies: Option<ProxyReport>,
    pub policy: Policy,
}

/// One attribute, or one intersection of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeReport {
    /// `gender`, or `age*gender` for an intersection.
    pub name: String,
    pub verdict: Verdict,
    /// The policy names this attribute: insufficient evidence does not block.
    pub insufficient_evidence_allowed: bool,
    /// Which two groups differ by how much, in one sentence.
    pub sentence: String,
    pub criteria: Vec<CriterionReport>,
    pub between_groups: Disparities,
    pub to_overall: Disparities,
    /// Interval of the equal opportunity difference, by the policy's method.
    pub equal_opportunity_interval: Interval,
    pub groups: Vec<GroupReport>,
    /// Combinations of values without a single row. They take no part in any number.
    pub empty_cells: u64,
    /// Rows in which the attribute (for an intersection: any of them) is missing.
    pub missing_rows: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupReport {
    /// One value per attribute; null is missing.
    pub key: Vec<GroupKey>,
    pub label: String,
    #[serde(flatten)]
    pub metrics: GroupMetrics,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    DemographicParity,
    EqualizedOdds,
}

/// One limit, and what was held against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriterionReport {
    pub criterion: Criterion,
    pub limit: f64,
    pub verdict: Verdict,
    /// Over all groups: the number that fairlearn gives.
    pub all_groups: Estimate,
    /// Over the groups with enough evidence, which alone can fail a model. None when fewer than two have it.
    pub sufficient_groups: Option<Estimate>,
    /// The groups with too little evidence, and what they lack.
    pub shortfalls: Vec<Shortfall>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    pub difference: f64,
    pub interval: Interval,
    /// The groups at both ends. None when there is only one group.
    pub contrast: Option<Contrast>,
}

/// Percentile interval of a stratified bootstrap. The largest of several differences is biased upwards when resampled,
/// so with many small groups the interval can lie above the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    pub lower: f64,
    pub upper: f64,
    pub confidence_level: f64,
    pub draws: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shortfall {
    pub group: String,
    /// In words: "12 rows of 100", "0 positives of 20".
    pub lacks: Vec<String>,
}

impl Report {
    /// Adds what was found about proxies; their verdict counts in the overall verdict.
    pub fn with_proxies(mut self, proxies: ProxyReport) -> Self {
        self.proxies = Some(proxies);
        self.verdict = self.overall_verdict();
        self
    }

    pub(crate) fn overall_verdict(&self) -> Verdict {
        let judged = self
            .intersections
            .iter()
            .filter(|_| self.policy.judge_intersections);
        let attributes = self
            .attributes
            .iter()
            .chain(judged)
            .map(AttributeReport::effective_verdict);
        Verdict::worst(attributes.chain(self.proxies.iter().map(|proxies| proxies.verdict)))
    }

    /// One sentence per attribute, then those of the intersections that count, then those about proxies.
    pub fn sentences(&self) -> Vec<&str> {
        let judged = self
            .intersections
            .iter()
            .filter(|_| self.policy.judge_intersections);
        let attributes = self
            .attributes
            .iter()
            .chain(judged)
            .map(|attribute| attribute.sentence.as_str());
        let proxies = self.proxies.iter().flat_map(|proxies| &proxies.attributes);
        attributes
            .chain(proxies.map(|attribute| attribute.sentence.as_str()))
            .collect()
    }
}

impl AttributeReport {
    /// The verdict once missing evidence that the policy allows is taken for a pass.
    pub fn effective_verdict(&self) -> Verdict {
        self.verdict
            .once_allowed(self.insufficient_evidence_allowed)
    }
}

impl Criterion {
    pub fn words(self) -> &'static str {
        match self {
            Self::DemographicParity => "demographic parity difference",
            Self::EqualizedOdds => "equalized odds difference",
        }
    }
}
