//! Metadata of every version: documents outlive builds.
//!
//! A document says its version by `versions.metadata`. Version 1 knew XGBoost alone, and so no learner.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::{
    ClassReport, Importance, InputDigests, IntervalReport, Metadata, Metrics, RowCounts,
    SampleRecord, SearchReport, SplitRecord, TargetSummary, Versions,
};
use crate::names::{ModelName, RunId};
use crate::params::Params;
use crate::spec::{Learner, Task};

/// The version that is written today.
pub const NEWEST: u32 = 2;

/// Metadata as its version has it.
enum VersionedMetadata {
    V1(Box<Body>),
    V2(Box<Body>),
}

/// What the versions have in common, and what only some have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    model_name: ModelName,
    run_id: RunId,
    trained_at: jiff::Timestamp,
    versions: Versions,
    digests: InputDigests,
    rows: RowCounts,
    split: Option<SplitRecord>,
    sample: Option<SampleRecord>,
    features: Vec<String>,
    target: TargetSummary,
    /// Since version 2.
    learner: Option<Learner>,
    /// Since version 2.
    task: Option<Task>,
    /// Since version 2.
    classes: Option<ClassReport>,
    hyperparameters: Params,
    search: SearchReport,
    metrics: Metrics,
    #[serde(default)]
    intervals: Vec<IntervalReport>,
    importance: Importance,
}

impl VersionedMetadata {
    fn of(body: Body) -> Result<VersionedMetadata, String> {
        let version = body.versions.metadata;
        let later = body.learner.is_some() || body.task.is_some() || body.classes.is_some();
        match (version, later) {
            (1, false) => Ok(VersionedMetadata::V1(Box::new(body))),
            (1, true) => Err("`learner`, `task` or `classes`: version 1 has none of them".into()),
            (2, _) => Ok(VersionedMetadata::V2(Box::new(body))),
            _ => Err(format!(
                "it is metadata of version {version}, this program knows 1 to {NEWEST}: use a newer program"
            )),
        }
    }

    fn raised(self) -> Result<Metadata, String> {
        match self {
            VersionedMetadata::V1(body) => Ok(body.with(Task::Regression, Learner::Xgboost)),
            VersionedMetadata::V2(body) => {
                let learner = body.learner.ok_or("missing field `learner`")?;
                // The first of this version knew regressions alone, and did not say so.
                let task = body.task.unwrap_or(Task::Regression);
                Ok(body.with(task, learner))
            }
        }
    }
}

impl Body {
    fn with(mut self, task: Task, learner: Learner) -> Metadata {
        self.versions.metadata = NEWEST;
        Metadata {
            model_name: self.model_name,
            run_id: self.run_id,
            trained_at: self.trained_at,
            versions: self.versions,
            digests: self.digests,
            rows: self.rows,
            split: self.split,
            sample: self.sample,
            features: self.features,
            target: self.target,
            task,
            learner,
            hyperparameters: self.hyperparameters,
            search: self.search,
            metrics: self.metrics,
            classes: self.classes,
            intervals: self.intervals,
            importance: self.importance,
        }
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Body::deserialize(deserializer)?;
        let versioned = VersionedMetadata::of(body).map_err(D::Error::custom)?;
        versioned.raised().map_err(D::Error::custom)
    }
}
