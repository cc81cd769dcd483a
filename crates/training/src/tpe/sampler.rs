//! Which points to try: at first any, then those that are likelier among the good than among the others.

use std::collections::BTreeSet;

use millrace_contract::spec::Tpe;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::axis::Axis;
use crate::error::TrainingError;

/// One point: a value for each of the dimensions below, in their order.
pub(super) type Point = [f64; DIMENSIONS];

const DIMENSIONS: usize = 4;
/// So many points are drawn anywhere: what is known of fewer would lead astray.
const DRAWN_ANYWHERE: usize = 12;
/// After so many points that were there before, all points of a space of lists are taken to be known.
const MOST_REPETITIONS: usize = 1_000;

pub(super) struct Sampler {
    axes: [Axis; DIMENSIONS],
    random: Pcg64,
    /// Every point that was given, by its bits.
    given: BTreeSet<[u64; DIMENSIONS]>,
    told: Vec<(Point, f64)>,
}

impl Sampler {
    pub(super) fn new(space: &Tpe, seed: u32) -> Result<Sampler, TrainingError> {
        Ok(Sampler {
            axes: [
                Axis::whole(&space.max_depth)?,
                Axis::real(&space.learning_rate)?,
                Axis::real(&space.subsample)?,
                Axis::real(&space.colsample_bytree)?,
            ],
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
            if self.given.insert(point.map(f64::to_bits)) {
                return Some(point);
            }
        }
        None
    }

    /// What a point scored.
    pub(super) fn tell(&mut self, point: Point, score: f64) {
        self.told.push((point, score));
    }

    fn draw(&mut self, anywhere: bool) -> Point {
        let mut point = [0.0; DIMENSIONS];
        for (dimension, (value, axis)) in point.iter_mut().zip(&self.axes).enumerate() {
            let mut sampler = axis.sampler();
            let told: &[(Point, f64)] = if anywhere { &[] } else { &self.told };
            for (known, score) in told {
                // The sampler looks for the least. Only what is not a number or outside is refused: such a
                // point teaches nothing.
                let _ = sampler.tell(axis.place(known[dimension]), -score);
            }
            let Ok(place) = sampler.ask(&mut self.random);
            *value = axis.value(place);
        }
        point
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::spec::Dimension;

    #[test]
    fn no_point_twice_and_none_forgotten() {
        let space = Tpe {
            max_depth: Dimension::Choice(vec![3, 5]),
            learning_rate: Dimension::Choice(vec![0.1, 0.2, 0.3]),
            subsample: Dimension::Choice(vec![1.0]),
            colsample_bytree: Dimension::Choice(vec![0.5, 1.0]),
            ..Tpe::default()
        };
        let mut sampler = Sampler::new(&space, 42).unwrap();
        let mut seen = Vec::new();
        while let Some(point) = sampler.ask() {
            assert!(!seen.contains(&point));
            sampler.tell(point, point[1] - point[3]);
            seen.push(point);
        }
        assert_eq!(seen.len(), 2 * 3 * 2);
    }

    #[test]
    fn points_gather_where_the_score_is_best() {
        let mut sampler = Sampler::new(&Tpe::default(), 7).unwrap();
        let score = |point: Point| -(point[1].ln() - 0.06f64.ln()).abs() - (point[0] - 5.0).abs();
        let mut scores = Vec::new();
        for _ in 0..60 {
            let point = sampler.ask().unwrap();
            sampler.tell(point, score(point));
            scores.push(score(point));
        }
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
        let (early, late) = (mean(&scores[..12]), mean(&scores[48..]));
        assert!(late > early + 0.5, "{early} and then {late}");
    }
}
