//! The model spec: what to learn from a table, how to search, what to write, when to go live.
//!
//! Each section is a type of its own; unknown keys are refused with their line.

mod check;
mod gates;
mod learning;
mod rows;
mod scores;
mod split;
mod tpe;

use serde::{Deserialize, Serialize};

pub use gates::{
    Decision, FairnessGate, MissingEvidence, Promotion, PromotionTarget, ProxyLimits, QualityGate,
    TierRecall,
};
pub use learning::{
    Algorithm, CategoryEncoding, Encoding, Features, FixedParameters, MissingCategory, Objective,
    Scaling, Scoring, Search, Selection, Space, Strategy, Unseen,
};
pub use rows::Rows;
pub use scores::{Confidence, ExtraColumns, Interval, Inverse, Reasons, Scores, Tiers};
pub use split::{Split, SplitMethod};
pub use tpe::{Dimension, Range, Tpe};

use crate::names::ModelName;
use crate::problem::{DocumentError, INVALID_SPEC};

/// A model: which table it learns from and everything that decides what comes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub name: ModelName,
    #[serde(default)]
    pub description: String,
    /// The contract of the table, as a path relative to this spec.
    pub contract: String,
    /// The column to predict.
    pub target: String,
    #[serde(default)]
    pub features: Features,
    #[serde(default)]
    pub selection: Selection,
    #[serde(default)]
    pub encoding: Encoding,
    #[serde(default)]
    pub scaling: Scaling,
    #[serde(default)]
    pub split: Split,
    #[serde(default, skip_serializing_if = "Rows::are_all")]
    pub rows: Rows,
    #[serde(default)]
    pub search: Search,
    pub scores: Scores,
    #[serde(default)]
    pub quality: QualityGate,
    #[serde(default)]
    pub fairness: FairnessGate,
    #[serde(default)]
    pub promotion: Promotion,
}

impl Spec {
    /// Reads a spec from TOML. `origin` names the file in what is said of mistakes.
    pub fn parse(text: &str, origin: &str) -> Result<Spec, DocumentError> {
        let spec: Spec = toml::from_str(text)
            .map_err(|error| DocumentError::syntax(INVALID_SPEC, origin, text, &error))?;
        spec.check(origin)?;
        Ok(spec)
    }
}

/// How a spec says that one of its places is wrong.
pub(crate) fn refuse(origin: &str, place: &str, detail: impl Into<String>) -> DocumentError {
    DocumentError::Meaning {
        kind: INVALID_SPEC,
        origin: origin.to_owned(),
        place: place.to_owned(),
        detail: detail.into(),
    }
}
