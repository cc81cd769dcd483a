//! The model spec: what to learn from a table, how to search, what to write, when to go live.
//!
//! Each section is a type of its own; unknown keys are refused with their line.

mod check;
mod check_search;
mod gates;
mod learner;
mod learning;
mod measured;
mod rows;
mod scores;
mod space;
mod split;
mod task;
mod tpe;
mod versions;

use serde::{Deserialize, Serialize};

pub use gates::{
    Decision, Demand, FairnessGate, MissingEvidence, Promotion, PromotionTarget, ProxyLimits,
    QualityGate, TierRecall,
};
pub use learner::{Learner, in_words};
pub use learning::{
    CategoryEncoding, Encoding, Features, MissingCategory, MissingNumber, Scaling, Search,
    Selection, Strategy, Unseen,
};
pub use measured::MEASURES;
pub use rows::Rows;
pub use scores::{Confidence, ExtraColumns, Interval, Inverse, Label, Reasons, Scores, Tiers};
pub use space::{Grid, Kind, Parameter, ParameterSpace, Space, Usual, Widened};
pub use split::{Split, SplitMethod};
pub use task::{Scoring, Task};
pub use tpe::{Dimension, Range, Tpe};

use crate::calibration::CalibrationChoice;
use crate::names::ModelName;
use crate::problem::{DocumentError, INVALID_SPEC};
pub use versions::Newest;
use versions::VersionedSpec;

/// A model: which table it learns from and everything that decides what comes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The version of the document's form.
    pub format: Newest,
    pub name: ModelName,
    #[serde(default)]
    pub description: String,
    /// The contract of the table, as a path relative to this spec.
    pub contract: String,
    /// The column to predict.
    pub target: String,
    /// What kind of thing that is.
    #[serde(default)]
    pub task: Task,
    /// What learns.
    #[serde(default)]
    pub learner: Learner,
    /// How what a classifier says becomes a probability.
    #[serde(default)]
    pub calibration: CalibrationChoice,
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
    /// Reads a spec of any version from TOML. `origin` names the file in what is said of mistakes.
    pub fn parse(text: &str, origin: &str) -> Result<Spec, DocumentError> {
        let versioned = VersionedSpec::read(text, origin)?;
        let spec = Spec::from(versioned);
        spec.check(origin).map_err(|error| error.located(text))?;
        Ok(spec)
    }

    /// By what the search decides: as the spec says, or as is usual for the task.
    pub fn scoring(&self) -> Scoring {
        self.search.scoring.unwrap_or(self.task.scoring())
    }

    /// What missing numbers become: as the spec says, or as is usual for the learner.
    pub fn missing_number(&self) -> MissingNumber {
        let usual = match self.learner.takes_missing() {
            true => MissingNumber::Keep,
            false => MissingNumber::Median,
        };
        self.encoding.missing_number.unwrap_or(usual)
    }
}

/// How a spec says that one of its places is wrong.
pub(crate) fn refuse(
    origin: &str,
    place: impl Into<String>,
    detail: impl Into<String>,
) -> DocumentError {
    refuse_as(INVALID_SPEC, origin, place, detail)
}

/// The same by a name of its own.
pub(crate) fn refuse_as(
    kind: &'static str,
    origin: &str,
    place: impl Into<String>,
    detail: impl Into<String>,
) -> DocumentError {
    DocumentError::Meaning {
        kind,
        origin: origin.to_owned(),
        place: place.into(),
        line: None,
        detail: detail.into(),
    }
}
