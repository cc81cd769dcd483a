//! The parts of a spec that decide what is learned: columns, encoding and search.

use serde::{Deserialize, Serialize};

use super::space::Space;
use super::{Scoring, Tpe};
use crate::params::Params;

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
    /// What a missing category becomes.
    pub missing_category: MissingCategory,
    /// What missing numbers, ordered words and booleans become; what is usual for the learner when the spec says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_number: Option<MissingNumber>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingNumber {
    /// Missing: trees learn a side for it.
    Keep,
    /// The mean of the rows that are learned from.
    Mean,
    /// Their median; of ordered words and booleans the value that is there most often.
    Median,
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

/// How the best parameters are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    pub strategy: Strategy,
    /// Over how many containers the candidates are spread; for the strategy `exhaustive`.
    pub containers: u32,
    /// The measure that decides; the usual one of the task when the spec names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scoring: Option<Scoring>,
    pub folds: usize,
    pub seed: u32,
    /// What the strategies `exhaustive` and `race` search, where it is not the learner's usual grid.
    pub space: Space,
    /// What the strategy `tpe` searches.
    pub tpe: Tpe,
    /// What every candidate shares, where it is not usual for the learner.
    pub fixed: Params,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            strategy: Strategy::Race,
            containers: 1,
            scoring: None,
            folds: 5,
            seed: 42,
            space: Space::default(),
            tpe: Tpe::default(),
            fixed: Params::default(),
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
