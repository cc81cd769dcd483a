//! Classes: logistic regression with any penalty.

mod descent;
mod memory;
mod problem;
mod shift;

use crate::LinearError;
use crate::design::{Design, same_rows};
use crate::model::{LinearModel, Link};
use crate::penalty::{Costs, Penalty};
use crate::regression::{Weights, factor, padded};

/// The coefficients that are best for the mean log loss plus the penalty. Labels count from 0. Of two classes one set
/// of coefficients tells the second from the first; of more each class has its own.
pub fn fit_classes(
    design: &Design,
    labels: &[u32],
    classes: usize,
    weights: Option<&[f64]>,
    penalty: Penalty,
) -> Result<LinearModel, LinearError> {
    same_rows("target", design.rows(), labels.len())?;
    let weights = Weights::new(design, weights)?;
    let shares = shares(labels, classes, &weights)?;
    if penalty.strength() == 0.0 {
        factor(design, &mut weights.curve(design))?;
    }
    let problem = problem::Problem {
        design,
        labels,
        weights: &weights,
        shares,
        costs: Costs::new(penalty, &padded(design)),
        is_free: penalty.strength() == 0.0,
        has_l1: penalty.has_l1(),
    };
    let found = descent::minimise(&problem)?;
    let mut sets: Vec<Vec<f64>> = found.chunks(design.stride()).map(<[f64]>::to_vec).collect();
    let link = match sets.len() {
        1 => Link::Logistic,
        _ => Link::Softmax,
    };
    if link == Link::Softmax {
        centre(&mut sets, design.columns(), problem.is_free);
    }
    Ok(LinearModel::of_fit(design, link, &sets))
}

/// The share of the weight that each class has. Each must have some.
fn shares(labels: &[u32], classes: usize, weights: &Weights<'_>) -> Result<Vec<f64>, LinearError> {
    let mut shares = vec![0.0; classes];
    for (row, class) in labels.iter().enumerate() {
        let Some(share) = shares.get_mut(*class as usize) else {
            return Err(LinearError::ClassUnknown {
                row,
                class: *class,
                classes,
            });
        };
        *share += weights.of(row) / weights.total;
    }
    let absent = shares.iter().position(|share| *share <= 0.0);
    match absent.or((classes < 2).then_some(1)) {
        None => Ok(shares),
        Some(class) => Err(LinearError::ClassAbsent { class }),
    }
}

/// The same number added to a place of every class changes no probability: what the penalty leaves free adds up to 0.
fn centre(sets: &mut [Vec<f64>], intercept: usize, all_free: bool) {
    let from = if all_free { 0 } else { intercept };
    for place in from..=intercept {
        let mean = sets.iter().map(|set| set[place]).sum::<f64>() / sets.len() as f64;
        sets.iter_mut().for_each(|set| set[place] -= mean);
    }
}
