//! The parts of a spec that decide whether a model may go live.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// How good a model must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QualityGate {
    /// For tiers that matter: the least share of the rows truly in the tier that are also predicted in it.
    pub minimum_tier_recall: TierRecall,
    /// How much lower than the live model's R2, on rows that neither has learned from, the new one may be.
    pub must_not_be_worse_than_live_by: f64,
    /// With fewer rows that neither has learned from there is too little evidence.
    pub minimum_rows_against_live: u64,
    /// What the comparison with the live model may lack without blocking.
    pub allow_insufficient_evidence: Vec<MissingEvidence>,
    /// The largest share of the held-out predictions that may lie outside the range of the scores.
    pub maximum_clipped_share: f64,
    pub maximum_model_bytes: u64,
    pub maximum_nanoseconds_per_row: u64,
    /// How often training is tried, each time with a wider search.
    pub attempts: u32,
    /// `minimum_<measure>`, `maximum_<measure>` and `good_<measure>`, as they are written.
    #[serde(flatten)]
    pub measured: IndexMap<String, f64>,
}

/// What a spec demands of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// A model that has less is too weak.
    Minimum,
    /// A model that has more is too weak.
    Maximum,
    /// A model that is at least as good is called good; between this and its limit it is acceptable.
    Good,
}

impl Demand {
    const ALL: [(Demand, &'static str); 3] = [
        (Demand::Minimum, "minimum_"),
        (Demand::Maximum, "maximum_"),
        (Demand::Good, "good_"),
    ];

    /// From a key of the spec: what is demanded, and the name of the measure.
    pub fn of(key: &str) -> Option<(Demand, &str)> {
        let mut all = Demand::ALL.into_iter();
        all.find_map(|(demand, prefix)| Some((demand, key.strip_prefix(prefix)?)))
    }
}

impl QualityGate {
    /// What is demanded of which measure, in the order of the spec.
    pub fn demands(&self) -> impl Iterator<Item = (Demand, &str, f64)> {
        let all = self.measured.iter();
        all.filter_map(|(key, value)| {
            let (demand, measure) = Demand::of(key)?;
            Some((demand, measure, *value))
        })
    }
}

/// Why a candidate could not be held against the live model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingEvidence {
    /// The live model's files are altered, missing or of a form that this program does not know.
    LiveUnreadable,
    /// The live model takes other columns, predicts something else, or nobody can say what it learned from.
    LiveIncomparable,
    /// Fewer rows than the spec asks for that neither model has learned from.
    LiveTooFewRows,
    /// The candidate is worse by more than is allowed, but so little that it may be chance.
    LiveTooClose,
}

impl MissingEvidence {
    /// The word of the spec that allows it.
    pub fn word(self) -> &'static str {
        match self {
            Self::LiveUnreadable => "live_unreadable",
            Self::LiveIncomparable => "live_incomparable",
            Self::LiveTooFewRows => "live_too_few_rows",
            Self::LiveTooClose => "live_too_close",
        }
    }
}

/// Tier label to the least recall.
pub type TierRecall = IndexMap<String, f64>;

impl Default for QualityGate {
    fn default() -> Self {
        QualityGate {
            minimum_tier_recall: TierRecall::new(),
            must_not_be_worse_than_live_by: 0.005,
            minimum_rows_against_live: 100,
            allow_insufficient_evidence: Vec::new(),
            maximum_clipped_share: 0.05,
            maximum_model_bytes: 200 << 20,
            maximum_nanoseconds_per_row: 100_000,
            attempts: 2,
            measured: IndexMap::new(),
        }
    }
}

/// How alike a model must treat groups of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FairnessGate {
    /// The protected attributes that are judged; none means that nobody is compared.
    pub attributes: Vec<String>,
    /// Rising edges that cut a numeric attribute into bands, each closed on the left.
    pub bands: IndexMap<String, Vec<f64>>,
    /// Also judge the groups that two or more attributes form together.
    pub intersections: bool,
    /// A score above it counts as selected.
    pub threshold: f64,
    pub maximum_demographic_parity_difference: f64,
    /// Also limit the difference of the error rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_equalized_odds_difference: Option<f64>,
    pub minimum_rows_per_group: u64,
    pub minimum_positives_per_group: u64,
    pub minimum_negatives_per_group: u64,
    pub decision: Decision,
    /// Attributes (or intersections, written `a*b`) for which too little evidence does not block.
    pub allow_insufficient_evidence: Vec<String>,
    pub bootstrap_draws: u32,
    pub confidence_level: f64,
    pub seed: u64,
    pub proxy: ProxyLimits,
}

/// What makes a difference too large.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The measured difference exceeds the limit.
    #[default]
    PointEstimate,
    /// The whole confidence interval lies above the limit.
    BeyondInterval,
}

/// How closely used features may stand in for a protected attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProxyLimits {
    pub maximum_association: f64,
    /// The largest cross-validated AUC with which the used features together may tell the attribute.
    pub maximum_probe_auc: f64,
}

impl Default for ProxyLimits {
    fn default() -> Self {
        ProxyLimits {
            maximum_association: 0.5,
            maximum_probe_auc: 0.8,
        }
    }
}

impl Default for FairnessGate {
    fn default() -> Self {
        FairnessGate {
            attributes: Vec::new(),
            bands: IndexMap::new(),
            intersections: false,
            threshold: 0.5,
            maximum_demographic_parity_difference: 0.1,
            maximum_equalized_odds_difference: None,
            minimum_rows_per_group: 100,
            minimum_positives_per_group: 20,
            minimum_negatives_per_group: 20,
            decision: Decision::PointEstimate,
            allow_insufficient_evidence: Vec::new(),
            bootstrap_draws: 1_000,
            confidence_level: 0.95,
            seed: 42,
            proxy: ProxyLimits::default(),
        }
    }
}

/// What happens to a model that passed its gates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Promotion {
    pub to: PromotionTarget,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionTarget {
    #[default]
    Live,
    Staging,
}
