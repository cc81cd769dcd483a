//! Specs of every version: documents outlive builds.
//!
//! A spec says its version by `format`; one without a word is of version 1, which knew XGBoost alone.

use serde::{Deserialize, Serialize};

use super::{
    Encoding, FairnessGate, Features, Learner, Promotion, QualityGate, Rows, Scaling, Scores,
    Search, Selection, Space, Spec, Split, Strategy, Task, Tpe, refuse,
};
use crate::calibration::CalibrationChoice;
use crate::names::ModelName;
use crate::params::Params;
use crate::problem::{DocumentError, INVALID_SPEC};

/// The version that is written today.
pub const NEWEST: u32 = 2;

/// A spec as its version has it.
#[derive(Debug)]
pub enum VersionedSpec {
    V1(Box<SpecV1>),
    V2(Box<Spec>),
}

#[derive(Deserialize)]
struct Format {
    #[serde(default = "first")]
    format: u32,
}

fn first() -> u32 {
    1
}

impl VersionedSpec {
    pub fn read(text: &str, origin: &str) -> Result<VersionedSpec, DocumentError> {
        let syntax = |error| DocumentError::syntax(INVALID_SPEC, origin, text, &error);
        let Format { format } = toml::from_str(text).map_err(syntax)?;
        match format {
            1 => toml::from_str(text).map(VersionedSpec::V1).map_err(syntax),
            2 => toml::from_str(text).map(VersionedSpec::V2).map_err(syntax),
            other => {
                let detail = format!(
                    "`format` is {other}, this program knows 1 to {NEWEST}: use a newer program, or leave it to `{NEWEST}`"
                );
                Err(refuse(origin, "format", detail).located(text))
            }
        }
    }
}

impl From<VersionedSpec> for Spec {
    fn from(versioned: VersionedSpec) -> Spec {
        match versioned {
            VersionedSpec::V1(spec) => Spec::from(*spec),
            VersionedSpec::V2(spec) => *spec,
        }
    }
}

/// The first version: regression by XGBoost, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecV1 {
    #[serde(default, rename = "format")]
    _format: Option<u32>,
    name: ModelName,
    #[serde(default)]
    description: String,
    contract: String,
    target: String,
    #[serde(default)]
    features: Features,
    #[serde(default)]
    selection: Selection,
    #[serde(default)]
    encoding: Encoding,
    #[serde(default)]
    scaling: Scaling,
    #[serde(default)]
    split: Split,
    #[serde(default)]
    rows: Rows,
    #[serde(default)]
    search: SearchV1,
    scores: Scores,
    #[serde(default)]
    quality: QualityGate,
    #[serde(default)]
    fairness: FairnessGate,
    #[serde(default)]
    promotion: Promotion,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SearchV1 {
    #[serde(rename = "algorithm")]
    _algorithm: AlgorithmV1,
    #[serde(rename = "objective")]
    _objective: ObjectiveV1,
    strategy: Strategy,
    containers: u32,
    #[serde(rename = "scoring")]
    _scoring: ScoringV1,
    folds: usize,
    seed: u32,
    space: Space,
    tpe: Tpe,
    fixed: Params,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AlgorithmV1 {
    Xgboost,
}

#[derive(Debug, Deserialize)]
enum ObjectiveV1 {
    #[serde(rename = "reg:squarederror")]
    SquaredError,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScoringV1 {
    R2,
}

impl Default for SearchV1 {
    fn default() -> Self {
        let newest = Search::default();
        SearchV1 {
            _algorithm: AlgorithmV1::Xgboost,
            _objective: ObjectiveV1::SquaredError,
            strategy: newest.strategy,
            containers: newest.containers,
            _scoring: ScoringV1::R2,
            folds: newest.folds,
            seed: newest.seed,
            space: newest.space,
            tpe: newest.tpe,
            fixed: newest.fixed,
        }
    }
}

impl From<SpecV1> for Spec {
    fn from(spec: SpecV1) -> Spec {
        let search = spec.search;
        Spec {
            format: Newest,
            name: spec.name,
            description: spec.description,
            contract: spec.contract,
            target: spec.target,
            task: Task::Regression,
            learner: Learner::Xgboost,
            calibration: CalibrationChoice::default(),
            features: spec.features,
            selection: spec.selection,
            encoding: spec.encoding,
            scaling: spec.scaling,
            split: spec.split,
            rows: spec.rows,
            search: Search {
                strategy: search.strategy,
                containers: search.containers,
                scoring: None,
                folds: search.folds,
                seed: search.seed,
                space: search.space,
                tpe: search.tpe,
                fixed: search.fixed,
            },
            scores: spec.scores,
            quality: spec.quality,
            fairness: spec.fairness,
            promotion: spec.promotion,
        }
    }
}

/// Written as the number of the newest version, and read as nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Newest;

impl From<Newest> for u32 {
    fn from(_: Newest) -> u32 {
        NEWEST
    }
}

impl TryFrom<u32> for Newest {
    type Error = String;

    fn try_from(format: u32) -> Result<Newest, String> {
        match format == NEWEST {
            true => Ok(Newest),
            false => Err(format!("`format` is {format}, it must be {NEWEST}")),
        }
    }
}
