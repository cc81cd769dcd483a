//! Logistic regression with L2 penalty: limited-memory BFGS that starts from Newton's own curvature.
//!
//! The Hessian of the loss is close to q X'X, q = p (1 - p) for the share p of positives. X'X is factorised once per
//! attribute from some of the rows; it only steers the search, so an estimate is enough, and few passes over the rows remain.

use super::design::{Design, dot};
use std::collections::VecDeque;

/// Largest gradient per row at which the search ends. Ranks do not change any more long before.
pub(super) const ENOUGH_FOR_RANKING: f64 = 1e-5;
const MOST_ITERATIONS: usize = 60;
const REMEMBERED_STEPS: usize = 6;
/// Rows that X'X is estimated from.
const CURVATURE_ROWS: usize = 4_000;

pub(super) struct Task<'a> {
    pub design: &'a Design,
    /// Rows of the design and whether each is positive.
    pub rows: &'a [(usize, bool)],
    pub penalty: f64,
}

/// Minimises the sum of log losses + penalty / 2 x the squared coefficients; the intercept, last, is free.
pub(super) fn fit(task: &Task, newton: &Newton, tolerance: f64) -> Vec<f64> {
    let count = task.rows.len() as f64;
    let share = task.rows.iter().filter(|(_, label)| *label).count() as f64 / count.max(1.0);
    let curvature = (share * (1.0 - share)).max(1e-6);
    let mut model = vec![0.0; task.design.columns];
    if let Some(intercept) = model.last_mut() {
        *intercept = (share.max(1e-9) / (1.0 - share).max(1e-9)).ln();
    }
    let (mut loss, mut gradient) = task.loss_and_gradient(&model);
    let mut memory: VecDeque<Step> = VecDeque::new();
    for _ in 0..MOST_ITERATIONS {
        if gradient
            .iter()
            .all(|slope| slope.abs() <= tolerance * count)
        {
            break;
        }
        let direction = direction(&gradient, &memory, newton, curvature);
        let slope = dot(&gradient, &direction);
        let Some((next, next_loss, next_gradient)) =
            line_search(task, &model, loss, slope, &direction)
        else {
            break;
        };
        remember(&mut memory, &model, &next, &gradient, &next_gradient);
        (model, loss, gradient) = (next, next_loss, next_gradient);
    }
    model
}

impl Task<'_> {
    fn loss_and_gradient(&self, model: &[f64]) -> (f64, Vec<f64>) {
        let mut gradient = vec![0.0; model.len()];
        let mut loss = 0.0;
        for &(row, label) in self.rows {
            let inputs = self.design.row(row);
            let margin = dot(inputs, model);
            let label = f64::from(u8::from(label));
            // exp of a negative number only: it cannot overflow.
            let small = (-margin.abs()).exp();
            let probability = if margin >= 0.0 {
                1.0 / (1.0 + small)
            } else {
                small / (1.0 + small)
            };
            loss += margin.max(0.0) + small.ln_1p() - label * margin;
            let residual = probability - label;
            gradient
                .iter_mut()
                .zip(inputs)
                .for_each(|(slope, input)| *slope += residual * input);
        }
        let penalised = model.len().saturating_sub(1);
        for (slope, coefficient) in gradient.iter_mut().zip(model).take(penalised) {
            *slope += self.penalty * coefficient;
            loss += self.penalty / 2.0 * coefficient * coefficient;
        }
        (loss, gradient)
    }
}

/// Halves the step until the loss has fallen enough. `None` when rounding leaves nothing to gain.
fn line_search(
    task: &Task,
    model: &[f64],
    loss: f64,
    slope: f64,
    direction: &[f64],
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    let mut length = 1.0;
    for _ in 0..30 {
        let next: Vec<f64> = model
            .iter()
            .zip(direction)
            .map(|(from, towards)| from + length * towards)
            .collect();
        let (next_loss, next_gradient) = task.loss_and_gradient(&next);
        if next_loss <= loss + 1e-4 * length * slope {
            return Some((next, next_loss, next_gradient));
        }
        length /= 2.0;
    }
    None
}

