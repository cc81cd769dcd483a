//! Which points to try: at first any, then those that are likelier among the good than among the others.

use std::collections::BTreeSet;

use millrace_contract::Params;
use millrace_contract::spec::{Parameter, ParameterSpace, Tpe};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::axis::Axis;
use crate::error::TrainingError;
use crate::space::with_rounds;

/// One point: a value for each dimension, in the order of the learner's parameters.
pub(super) type Point = Vec<f64>;

/// So many points are drawn anywhere: what is known of fewer would lead astray.
const DRAWN_ANYWHERE: usize = 12;
/// After so many points that were there before, all points of a space of lists are taken to be known.
const MOST_REPETITIONS: usize = 1_000;

pub(super) struct Sampler {
    axes: Vec<(&'static Parameter, Axis)>,
    /// The learner's parameters in their order.
    space: &'static ParameterSpace,
    random: Pcg64,
    /// Every point that was given, by its bits.
    given: BTreeSet<Vec<u64>>,
    told: Vec<(Point, f64)>,
}

impl Sampler {
    pub(super) fn new(
        settings: &Tpe,
        space: &'static ParameterSpace,
        seed: u32,
    ) -> Result<Sampler, TrainingError> {
        let dimensions = settings.dimensions(space).into_iter();
        let axes = dimensions
            .map(|(known, dimension)| Ok((known, Axis::of(&dimension, known.kind.is_whole())?)));
        Ok(Sampler {
            axes: axes.collect::<Result<_, TrainingError>>()?,
            space,
            random: Pcg64::seed_from_u64(u64::from(seed)),
            given: BTreeSet::new(),
            told: Vec::new(),
        })
    }

    /// A point that was not given before; none when there seem to be no others.
    pub(super) fn ask(&mut self) -> Option<Point> {
        for repetition in 0..MOST_REPETITIONS {
            // Where the good points are few and known, others must come from anywhere.
            let anywhere = self.told.len() < DRAWN_ANYWHERE || repetition >= MOST_REPETITIONS / 10;
            let point = self.draw(anywhere);
            if self
                .given
                .insert(point.iter().map(|x| x.to_bits()).collect())
            {
                return Some(point);
            }
        }
        None
    }

    /// A point as a candidate, with so much of the budget.
    pub(super) fn params(&self, point: &Point, budget: Option<&str>, rounds: u32) -> Params {
        let drawn = self.axes.iter().zip(point);
        let drawn = drawn.map(|((known, _), value)| (known.name, known.kind.value(*value)));
        let with_budget = with_rounds(&drawn.collect(), budget, rounds);
        // As the learner lists them.
        let names = self.space.parameters.iter().map(|known| known.name);
        names
            .filter_map(|name| Some((name, with_budget.get(name)?)))
            .collect()
    }

    /// What a point scored.
    pub(super) fn tell(&mut self, point: Point, score: f64) {
        self.told.push((point, score));
    }

    fn draw(&mut self, anywhere: bool) -> Point {
        let mut point = Vec::with_capacity(self.axes.len());
        for (dimension, (_, axis)) in self.axes.iter().enumerate() {
            let mut sampler = axis.sampler();
            let told: &[(Point, f64)] = if anywhere { &[] } else { &self.told };
            for (known, score) in told {
                // The sampler looks for the least. Only what is not a number or outside is refused: such a
                // point teaches nothing.
                let _ = sampler.tell(axis.place(known[dimension]), -score);
            }
            let Ok(place) = sampler.ask(&mut self.random);
            point.push(axis.value(place));
        }
        point
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::spec::{Dimension, Learner};

    fn sampler(settings: &Tpe, seed: u32) -> Sampler {
        Sampler::new(settings, Learner::Xgboost.space(), seed).unwrap()
    }

    #[test]
    fn no_point_twice_and_none_forgotten() {
        let choices = [
            ("max_depth", vec![3.0, 5.0]),
            ("learning_rate", vec![0.1, 0.2, 0.3]),
            ("subsample", vec![1.0]),
            ("colsample_bytree", vec![0.5, 1.0]),
        ];
        let given = choices.map(|(name, values)| (name.to_owned(), Dimension::Choice(values)));
        let space = Tpe {
            given: given.into_iter().collect(),
            ..Tpe::default()
        };
        let mut sampler = sampler(&space, 42);
        let mut seen: Vec<Point> = Vec::new();
        while let Some(point) = sampler.ask() {
            assert!(!seen.contains(&point));
            sampler.tell(point.clone(), point[1] - point[3]);
            seen.push(point);
        }
        assert_eq!(seen.len(), 2 * 3 * 2);
        let params = sampler.params(&seen[0], Some("n_estimators"), 30);
        let names: Vec<&str> = params.names().collect();
        let recorded = [
            "n_estimators",
            "max_depth",
            "learning_rate",
            "subsample",
            "colsample_bytree",
        ];
        assert_eq!(names, recorded);
    }

    #[test]
    fn points_gather_where_the_score_is_best() {
        let mut sampler = sampler(&Tpe::default(), 7);
        let score = |point: &Point| -(point[1].ln() - 0.06f64.ln()).abs() - (point[0] - 5.0).abs();
        let mut scores = Vec::new();
        for _ in 0..60 {
            let point = sampler.ask().unwrap();
            scores.push(score(&point));
            sampler.tell(point.clone(), score(&point));
        }
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
        let (early, late) = (mean(&scores[..12]), mean(&scores[48..]));
        assert!(late > early + 0.5, "{early} and then {late}");
    }
}
