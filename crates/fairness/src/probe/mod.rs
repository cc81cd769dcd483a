//! The probe: how well all used features together predict a protected attribute.
//!
//! A small logistic model with L2 penalty on standardised inputs, one group against the rest, judged by its AUC on rows
//! it has not seen (stratified folds, the mean over folds and then over groups). Linear on purpose: it is quick and the
//! same every time, but it does not see what only an interaction of features gives away.

mod curve;
mod design;
mod fold;
mod logistic;

use crate::proxy::{Column, ProxyPolicy, against};
use crate::verdict::Verdict;
use curve::area_under_curve;
use design::Design;
use logistic::{Newton, Task};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How many of the features that the probe leans on most are named.
const LEADING_FEATURES: usize = 5;
/// A feature with less than this share of the largest weight does not lead.
const LEADING_SHARE: f64 = 0.1;

/// What the probe found for one attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    pub verdict: Verdict,
    /// Mean over the groups. None when there are not two groups with enough rows.
    pub auc: Option<f64>,
    /// One group against the rest. With two groups both have the same AUC.
    pub groups: Vec<GroupAuc>,
    /// Rows that the probe learned from and was judged on.
    pub rows: u64,
    /// Rows of the sample in which the attribute is missing.
    pub missing_rows: u64,
    /// Groups with fewer rows than the policy asks for.
    pub groups_left_out: Vec<String>,
    pub leading_features: Vec<LeadingFeature>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupAuc {
    pub group: String,
    pub auc: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadingFeature {
    pub feature: String,
    /// Mean size of its standardised coefficients over folds and groups.
    pub weight: f64,
}

/// The rows of the probe, drawn once for all attributes, with their standardised inputs.
#[derive(Debug)]
pub(crate) struct Sample {
    rows: Vec<usize>,
    design: Design,
}

impl Sample {
    pub fn new(columns: &[Column], policy: &ProxyPolicy) -> Self {
        let total = columns.first().map_or(0, Column::rows);
        let most = usize::try_from(policy.maximum_probe_rows).unwrap_or(usize::MAX);
        let mut rows: Vec<usize> = (0..total).collect();
        if total > most {
            let mut generator = Pcg64Mcg::seed_from_u64(policy.seed);
            rows = rand::seq::index::sample(&mut generator, total, most).into_vec();
            rows.sort_unstable();
        }
        let values = usize::try_from(policy.maximum_values_per_category).unwrap_or(usize::MAX);
        Self {
            design: Design::new(columns, &rows, values),
            rows,
        }
    }
}

/// Probes one attribute: `groups` holds each row's group, `None` where it is missing.
pub(crate) fn run(
    sample: &Sample,
    features: &[&str],
    groups: &[Option<usize>],
    labels: &[String],
    policy: &ProxyPolicy,
) -> Probe {
    let known = sample
        .rows
        .iter()
        .enumerate()
        .filter_map(|(position, row)| groups[*row].map(|group| (position, group)));
    let known: Vec<(usize, usize)> = known.collect();
    let mut sizes = vec![0_u64; labels.len()];
    known.iter().for_each(|(_, group)| sizes[*group] += 1);
    let minimum = policy.minimum_rows_per_group.max(2 * policy.folds);
    let (kept, small): (Vec<usize>, Vec<usize>) = (0..labels.len())
        .filter(|group| sizes[*group] > 0)
        .partition(|group| sizes[*group] >= minimum);
    let members: Vec<(usize, usize)> = known
        .iter()
        .copied()
        .filter(|(_, group)| kept.contains(group))
        .collect();
    let mut probe = Probe {
        verdict: Verdict::InsufficientEvidence,
        auc: None,
        groups: Vec::new(),
        rows: members.len() as u64,
        missing_rows: (sample.rows.len() - known.len()) as u64,
        groups_left_out: small.iter().map(|group| labels[*group].clone()).collect(),
        leading_features: Vec::new(),
    };
    if kept.len() < 2 {
        return probe;
    }
    let folds = fold::stratified(&members, policy.folds as usize, policy.seed);
    let found = cross_validate(
        &sample.design,
        &members,
        &folds,
        policy.folds as usize,
        &kept,
        policy.penalty,
    );
    let mean = found.areas.iter().sum::<f64>() / found.areas.len() as f64;
    let scored = kept.iter().zip(&found.areas);
    probe.auc = Some(mean);
    probe.groups = scored
        .map(|(group, auc)| GroupAuc {
            group: labels[*group].clone(),
            auc: *auc,
        })
        .collect();
    probe.verdict = against(probe.auc, policy.maximum_probe_auc, true);
    probe.leading_features = leading(&found.weights, features);
    probe
}

struct CrossValidated {
    /// Mean AUC over the folds, for each group.
    areas: Vec<f64>,
    /// Mean size of the coefficients of each feature.
    weights: Vec<f64>,
}

/// One model for every group and fold, side by side; their order in the result is fixed.
fn cross_validate(
    design: &Design,
    members: &[(usize, usize)],
    folds: &[usize],
    fold_count: usize,
    groups: &[usize],
    penalty: f64,
) -> CrossValidated {
    let rows: Vec<usize> = members.iter().map(|(row, _)| *row).collect();
    let newton = Newton::new(design, &rows, penalty);
    // With two groups the second model would be the mirror image of the first.
    let modelled = if groups.len() == 2 {
        &groups[1..]
    } else {
        groups
    };
    let tasks: Vec<(usize, usize)> = modelled
        .iter()
        .flat_map(|group| (0..fold_count).map(move |fold| (*group, fold)))
        .collect();
    let results: Vec<(f64, Vec<f64>)> = tasks
        .par_iter()
        .map(|&(group, fold)| {
            let (held_out, training): (Vec<_>, Vec<_>) = members
                .iter()
                .zip(folds)
                .partition(|(_, row_fold)| **row_fold == fold);
            let labelled = |rows: Vec<(&(usize, usize), &usize)>| -> Vec<(usize, bool)> {
                rows.into_iter()
                    .map(|((row, of), _)| (*row, *of == group))
                    .collect()
            };
            let training = labelled(training);
            let model = logistic::fit(
                &Task {
                    design,
                    rows: &training,
                    penalty,
                },
                &newton,
                logistic::ENOUGH_FOR_RANKING,
            );
            let scored = labelled(held_out)
                .into_iter()
                .map(|(row, label)| (design.score(row, &model), label));
            let area = area_under_curve(scored.collect()).unwrap_or(0.5);
            (area, design.weight_by_feature(&model))
        })
        .collect();
    let mut areas: Vec<f64> = results
        .chunks(fold_count)
        .map(|folds| folds.iter().map(|(area, _)| area).sum::<f64>() / fold_count as f64)
        .collect();
    if groups.len() == 2 {
        areas.extend_from_within(..);
    }
    CrossValidated {
        areas,
        weights: mean_weights(&results),
    }
}

fn mean_weights(results: &[(f64, Vec<f64>)]) -> Vec<f64> {
    let mut sums = vec![0.0; results.first().map_or(0, |(_, weights)| weights.len())];
    for (_, weights) in results {
        sums.iter_mut()
            .zip(weights)
            .for_each(|(sum, weight)| *sum += weight);
    }
    sums.iter().map(|sum| sum / results.len() as f64).collect()
}

fn leading(weights: &[f64], features: &[&str]) -> Vec<LeadingFeature> {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let named = features
        .iter()
        .zip(weights)
        .filter(|(_, weight)| **weight > LEADING_SHARE * largest);
    let mut leading: Vec<LeadingFeature> = named
        .map(|(feature, weight)| LeadingFeature {
            feature: feature.to_string(),
            weight: *weight,
        })
        .collect();
    leading.sort_by(|left, right| right.weight.total_cmp(&left.weight));
    leading.truncate(LEADING_FEATURES);
    leading
}

#[cfg(test)]
mod tests;
