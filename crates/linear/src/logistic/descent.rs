//! Downhill until nothing moves any more.

use super::memory::Memory;
use super::problem::Problem;
use super::shift::settle;
use crate::LinearError;
use crate::cholesky::{Cholesky, Symmetric, dot};
use crate::coordinate::best_step;
use crate::regression::DEPENDENT;

const ITERATIONS: usize = 1000;
/// The largest step, beside 1 or the largest coefficient, that ends the search.
const STILL: f64 = 5e-9;
/// Estimates of the curvature are renewed as long as steps are larger than this.
const RENEWED_ABOVE: f64 = 0.05;
/// How often a step is halved before it is given up.
const HALVINGS: usize = 40;
/// What the sum of the losses may be off by rounding.
const NOISE: f64 = 1e-13;
/// Without a penalty a loss below this makes one look whether the classes are separable.
const SUSPICIOUS_LOSS: f64 = 1e-3;

struct Place {
    at: Vec<f64>,
    value: f64,
    slope: Vec<f64>,
}

impl Place {
    fn new(problem: &Problem<'_>, at: Vec<f64>) -> Place {
        let (smooth, slope) = problem.value_and_slope(&at);
        let value = smooth + problem.absolute(&at);
        Place { at, value, slope }
    }
}

/// The curvature, as the next step needs it.
enum Metric {
    Factors(Vec<Cholesky>),
    Curves(Vec<Symmetric>),
}

/// The coefficients, set after set.
pub(super) fn minimise(problem: &Problem<'_>) -> Result<Vec<f64>, LinearError> {
    let mut place = Place::new(problem, problem.start());
    let mut metric = metric(problem, &place.at)?;
    let mut memory = Memory::default();
    let mut last = f64::INFINITY;
    // What Newton's own steps do not need: the curvature is exact.
    let learns = problem.is_sampled() || problem.outputs() > 1;
    for iteration in 0..ITERATIONS {
        let is_new = last > RENEWED_ABOVE || (!problem.is_sampled() && problem.outputs() == 1);
        if iteration > 0 && is_new {
            metric = self::metric(problem, &place.at)?;
        }
        let step = direction(problem, &metric, &memory, &place)?;
        last = largest(&step) / largest(&place.at).max(1.0);
        if last <= STILL {
            add(&mut place.at, 1.0, &step);
            return finished(problem, place.at);
        }
        let Some(next) = search(problem, &place, &step) else {
            if learns && !memory.is_empty() {
                memory.forget();
                continue;
            }
            return Err(LinearError::NotConverged {
                iterations: iteration,
                step: last,
            });
        };
        if learns {
            memory.learn(minus(&next.at, &place.at), minus(&next.slope, &place.slope));
        }
        place = next;
        if problem.is_free && place.value < SUSPICIOUS_LOSS && problem.is_separated(&place.at) {
            return Err(LinearError::Separable);
        }
    }
    Err(LinearError::NotConverged {
        iterations: ITERATIONS,
        step: last,
    })
}

/// Without a penalty the end may also be where rounding hides that coefficients would grow for ever.
fn finished(problem: &Problem<'_>, at: Vec<f64>) -> Result<Vec<f64>, LinearError> {
    match problem.is_free && problem.is_separated(&at) {
        true => Err(LinearError::Separable),
        false => Ok(at),
    }
}

fn metric(problem: &Problem<'_>, at: &[f64]) -> Result<Metric, LinearError> {
    let mut curves = problem.curves(at);
    if problem.has_l1 {
        curves.iter_mut().for_each(Symmetric::mirror);
        return Ok(Metric::Curves(curves));
    }
    let factors = curves
        .iter()
        .map(|curve| Cholesky::new(curve, DEPENDENT / 10.0));
    let factors: Result<Vec<Cholesky>, usize> = factors.collect();
    let named = |place: usize| LinearError::Singular {
        column: problem
            .design
            .names()
            .get(place)
            .cloned()
            .unwrap_or_default(),
    };
    Ok(Metric::Factors(factors.map_err(named)?))
}

fn direction(
    problem: &Problem<'_>,
    metric: &Metric,
    memory: &Memory,
    place: &Place,
) -> Result<Vec<f64>, LinearError> {
    let curves = match metric {
        Metric::Factors(factors) => return Ok(memory.direction(factors, &place.slope)),
        Metric::Curves(curves) => curves,
    };
    let width = problem.design.stride();
    let parts = place.slope.chunks(width).zip(place.at.chunks(width));
    let mut steps = Vec::with_capacity(problem.size());
    for (curve, (slope, at)) in curves.iter().zip(parts) {
        let step = best_step(curve, slope, at, &problem.costs.l1, 1.0);
        steps.extend(step.map_err(|step| LinearError::NotConverged {
            iterations: 0,
            step,
        })?);
    }
    Ok(steps)
}

/// As far along the step as the objective falls enough.
fn search(problem: &Problem<'_>, from: &Place, step: &[f64]) -> Option<Place> {
    let noise = NOISE * from.value.abs().max(1.0);
    let promised = dot(&from.slope, step) + problem.absolute_change(&from.at, step);
    if promised > noise {
        return None;
    }
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let mut at = from.at.clone();
        add(&mut at, length, step);
        if problem.has_l1 && problem.outputs() > 1 {
            settle(&mut at, &problem.costs);
        }
        let next = Place::new(problem, at);
        if next.value <= from.value + 1e-4 * length * promised + noise {
            return Some(next);
        }
        length /= 2.0;
    }
    None
}

fn largest(values: &[f64]) -> f64 {
    values
        .iter()
        .fold(0.0, |most, value| f64::max(most, value.abs()))
}

fn minus(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter()
        .zip(other)
        .map(|(one, other)| one - other)
        .collect()
}

fn add(to: &mut [f64], factor: f64, other: &[f64]) {
    for (to, other) in to.iter_mut().zip(other) {
        *to += factor * other;
    }
}
