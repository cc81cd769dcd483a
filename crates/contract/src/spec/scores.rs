//! The part of a spec that decides what analysts read: score columns, rounding and tiers.

use serde::{Deserialize, Serialize};

use crate::calibration::ThresholdPolicy;

/// The columns that are written for every scored row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// The table that the scores are published to.
    #[serde(default = "predictions")]
    pub table: String,
    /// The name of the score's column.
    pub column: String,
    /// Whether customers' ids are written as pseudonyms, made with the installation's key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pseudonymise_ids: bool,
    /// To how many decimals scores are rounded before they are written and put into tiers.
    pub decimals: u32,
    /// Scores outside are moved to the nearer end and counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// Groups of scores with a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<Tiers>,
    /// A yes or a no, of a classifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// How near a score lies to the middle of the training target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The upper end of the range less the score, with tiers of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<Inverse>,
    /// What moved each score most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Reasons>,
    /// Two values with the truth between them, for a given share of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

impl Scores {
    /// The same with the columns that someone asked for beyond them.
    pub fn with(mut self, extra: &ExtraColumns) -> Scores {
        if let Some(count) = extra.reasons {
            self.reasons = Some(Reasons { count });
        }
        if let Some(coverage) = extra.interval {
            let columns = self.interval.unwrap_or_default();
            self.interval = Some(Interval {
                coverage,
                ..columns
            });
        }
        self
    }
}

/// Columns that a spec may ask for, and whoever starts the scoring too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraColumns {
    /// How many reasons for each score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasons: Option<u32>,
    /// The share of rows whose truth lies within the interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<f64>,
}

impl ExtraColumns {
    pub fn is_none(&self) -> bool {
        *self == ExtraColumns::default()
    }
}

/// `reason_1` names the column of the table that moved a score most, `reason_1_effect` says by how
/// much, and so on: exact Shapley values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    #[serde(default = "three")]
    pub count: u32,
}

impl Reasons {
    /// The names of the columns: of the reasons and of their effects.
    pub fn columns(self) -> impl Iterator<Item = (String, String)> {
        (1..=self.count).map(|place| (format!("reason_{place}"), format!("reason_{place}_effect")))
    }
}

fn three() -> u32 {
    3
}

/// An interval around each score, as wide as the winner's errors on rows it had not learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Interval {
    /// The share of rows whose truth lies within.
    pub coverage: f64,
    pub low: String,
    pub high: String,
}

impl Default for Interval {
    fn default() -> Self {
        Interval {
            coverage: 0.9,
            low: "score_low".to_owned(),
            high: "score_high".to_owned(),
        }
    }
}

fn predictions() -> String {
    "predictions".to_owned()
}

/// Half-open intervals, closed on the right, that together cover every score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// The name of the tier's column.
    pub column: String,
    /// The inner edges, rising. A score equal to an edge belongs to the tier below it.
    pub edges: Vec<f64>,
    /// One label more than edges, from low to high.
    pub labels: Vec<String>,
}

impl Tiers {
    /// The index of the tier of a score that is not NaN.
    pub fn index(&self, score: f64) -> usize {
        self.edges.iter().take_while(|edge| score > **edge).count()
    }
}

/// The class that is predicted: yes where the probability, as it is written, is at least the threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The name of the label's column.
    pub column: String,
    #[serde(default = "yes")]
    pub positive: String,
    #[serde(default = "no")]
    pub negative: String,
    /// What decides where a yes begins, on rows that the model has not learned from.
    #[serde(default = "f1")]
    pub threshold: ThresholdPolicy,
}

fn yes() -> String {
    "yes".to_owned()
}

fn no() -> String {
    "no".to_owned()
}

fn f1() -> ThresholdPolicy {
    ThresholdPolicy::F1
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    pub column: String,
    #[serde(default = "two")]
    pub decimals: u32,
}

fn two() -> u32 {
    2
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inverse {
    pub column: String,
    pub tiers: Tiers,
}
