//! Learning a model: from accepted rows to the files of a candidate.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{Documents, Run};
use crate::artifact::ObjectRef;
use crate::metadata::Metrics;
use crate::predictor::PredictorKind;
use crate::spec::Strategy;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainInput {
    pub run: Run,
    pub documents: Documents,
    /// The list of the files to learn from, as validation found them.
    pub data_files: ObjectRef,
    /// The rows that validation put into quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusions: Option<ObjectRef>,
    /// The profile that validation made of the data: kept with the model as the reference for drift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ObjectRef>,
    /// 1 at first; each further attempt searches more widely.
    pub attempt: u32,
    /// Instead of the spec's own strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    #[serde(default, skip_serializing_if = "Spread::is_whole")]
    pub spread: Spread,
}

impl TrainInput {
    /// The folder of the stage within its run.
    pub fn stage(&self) -> String {
        match self.spread {
            Spread::Whole | Spread::Joined { .. } => format!("train-{}", self.attempt),
            Spread::Part(share) => part_stage(self.attempt, share.index),
        }
    }
}

/// The folder of one part of a spread search.
pub fn part_stage(attempt: u32, index: u32) -> String {
    format!("search-{attempt}-{index:05}")
}

/// How much of the search a container does. Whatever it is, the model is the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// All of it; then it trains the winner.
    #[default]
    Whole,
    /// A share of the candidates, and nothing else.
    Part(Share),
    /// Nothing: it reads what so many parts found, and trains the winner.
    Joined { parts: u32 },
}

impl Spread {
    fn is_whole(&self) -> bool {
        *self == Spread::Whole
    }
}

/// One of so many parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// From 0.
    pub index: u32,
    pub count: u32,
}

/// What a part of a spread search leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchPartOutput {
    pub share: Share,
    /// How many candidates it scored.
    pub candidates: usize,
    /// Their scores, and what else is needed to go on with the best of them.
    pub standings: ObjectRef,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainOutput {
    pub attempt: u32,
    pub files: ModelFiles,
    pub metrics: Metrics,
}

/// Everything that belongs to a model: it can be applied and judged with these alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFiles {
    /// The predictor, in the form of its kind: `model.ubj` of trees, `linear.json`.
    pub model: ObjectRef,
    /// `model.json`, which names the kind; a model of the first version has none, and is of trees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<ObjectRef>,
    pub recipe: ObjectRef,
    pub metadata: ObjectRef,
    pub spec: ObjectRef,
    pub contract: ObjectRef,
    /// `holdout.parquet`: id, truth, prediction and protected attributes of the held-out rows.
    pub holdout: ObjectRef,
    /// `holdout_rows.parquet`: everything that may be learned from, of the same rows in the same order.
    pub holdout_rows: ObjectRef,
    /// The profile of the data that it learned from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ObjectRef>,
    /// `feature_costs.json`, where features give a protected attribute away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_costs: Option<ObjectRef>,
}

/// For each feature that gives a protected attribute away: how much lower the R2 on the held-out rows is
/// when the same model is trained without it.
pub type FeatureCosts = IndexMap<String, f64>;

impl ModelFiles {
    /// The files with the names that they have in a version's folder.
    pub fn named(&self) -> Vec<(&'static str, &ObjectRef)> {
        let kind = PredictorKind::of_key(&self.model.key).unwrap_or_default();
        let mut files = vec![
            (kind.file(), &self.model),
            ("recipe.json", &self.recipe),
            ("metadata.json", &self.metadata),
            ("spec.toml", &self.spec),
            ("contract.toml", &self.contract),
            ("holdout.parquet", &self.holdout),
            ("holdout_rows.parquet", &self.holdout_rows),
        ];
        files.extend(self.description.iter().map(|file| ("model.json", file)));
        files.extend(self.profile.iter().map(|file| ("profile.json", file)));
        let costs = self.feature_costs.iter();
        files.extend(costs.map(|file| ("feature_costs.json", file)));
        files
    }

    /// The reverse of `named`: from a manifest's list of names and objects.
    pub fn from_named<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a ObjectRef)>,
    ) -> Result<ModelFiles, String> {
        let known: std::collections::BTreeMap<&str, &ObjectRef> = files.into_iter().collect();
        let file = |name: &str| -> Result<ObjectRef, String> {
            known
                .get(name)
                .map(|o| (*o).clone())
                .ok_or_else(|| format!("the model has no file `{name}`"))
        };
        let predictors = PredictorKind::ALL.map(PredictorKind::file);
        let predictor = predictors.into_iter().find(|name| known.contains_key(name));
        Ok(ModelFiles {
            model: file(predictor.unwrap_or("model.ubj"))?,
            description: known.get("model.json").map(|o| (*o).clone()),
            recipe: file("recipe.json")?,
            metadata: file("metadata.json")?,
            spec: file("spec.toml")?,
            contract: file("contract.toml")?,
            holdout: file("holdout.parquet")?,
            holdout_rows: file("holdout_rows.parquet")?,
            profile: known.get("profile.json").map(|o| (*o).clone()),
            feature_costs: known.get("feature_costs.json").map(|o| (*o).clone()),
        })
    }
}
