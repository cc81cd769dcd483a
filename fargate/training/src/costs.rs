//! What the features that give a protected attribute away are worth: the same model, trained without each.
//!
//! Only here are learners at hand; a gate, which finds the same offenders, cannot train. A model without
//! offenders, as most are, costs one look at the held-out rows.

use millrace_contract::stages::FeatureCosts;
use millrace_contract::{Contract, Params, Spec};
use millrace_dataset::Frame;
use millrace_fairness::{FairnessError, assess_proxies};
use millrace_features::{Matrix, Recipe};
use millrace_people::{attributes, features, proxy_policy};
use millrace_training::{Setup, TrainingError, explained, refit};
use rayon::prelude::*;

/// A trained candidate, with the encoded rows and targets that it learned from and was judged on.
pub struct Candidate<'a> {
    pub recipe: &'a Recipe,
    pub setup: Setup<'a>,
    pub hyperparameters: &'a Params,
    pub training: (&'a Matrix, &'a [f64]),
    pub holdout: (&'a Matrix, &'a [f64]),
    /// How much of the loss of knowing nothing is gone on the held-out rows: R2, or the same of the log loss.
    pub score: f64,
}

/// Empty when nobody is compared, or when no feature gives an attribute away.
pub fn of_offenders(
    candidate: &Candidate<'_>,
    spec: &Spec,
    contract: &Contract,
    held: &Frame,
) -> Result<FeatureCosts, crate::TrainError> {
    let offenders = offenders(candidate.recipe, spec, contract, held)?;
    let costs: Vec<Option<f64>> = offenders
        .par_iter()
        .map(|feature| candidate.cost_of(feature))
        .collect::<Result<_, _>>()?;
    let priced = offenders.into_iter().zip(costs);
    Ok(priced
        .filter_map(|(feature, cost)| Some((feature, cost?)))
        .collect())
}

fn offenders(
    recipe: &Recipe,
    spec: &Spec,
    contract: &Contract,
    held: &Frame,
) -> Result<Vec<String>, FairnessError> {
    let gate = &spec.fairness;
    if gate.attributes.is_empty() {
        return Ok(Vec::new());
    }
    let features = features(held, contract, recipe.source_columns());
    let attributes = attributes(held, contract, gate)?;
    let report = assess_proxies(&features, &attributes, &proxy_policy(gate))?;
    let offending = report.offending_features();
    Ok(offending.into_iter().map(str::to_owned).collect())
}

impl Candidate<'_> {
    /// The score that is lost without the feature; none when no other column is left to learn from.
    fn cost_of(&self, feature: &str) -> Result<Option<f64>, TrainingError> {
        let encoded = self.recipe.columns().iter().enumerate();
        let (kept, names): (Vec<usize>, Vec<&str>) = encoded
            .filter(|(_, column)| column.source != feature)
            .map(|(index, column)| (index, column.name.as_str()))
            .unzip();
        if kept.is_empty() {
            return Ok(None);
        }
        let (matrix, target) = self.training;
        let (held, truth) = self.holdout;
        let rows = matrix.select_columns(&kept);
        let trained = refit(&rows, target, &names, self.setup, self.hyperparameters)?;
        let predictions = trained.predict(&held.select_columns(&kept))?;
        let without = explained(self.setup.task, truth, &predictions);
        Ok(Some(self.score - without.score))
    }
}
