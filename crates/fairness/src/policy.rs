//! What a spec asks of a model: limits, how much evidence they need, and what decides.

use crate::error::FairnessError;
use crate::measures::{Aggregate, Method};
use serde::{Deserialize, Serialize};

/// Every field has a default, unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// A limit of 1.0 switches the criterion off: no difference exceeds it, and no evidence is asked for.
    pub maximum_demographic_parity_difference: f64,
    /// None, or 1.0 where a format knows no null, switches the criterion off.
    pub maximum_equalized_odds_difference: Option<f64>,
    pub method: Method,
    pub equalized_odds_aggregate: Aggregate,
    /// With weights, rows are counted as effective rows: (sum of weights)^2 / sum of squared weights.
    pub minimum_rows_per_group: u64,
    pub minimum_positives_per_group: u64,
    pub minimum_negatives_per_group: u64,
    pub decision: Decision,
    /// Attributes (or intersections, written `age*gender`) for which too little evidence does not block.
    pub allow_insufficient_evidence: Vec<String>,
    /// The most attributes that are crossed with one another; 1 leaves intersections out.
    pub largest_intersection: usize,
    /// Whether intersections count in the overall verdict. They are reported with a verdict either way.
    pub judge_intersections: bool,
    pub bootstrap_draws: u32,
    pub confidence_level: f64,
    pub seed: u64,
}

/// What makes a difference too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The measured difference is above the limit.
    #[default]
    PointEstimate,
    /// The measured difference and the lower end of its interval are above the limit.
    BeyondInterval,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            maximum_demographic_parity_difference: 0.1,
            maximum_equalized_odds_difference: Some(0.1),
            method: Method::BetweenGroups,
            equalized_odds_aggregate: Aggregate::WorstCase,
            minimum_rows_per_group: 100,
            minimum_positives_per_group: 20,
            minimum_negatives_per_group: 20,
            decision: Decision::PointEstimate,
            allow_insufficient_evidence: Vec::new(),
            largest_intersection: 3,
            judge_intersections: false,
            bootstrap_draws: 1_000,
            confidence_level: 0.95,
            seed: 42,
        }
    }
}

impl Policy {
    pub(crate) fn allows(&self, name: &str) -> bool {
        self.allow_insufficient_evidence
            .iter()
            .any(|allowed| allowed == name)
    }

    pub fn check(&self) -> Result<(), FairnessError> {
        let share = "it must lie in [0, 1]";
        let parity = self.maximum_demographic_parity_difference;
        require(
            "maximum_demographic_parity_difference",
            parity,
            (0.0..=1.0).contains(&parity),
            share,
        )?;
        if let Some(odds) = self.maximum_equalized_odds_difference {
            require(
                "maximum_equalized_odds_difference",
                odds,
                (0.0..=1.0).contains(&odds),
                share,
            )?;
        }
        let draws = self.bootstrap_draws;
        let enough = (1_000..=1_000_000).contains(&draws);
        require(
            "bootstrap_draws",
            draws,
            enough,
            "an interval needs 1,000 to 1,000,000 draws",
        )?;
        let level = self.confidence_level;
        require(
            "confidence_level",
            level,
            level > 0.0 && level < 1.0,
            "it must lie between 0 and 1, for example 0.95",
        )
    }
}

pub(crate) fn require(
    field: &'static str,
    value: impl ToString,
    holds: bool,
    requirement: &'static str,
) -> Result<(), FairnessError> {
    if holds {
        return Ok(());
    }
    Err(FairnessError::PolicyInvalid {
        field,
        value: value.to_string(),
        requirement,
    })
}
