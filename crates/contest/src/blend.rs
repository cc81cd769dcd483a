//! A weighted mean of contestants, chosen greedily (Caruana and others, 2004).

use serde::{Deserialize, Serialize};

use crate::baseline::invalid;
use crate::contest::Contest;
use crate::error::ContestError;
use crate::margin::Margin;

/// How many contestants are put in, one after the other, each as often as it helps.
const ROUNDS: usize = 25;

/// Contestants with their weights, which add up to 1. Those of weight 0 are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "format")]
pub enum Blend {
    #[serde(rename = "blend/1")]
    First { members: Vec<Member> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub name: String,
    pub weight: f64,
}

/// A blend, and what is known of it on rows that its weights were not chosen on.
#[derive(Debug, Clone, PartialEq)]
pub struct Blended {
    pub blend: Blend,
    /// The measure of the blend, each fold's rows blended by weights from the other folds.
    pub value: f64,
    /// Over the best contestant.
    pub margin: Margin,
}

impl Blended {
    /// Whether the blend is worth having several models for.
    pub fn is_better(&self) -> bool {
        self.margin.is_beyond_chance() && self.blend.members().len() > 1
    }
}

impl Blend {
    pub fn members(&self) -> &[Member] {
        let Blend::First { members } = self;
        members
    }

    /// Predictions of the members, in their order, become one.
    pub fn combine(&self, predictions: &[&[f64]]) -> Result<Vec<f64>, ContestError> {
        let members = self.members();
        let length = predictions.first().map_or(0, |first| first.len());
        let differs = predictions.iter().find(|other| other.len() != length);
        if predictions.len() != members.len() || differs.is_some() {
            return Err(ContestError::PredictionsDiffer {
                name: "blend".to_owned(),
                expected: members.len() * length,
                found: predictions.iter().map(|own| own.len()).sum(),
            });
        }
        let mut sums = vec![0.0; length];
        for (member, own) in members.iter().zip(predictions) {
            for (sum, value) in sums.iter_mut().zip(*own) {
                *sum += member.weight * value;
            }
        }
        Ok(sums)
    }

    pub fn to_json(&self) -> Result<Vec<u8>, ContestError> {
        serde_json::to_vec(self).map_err(|error| invalid(error.to_string()))
    }

    pub fn from_json(bytes: &[u8]) -> Result<Blend, ContestError> {
        let blend: Blend =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        let weights = blend.members().iter().map(|member| member.weight);
        let sound =
            weights.clone().all(|weight| weight > 0.0) && (weights.sum::<f64>() - 1.0).abs() < 1e-9;
        match sound {
            true => Ok(blend),
            false => Err(invalid(
                "the weights of the blend do not add up to 1".to_owned(),
            )),
        }
    }
}

impl Contest<'_> {
    /// The blend of all contestants, and whether it is better than the best of them beyond chance.
    pub fn blend(&self) -> Result<Blended, ContestError> {
        let contestants = self.contestants.len();
        if contestants < 2 {
            return Err(ContestError::BlendOfOne { contestants });
        }
        let folds = self.fold_names();
        if folds.len() < 2 {
            return Err(ContestError::OneFold { folds: folds.len() });
        }
        // Weights that were chosen on a row flatter that row: each fold gets those of the others.
        let mut honest = vec![0.0; self.rows() * self.width()];
        for fold in folds {
            let counts = self.pick(&self.rows_where(|other| other != fold))?;
            let mixed = self.mixed(&counts);
            for row in self.rows_where(|other| other == fold) {
                let places = row * self.width()..(row + 1) * self.width();
                honest[places.clone()].copy_from_slice(&mixed[places]);
            }
        }
        let best = self.standings()?.swap_remove(0).name;
        let single = self.contestants.iter().find(|one| one.name == best);
        let single = single.ok_or(ContestError::NoContestant)?;
        let all: Vec<usize> = (0..self.rows()).collect();
        Ok(Blended {
            blend: self.blend_of(&self.pick(&all)?),
            value: self.value(&honest, None)?,
            margin: self.margin(&honest, &single.predictions)?,
        })
    }

    /// How often each contestant is in, by the given rows: begun with the best, then whatever helps most. Of all
    /// rounds the best is taken, of equal ones the earliest.
    fn pick(&self, rows: &[usize]) -> Result<Vec<usize>, ContestError> {
        let mut counts = vec![0; self.contestants.len()];
        let mut sums = vec![0.0; self.rows() * self.width()];
        let mut best: Option<(f64, Vec<usize>)> = None;
        for round in 0..ROUNDS {
            let (place, worth) = self.most_helpful(&sums, round, rows)?;
            counts[place] += 1;
            add(&mut sums, &self.contestants[place].predictions);
            if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                best = Some((worth, counts.clone()));
            }
        }
        Ok(best.map_or(counts, |(_, counts)| counts))
    }

    fn most_helpful(
        &self,
        sums: &[f64],
        inside: usize,
        rows: &[usize],
    ) -> Result<(usize, f64), ContestError> {
        let mut best: Option<(usize, f64)> = None;
        for (place, one) in self.contestants.iter().enumerate() {
            let share = 1.0 / (inside + 1) as f64;
            let pairs = sums.iter().zip(&one.predictions);
            let mean: Vec<f64> = pairs
                .map(|(sum, own)| ((sum + own) * share).min(most_of(self)))
                .collect();
            let worth = self.worth(self.value(&mean, Some(rows))?);
            if best.is_none_or(|(_, most)| worth > most) {
                best = Some((place, worth));
            }
        }
        best.ok_or(ContestError::NoContestant)
    }

    fn mixed(&self, counts: &[usize]) -> Vec<f64> {
        let total: usize = counts.iter().sum();
        let mut sums = vec![0.0; self.rows() * self.width()];
        for (one, count) in self.contestants.iter().zip(counts) {
            for (sum, value) in sums.iter_mut().zip(&one.predictions) {
                *sum += *count as f64 / total as f64 * value;
            }
        }
        let most = most_of(self);
        sums.iter_mut().for_each(|sum| *sum = sum.min(most));
        sums
    }

    fn blend_of(&self, counts: &[usize]) -> Blend {
        let total: usize = counts.iter().sum();
        let pairs = self
            .contestants
            .iter()
            .zip(counts)
            .filter(|(_, count)| **count > 0);
        let member = |(one, count): (&crate::Contestant, &usize)| Member {
            name: one.name.clone(),
            weight: *count as f64 / total as f64,
        };
        Blend::First {
            members: pairs.map(member).collect(),
        }
    }
}

/// Rounding must not lift a mean of probabilities above 1.
fn most_of(contest: &Contest<'_>) -> f64 {
    match contest.is_of_classes() {
        true => 1.0,
        false => f64::INFINITY,
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}
