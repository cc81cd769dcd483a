//! The part of a spec that decides what analysts read: score columns, rounding and tiers.

use serde::{Deserialize, Serialize};

/// The columns that are written for every scored row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// The table that the scores are published to.
    #[serde(default = "predictions")]
    pub table: String,
    /// The name of the score's column.
    pub column: String,
    /// To how many decimals scores are rounded before they are written and put into tiers.
    pub decimals: u32,
    /// Scores outside are moved to the nearer end and counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
    /// Groups of scores with a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<Tiers>,
    /// How near a score lies to the middle of the training target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The upper end of the range less the score, with tiers of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<Inverse>,
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
