//! The model, and the plain way to score a row.

use crate::objective::Objective;
use crate::tree::{Tree, ZERO};

/// A model that LightGBM trained. Whatever made it, it is sound: every child, column and list of words exists.
#[derive(Debug, Clone, PartialEq)]
pub struct LightGbm {
    pub(crate) names: Vec<String>,
    pub(crate) outputs: usize,
    pub(crate) objective: Objective,
    /// Whether trees vote (a random forest) and do not add up.
    pub(crate) is_average: bool,
    /// Tree after tree; of several outputs one tree for each in turn.
    pub(crate) trees: Vec<Tree>,
}

impl LightGbm {
    /// The columns in the order in which they are taken.
    pub fn feature_names(&self) -> &[String] {
        &self.names
    }

    /// How many numbers a row's prediction has: one, or one for each class.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn objective(&self) -> Objective {
        self.objective
    }

    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// The predictions for one row; NaN is missing. It must have as many values as there are columns.
    pub fn predict_row(&self, row: &[f64]) -> Vec<f64> {
        let row: Vec<f64> = row.iter().map(|value| snapped(*value)).collect();
        let mut sums = vec![0.0; self.outputs];
        for (index, tree) in self.trees.iter().enumerate() {
            sums[index % self.outputs] += tree.leaf(&row);
        }
        self.finish(&mut sums);
        sums
    }

    /// From sums of leaves to predictions.
    pub(crate) fn finish(&self, sums: &mut [f64]) {
        if self.is_average {
            let rounds = (self.trees.len() / self.outputs) as f64;
            sums.iter_mut().for_each(|sum| *sum /= rounds);
        }
        self.objective.convert(sums);
    }
}

/// LightGBM reads what is next to 0 as 0.
#[inline(always)]
pub(crate) fn snapped(value: f64) -> f64 {
    if value.abs() <= ZERO { 0.0 } else { value }
}
