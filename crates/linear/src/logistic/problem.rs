//! What is minimised: its value, its slope, and about how it curves.

use crate::cholesky::Symmetric;
use crate::design::Design;
use crate::kernel;
use crate::model::{logistic, softmax};
use crate::penalty::Costs;
use crate::regression::{Weights, padded};

/// The fewest rows by which the curvature is estimated, and the fewest for each column.
const SAMPLE_ROWS: usize = 4096;
const SAMPLE_ROWS_PER_COLUMN: usize = 40;

/// What is added to every place of an estimated curvature, as a share of a plain column's.
const DAMPING: f64 = 0.02;
/// The same where nothing is estimated: against rounding alone.
const ROUNDING: f64 = 1e-10;

pub(super) struct Problem<'a> {
    pub(super) design: &'a Design,
    pub(super) labels: &'a [u32],
    pub(super) weights: &'a Weights<'a>,
    /// Of the weight of all rows, by class.
    pub(super) shares: Vec<f64>,
    pub(super) costs: Costs,
    pub(super) is_free: bool,
    pub(super) has_l1: bool,
}

impl Problem<'_> {
    /// How many sets of coefficients there are.
    pub(super) fn outputs(&self) -> usize {
        match self.shares.len() {
            2 => 1,
            classes => classes,
        }
    }

    pub(super) fn size(&self) -> usize {
        self.outputs() * self.design.stride()
    }

    /// Only the intercepts: as the classes are shared out.
    pub(super) fn start(&self) -> Vec<f64> {
        let mut at = vec![0.0; self.size()];
        for (output, set) in at.chunks_mut(self.design.stride()).enumerate() {
            set[self.design.columns()] = match self.shares.len() {
                2 => (self.shares[1] / self.shares[0]).ln(),
                _ => self.shares[output].ln(),
            };
        }
        at
    }

    /// The mean log loss and the squares' penalty, and their slope.
    pub(super) fn value_and_slope(&self, at: &[f64]) -> (f64, Vec<f64>) {
        let size = self.size();
        // The loss stands behind the slope.
        let add = |sums: &mut [f64], first: usize, rows: &[f64]| {
            let (slope, loss) = sums.split_at_mut(size);
            let mut scores = self.scores(at, rows);
            loss[0] += self.losses(first, &mut scores);
            kernel::add_rows(slope, &scores, rows, self.design.stride());
        };
        let mut sums = self.design.group_sums(size + 1, add);
        let mut value = sums[size] / self.weights.total;
        sums.truncate(size);
        for (place, (sum, at)) in sums.iter_mut().zip(at).enumerate() {
            let cost = self.costs.l2[place % self.design.stride()];
            *sum = *sum / self.weights.total + cost * at;
            value += cost * at * at / 2.0;
        }
        (value, sums)
    }

    /// The penalty of absolute values.
    pub(super) fn absolute(&self, at: &[f64]) -> f64 {
        let places = at.iter().enumerate();
        places
            .map(|(place, at)| self.costs.l1[place % self.design.stride()] * at.abs())
            .sum()
    }

    /// What a step changes of it: place by place, since both sums agree in most digits.
    pub(super) fn absolute_change(&self, at: &[f64], step: &[f64]) -> f64 {
        let places = at.iter().zip(step).enumerate();
        places
            .map(|(place, (at, step))| {
                let cost = self.costs.l1[place % self.design.stride()];
                cost * ((at + step).abs() - at.abs())
            })
            .sum()
    }

    /// The scores of several rows, side by side.
    fn scores(&self, at: &[f64], rows: &[f64]) -> Vec<f64> {
        let mut scores = vec![0.0; rows.len() / self.design.stride() * self.outputs()];
        kernel::scores(rows, self.design.stride(), at, &mut scores);
        scores
    }

    /// The weighted losses of rows from the first on. Their scores become the losses' slopes.
    fn losses(&self, first: usize, scores: &mut [f64]) -> f64 {
        let rows = first..first + scores.len() / self.outputs();
        let (labels, weights) = (&self.labels[rows.clone()], self.weights.part(rows));
        if self.outputs() == 1 {
            return kernel::two_class_losses(scores, labels, weights);
        }
        let mut sum = 0.0;
        let pairs = scores.chunks_exact_mut(self.outputs()).zip(labels);
        for (index, (own, label)) in pairs.enumerate() {
            let weight = weights.map_or(1.0, |weights| weights[index]);
            sum += weight * lost(own, *label as usize);
            own.iter_mut().for_each(|slope| *slope *= weight);
        }
        sum
    }

    /// Whether the curvature is estimated by some of the rows.
    pub(super) fn is_sampled(&self) -> bool {
        self.sample_size() < self.design.rows()
    }

    fn sample_size(&self) -> usize {
        let wanted = SAMPLE_ROWS.max(SAMPLE_ROWS_PER_COLUMN * self.design.stride());
        // Tables of very many columns: as many rows as columns tell enough.
        let dear = 200_000_000 / (self.design.stride().pow(2) * self.outputs());
        wanted
            .min(dear.max(2 * self.design.stride()))
            .min(self.design.rows())
    }

    /// How the objective curves around here for each set of coefficients, the other sets held.
    pub(super) fn curves(&self, at: &[f64]) -> Vec<Symmetric> {
        let (rows, size) = (self.design.rows(), self.sample_size());
        let picked: Vec<usize> = (0..size).map(|index| index * rows / size).collect();
        let mut likely = vec![0.0; size * self.outputs()];
        for (row, own) in picked.iter().zip(likely.chunks_exact_mut(self.outputs())) {
            kernel::scores(self.design.row(*row), self.design.stride(), at, own);
            match own {
                [score] => *score = logistic(*score),
                scores => softmax(scores),
            }
        }
        let total: f64 = picked.iter().map(|row| self.weights.of(*row)).sum();
        let of_output = |output: usize| {
            let bend = |(index, row): (usize, &usize)| {
                let likely = likely[index * self.outputs() + output];
                self.weights.of(*row) * likely * (1.0 - likely) / total.max(f64::MIN_POSITIVE)
            };
            let weights: Vec<f64> = picked.iter().enumerate().map(bend).collect();
            self.settled(self.design.gram(&picked, &weights))
        };
        (0..self.outputs()).map(of_output).collect()
    }

    /// With the penalty, and sound where the rows say nothing.
    fn settled(&self, mut curve: Symmetric) -> Symmetric {
        let columns = self.design.columns();
        let share = if self.is_sampled() { DAMPING } else { ROUNDING };
        let damping = share * curve.at(columns, columns).max(1e-9);
        for (place, scale) in padded(self.design).into_iter().enumerate() {
            let used = place == columns || scale > 0.0;
            let cost = self.costs.l2[place] + damping;
            match used {
                true => *curve.diagonal(place) += cost,
                false => *curve.diagonal(place) = 1.0,
            }
        }
        curve
    }

    /// Whether every row is on its class's side, with nothing on the border.
    pub(super) fn is_separated(&self, at: &[f64]) -> bool {
        let mut scores = vec![0.0; self.outputs()];
        (0..self.design.rows()).all(|row| {
            kernel::scores(self.design.row(row), self.design.stride(), at, &mut scores);
            let label = self.labels[row] as usize;
            match scores.as_slice() {
                [score] => (label == 1 && *score > 0.0) || (label == 0 && *score < 0.0),
                scores => scores
                    .iter()
                    .enumerate()
                    .all(|(class, score)| class == label || *score < scores[label]),
            }
        })
    }
}

/// The log loss of a row. Its scores become the loss's slopes.
fn lost(scores: &mut [f64], label: usize) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = scores[label] - most;
    scores
        .iter_mut()
        .for_each(|score| *score = (*score - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    scores[label] -= 1.0;
    sum.ln() - own
}
