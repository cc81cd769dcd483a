//! The parts of a spec that decide what is learned: columns, encoding and search.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::Tpe;

/// Which of the contract's feature columns may be learned from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Features {
    /// Columns that are left out.
    pub exclude: Vec<String>,
    /// Protected attributes that are learned from all the same: each must be named.
    pub include_protected: Vec<String>,
}

/// Which encoded columns are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    pub drop_constant: bool,
    /// Of two columns correlated more strongly than this the one weaker in `f_regression` is dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_correlation: Option<f64>,
    /// How many columns are kept, the best by `f_regression`; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<usize>,
}

impl Default for Selection {
    fn default() -> Self {
        Selection {
            drop_constant: true,
            maximum_correlation: Some(0.95),
            best: None,
        }
    }
}

/// How values become numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Encoding {
    pub category: CategoryEncoding,
    /// What a missing category becomes. Missing numbers and ordered words stay missing: the trees learn a side for them.
    pub missing_category: MissingCategory,
    /// What a word becomes that the contract does not list.
    pub unseen: Unseen,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryEncoding {
    /// A column of 0 and 1 for every word of the contract.
    #[default]
    OneHot,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingCategory {
    /// 0 in every column of the category.
    #[default]
    AllZero,
    /// A column of its own, named `column=missing`.
    OwnColumn,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// Treated as missing, and counted in the report.
    #[default]
    Missing,
    /// The whole run is refused.
    Refuse,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Mean 0 and population deviation 1 over the training rows.
    #[default]
    Standard,
    None,
}

/// How the best hyperparameters are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    pub algorithm: Algorithm,
    pub objective: Objective,
    pub strategy: Strategy,
    /// Over how many containers the candidates are spread; for the strategy `exhaustive`.
    pub containers: u32,
    pub scoring: Scoring,
    pub folds: usize,
    pub seed: u32,
    /// What the strategies `exhaustive` and `race` search.
    pub space: Space,
    /// What the strategy `tpe` searches.
    pub tpe: Tpe,
    pub fixed: FixedParameters,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            algorithm: Algorithm::Xgboost,
            objective: Objective::SquaredError,
            strategy: Strategy::Race,
            containers: 1,
            scoring: Scoring::R2,
            folds: 5,
            seed: 42,
            space: Space::default(),
            tpe: Tpe::default(),
            fixed: FixedParameters::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    Xgboost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Objective {
    #[serde(rename = "reg:squarederror")]
    SquaredError,
}

impl Objective {
    /// The word that XGBoost knows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SquaredError => "reg:squarederror",
        }
    }
}

impl Search {
    /// Over how many containers a search by this strategy is spread. A run that searches in another way than
    /// its spec says is not spread, for the other ways go from stage to stage.
    pub fn containers_for(&self, strategy: Strategy) -> u32 {
        match strategy {
            Strategy::Exhaustive => self.containers,
            Strategy::Race | Strategy::Tpe => 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Every candidate on every fold.
    Exhaustive,
    /// Candidates that are clearly beaten are dropped early; what was dropped and why is recorded.
    Race,
    /// Points are drawn where earlier ones did well (tree-structured Parzen estimators), between the
    /// values of a grid too.
    Tpe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scoring {
    R2,
}

/// The values to try of each hyperparameter; their product is the set of candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Space {
    #[serde(deserialize_with = "list")]
    pub n_estimators: Vec<u32>,
    #[serde(deserialize_with = "list")]
    pub max_depth: Vec<u32>,
    #[serde(deserialize_with = "list")]
    pub learning_rate: Vec<f64>,
    #[serde(deserialize_with = "list")]
    pub subsample: Vec<f64>,
    #[serde(deserialize_with = "list")]
    pub colsample_bytree: Vec<f64>,
}

impl Space {
    /// How many fits a fold takes: candidates that differ in the number of trees share one.
    pub fn fits_per_fold(&self) -> usize {
        self.max_depth.len()
            * self.learning_rate.len()
            * self.subsample.len()
            * self.colsample_bytree.len()
    }
}

impl Default for Space {
    fn default() -> Self {
        Space {
            n_estimators: vec![50, 100, 200],
            max_depth: vec![3, 6, 9],
            learning_rate: vec![0.01, 0.1, 0.3],
            subsample: vec![0.8, 1.0],
            colsample_bytree: vec![0.8, 1.0],
        }
    }
}

/// A list, and a word about where a range would belong.
fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(
                "a list of numbers: only the strategy `tpe` takes ranges, in `[search.tpe]`",
            )
        }

        fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Vec<T>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(values))
        }
    }

    deserializer.deserialize_seq(List(PhantomData))
}

/// Settings that every candidate shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixedParameters {
    pub max_bin: u32,
    pub min_child_weight: f64,
    pub reg_lambda: f64,
    pub reg_alpha: f64,
    pub gamma: f64,
}

impl Default for FixedParameters {
    fn default() -> Self {
        FixedParameters {
            max_bin: 256,
            min_child_weight: 1.0,
            reg_lambda: 1.0,
            reg_alpha: 0.0,
            gamma: 0.0,
        }
    }
}
