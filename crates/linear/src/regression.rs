//! Numbers: least squares with any penalty.

use crate::LinearError;
use crate::cholesky::{Cholesky, Symmetric, dot};
use crate::coordinate::best_step;
use crate::design::{Design, same_rows};
use crate::model::{LinearModel, Link};
use crate::penalty::{Costs, Penalty};

/// A column whose variance is explained by those before it up to this share follows from them.
pub(crate) const DEPENDENT: f64 = 1e-11;

/// How often the solution is corrected by what it leaves. Each time wins several digits.
const CORRECTIONS: usize = 2;

/// The coefficients that are best for half the mean squared error plus the penalty.
pub fn fit_numbers(
    design: &Design,
    target: &[f64],
    weights: Option<&[f64]>,
    penalty: Penalty,
) -> Result<LinearModel, LinearError> {
    same_rows("target", design.rows(), target.len())?;
    finite(target)?;
    let weights = Weights::new(design, weights)?;
    let costs = Costs::new(penalty, &padded(design));
    let mut curve = weights.curve(design);
    for (place, cost) in costs.l2.iter().enumerate() {
        *curve.diagonal(place) += cost;
    }
    let mut coefficients = vec![0.0; design.stride()];
    let mut problem = Problem {
        design,
        target,
        weights: &weights,
        costs: &costs,
        curve,
    };
    match penalty.has_l1() {
        true => problem.descend(&mut coefficients)?,
        false => problem.solve(&mut coefficients)?,
    }
    Ok(LinearModel::of_fit(design, Link::Identity, &[coefficients]))
}

struct Problem<'a> {
    design: &'a Design,
    target: &'a [f64],
    weights: &'a Weights<'a>,
    costs: &'a Costs,
    curve: Symmetric,
}

impl Problem<'_> {
    /// Towards what the objective falls.
    fn downhill(&self, coefficients: &[f64]) -> Vec<f64> {
        let add = |sums: &mut [f64], row: usize, values: &[f64]| {
            let left = self.weights.of(row) * (self.target[row] - dot(values, coefficients));
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += left * value;
            }
        };
        let mut sums = self.design.sums(self.design.stride(), add);
        for (place, sum) in sums.iter_mut().enumerate() {
            *sum = *sum / self.weights.total - self.costs.l2[place] * coefficients[place];
        }
        sums
    }

    fn solve(&mut self, coefficients: &mut [f64]) -> Result<(), LinearError> {
        let factor = factor(self.design, &mut self.curve)?;
        for _ in 0..=CORRECTIONS {
            let mut step = self.downhill(coefficients);
            factor.solve(&mut step);
            add(coefficients, &step);
        }
        Ok(())
    }

    fn descend(&mut self, coefficients: &mut [f64]) -> Result<(), LinearError> {
        self.curve.mirror();
        let unit = self.spread();
        for _ in 0..=CORRECTIONS {
            let uphill: Vec<f64> = self.downhill(coefficients).iter().map(|v| -v).collect();
            let step = best_step(&self.curve, &uphill, coefficients, &self.costs.l1, unit);
            let step = step.map_err(|step| LinearError::NotConverged {
                iterations: 0,
                step,
            })?;
            add(coefficients, &step);
        }
        Ok(())
    }

    /// The target's deviation; 1 for one that never varies.
    fn spread(&self) -> f64 {
        let count = self.target.len() as f64;
        let mean = self.target.iter().sum::<f64>() / count;
        let squares: f64 = self.target.iter().map(|y| (y - mean) * (y - mean)).sum();
        let deviation = (squares / count).sqrt();
        if deviation > 0.0 { deviation } else { 1.0 }
    }
}

fn add(coefficients: &mut [f64], step: &[f64]) {
    for (coefficient, step) in coefficients.iter_mut().zip(step) {
        *coefficient += step;
    }
}

/// Solves for the columns that vary; the others have the coefficient 0.
pub(crate) fn factor(design: &Design, curve: &mut Symmetric) -> Result<Cholesky, LinearError> {
    for place in 0..curve.size {
        let unused = place != design.columns() && padded(design)[place] == 0.0;
        if unused {
            *curve.diagonal(place) = 1.0;
        }
    }
    Cholesky::new(curve, DEPENDENT).map_err(|place| {
        let column = place.min(design.columns().saturating_sub(1));
        LinearError::Singular {
            column: design.names().get(column).cloned().unwrap_or_default(),
        }
    })
}

/// The scale at every place of a row: 0 where no column is.
pub(crate) fn padded(design: &Design) -> Vec<f64> {
    let mut scale = design.scale().to_vec();
    scale.resize(design.stride(), 0.0);
    scale
}

/// How much each row counts.
pub(crate) struct Weights<'a> {
    given: Option<&'a [f64]>,
    pub(crate) total: f64,
}

impl<'a> Weights<'a> {
    pub(crate) fn new(
        design: &Design,
        given: Option<&'a [f64]>,
    ) -> Result<Weights<'a>, LinearError> {
        let Some(weights) = given else {
            let total = design.rows() as f64;
            return Ok(Weights { given, total });
        };
        same_rows("weights", design.rows(), weights.len())?;
        let total: f64 = weights.iter().sum();
        let unsound = |weight: &f64| !weight.is_finite() || *weight < 0.0;
        let alone = (total <= 0.0).then_some(0);
        match weights.iter().position(unsound).or(alone) {
            None => Ok(Weights { given, total }),
            Some(row) => Err(LinearError::WeightInvalid {
                row,
                weight: weights[row],
            }),
        }
    }

    pub(crate) fn of(&self, row: usize) -> f64 {
        self.given.map_or(1.0, |weights| weights[row])
    }

    pub(crate) fn part(&self, rows: std::ops::Range<usize>) -> Option<&'a [f64]> {
        self.given.map(|weights| &weights[rows])
    }

    /// The mean of row times row.
    pub(crate) fn curve(&self, design: &Design) -> Symmetric {
        let all: Vec<usize> = (0..design.rows()).collect();
        let each: Vec<f64> = all.iter().map(|row| self.of(*row)).collect();
        let mut curve = design.gram(&all, &each);
        curve.values.iter_mut().for_each(|sum| *sum /= self.total);
        curve
    }
}

fn finite(target: &[f64]) -> Result<(), LinearError> {
    match target.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(LinearError::ValueMissing {
            row,
            column: "target".to_owned(),
            value: target[row],
        }),
    }
}