/// A step taken, and how the gradient changed over it.
struct Step {
    moved: Vec<f64>,
    turned: Vec<f64>,
    product: f64,
}

fn remember(
    memory: &mut VecDeque<Step>,
    model: &[f64],
    next: &[f64],
    gradient: &[f64],
    next_gradient: &[f64],
) {
    let subtract = |left: &[f64], right: &[f64]| -> Vec<f64> {
        left.iter().zip(right).map(|(l, r)| l - r).collect()
    };
    let moved = subtract(next, model);
    let turned = subtract(next_gradient, gradient);
    let product = dot(&moved, &turned);
    if product <= 0.0 {
        return;
    }
    if memory.len() == REMEMBERED_STEPS {
        memory.pop_front();
    }
    memory.push_back(Step {
        moved,
        turned,
        product,
    });
}

/// The two loops of L-BFGS around the Newton step.
fn direction(
    gradient: &[f64],
    memory: &VecDeque<Step>,
    newton: &Newton,
    curvature: f64,
) -> Vec<f64> {
    let mut direction = gradient.to_vec();
    let mut shares = Vec::with_capacity(memory.len());
    for step in memory.iter().rev() {
        let share = dot(&step.moved, &direction) / step.product;
        add(&mut direction, &step.turned, -share);
        shares.push(share);
    }
    newton.solve(&mut direction);
    direction.iter_mut().for_each(|value| *value /= curvature);
    for (step, share) in memory.iter().zip(shares.iter().rev()) {
        let back = dot(&step.turned, &direction) / step.product;
        add(&mut direction, &step.moved, share - back);
    }
    direction.iter_mut().for_each(|value| *value = -*value);
    direction
}

fn add(target: &mut [f64], source: &[f64], factor: f64) {
    target
        .iter_mut()
        .zip(source)
        .for_each(|(to, from)| *to += factor * from);
}

/// X'X + 4 x penalty on the diagonal, as a Cholesky factor.
pub(super) struct Newton {
    size: usize,
    /// Lower triangle, row after row in a full square.
    factor: Vec<f64>,
}

impl Newton {
    pub fn new(design: &Design, rows: &[usize], penalty: f64) -> Self {
        let size = design.columns;
        let every = rows.len().div_ceil(CURVATURE_ROWS).max(1);
        let used: Vec<usize> = rows.iter().copied().step_by(every).collect();
        let mut square = vec![0.0; size * size];
        for row in &used {
            let inputs = design.row(*row);
            for (line, first) in inputs.iter().enumerate() {
                let target = &mut square[line * size..=line * size + line];
                add(target, inputs, *first);
            }
        }
        let scale = rows.len() as f64 / used.len().max(1) as f64;
        square.iter_mut().for_each(|value| *value *= scale);
        // q X'X + penalty = q (X'X + penalty / q), and q is at most a quarter.
        for line in 0..size {
            square[line * size + line] += 4.0 * penalty;
        }
        factorise(&mut square, size);
        Self {
            size,
            factor: square,
        }
    }

    fn solve(&self, values: &mut [f64]) {
        let at = |line: usize, column: usize| self.factor[line * self.size + column];
        for line in 0..self.size {
            let known = dot(
                &self.factor[line * self.size..line * self.size + line],
                &values[..line],
            );
            values[line] = (values[line] - known) / at(line, line);
        }
        for line in (0..self.size).rev() {
            values[line] /= at(line, line);
            let value = values[line];
            let above = &self.factor[line * self.size..line * self.size + line];
            add(&mut values[..line], above, -value);
        }
    }
}

/// Cholesky in place. A pivot that rounding brings to zero is lifted: the factor only steers a search.
fn factorise(square: &mut [f64], size: usize) {
    for line in 0..size {
        for column in 0..=line {
            let (row_of_line, row_of_column) = (line * size, column * size);
            let known = dot(
                &square[row_of_line..row_of_line + column],
                &square[row_of_column..row_of_column + column],
            );
            let rest = square[row_of_line + column] - known;
            square[row_of_line + column] = if line == column {
                rest.max(1e-9).sqrt()
            } else {
                rest / square[row_of_column + column]
            };
        }
    }
}
