//! A fitted model: what is stored, and what predicts.

use rayon::prelude::*;

use crate::LinearError;
use crate::design::{Design, same_rows};

/// Rows that a thread takes at once.
const BLOCK: usize = 4096;

/// How scores become outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The score is the prediction.
    Identity,
    /// The logistic function of the one score is the probability of the positive class.
    Logistic,
    /// One score for each class; their exponentials, shared out to 1, are the probabilities.
    Softmax,
}

/// An intercept and a coefficient for each column: one set of them, or with [`Link::Softmax`] one for each class.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearModel {
    pub(crate) link: Link,
    pub(crate) columns: Vec<String>,
    pub(crate) intercepts: Vec<f64>,
    pub(crate) coefficients: Vec<Vec<f64>>,
    /// The columns' means where it was fitted: what reasons are measured from.
    pub(crate) means: Vec<f64>,
}

impl LinearModel {
    /// From coefficients for the design's scaled columns, the intercept behind them.
    pub(crate) fn of_fit(design: &Design, link: Link, sets: &[Vec<f64>]) -> LinearModel {
        let (mut intercepts, mut coefficients) = (Vec::new(), Vec::new());
        for set in sets {
            let unscaled = |(value, scale): (&f64, &f64)| match *scale > 0.0 {
                true => value / scale,
                false => 0.0,
            };
            let own: Vec<f64> = set.iter().zip(design.scale()).map(unscaled).collect();
            let shift: f64 = own
                .iter()
                .zip(design.centre())
                .map(|(w, mean)| w * mean)
                .sum();
            intercepts.push(set[design.columns()] - shift);
            coefficients.push(own);
        }
        LinearModel {
            link,
            columns: design.names().to_vec(),
            intercepts,
            coefficients,
            means: design.centre().to_vec(),
        }
    }

    pub fn link(&self) -> Link {
        self.link
    }

    /// The columns in the order in which they are taken.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many numbers a row's prediction has: one, or one for each class.
    pub fn outputs(&self) -> usize {
        self.intercepts.len()
    }

    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// The coefficients of one output.
    pub fn coefficients(&self, output: usize) -> &[f64] {
        &self.coefficients[output]
    }

    /// The predictions of all rows, a row's outputs side by side: numbers, or probabilities.
    pub fn predict(&self, columns: &[&[f64]]) -> Result<Vec<f64>, LinearError> {
        let mut scores = self.scores(columns)?;
        match self.link {
            Link::Identity => {}
            Link::Logistic => scores
                .par_iter_mut()
                .for_each(|score| *score = logistic(*score)),
            Link::Softmax => scores.par_chunks_mut(self.outputs()).for_each(softmax),
        }
        Ok(scores)
    }

    /// The same before the link.
    pub fn scores(&self, columns: &[&[f64]]) -> Result<Vec<f64>, LinearError> {
        let rows = self.check(columns)?;
        let outputs = self.outputs();
        let mut scores = vec![0.0; rows * outputs];
        let of_block = |(block, part): (usize, &mut [f64])| {
            self.score_block(columns, block * BLOCK, part);
        };
        scores
            .par_chunks_mut(BLOCK * outputs)
            .enumerate()
            .for_each(of_block);
        match scores.iter().position(|score| !score.is_finite()) {
            None => Ok(scores),
            Some(place) => Err(self.missing(columns, place / outputs)),
        }
    }

    fn score_block(&self, columns: &[&[f64]], start: usize, part: &mut [f64]) {
        let outputs = self.outputs();
        let rows = part.len() / outputs;
        let mut sums = vec![0.0; rows];
        for output in 0..outputs {
            sums.fill(self.intercepts[output]);
            for (column, weight) in columns.iter().zip(&self.coefficients[output]) {
                for (sum, value) in sums.iter_mut().zip(&column[start..start + rows]) {
                    *sum += weight * value;
                }
            }
            for (row, sum) in sums.iter().enumerate() {
                part[row * outputs + output] = *sum;
            }
        }
    }

    /// What each column adds to one output's score of a row, compared with a row of means. Their sum and
    /// [`LinearModel::base`] are the score.
    pub fn contributions(&self, output: usize, row: &[f64]) -> Result<Vec<f64>, LinearError> {
        if row.len() != self.columns.len() {
            return Err(self.differ(row.len()));
        }
        let weights = self.coefficients[output].iter();
        let of = |((weight, value), mean): ((&f64, &f64), &f64)| weight * (value - mean);
        Ok(weights.zip(row).zip(&self.means).map(of).collect())
    }

    /// The score of a row of means.
    pub fn base(&self, output: usize) -> f64 {
        let pairs = self.coefficients[output].iter().zip(&self.means);
        self.intercepts[output] + pairs.map(|(weight, mean)| weight * mean).sum::<f64>()
    }

    fn check(&self, columns: &[&[f64]]) -> Result<usize, LinearError> {
        if columns.len() != self.columns.len() {
            return Err(self.differ(columns.len()));
        }
        let rows = columns.first().map_or(0, |column| column.len());
        for (name, column) in self.columns.iter().zip(columns) {
            same_rows(name, rows, column.len())?;
        }
        Ok(rows)
    }

    fn differ(&self, found: usize) -> LinearError {
        LinearError::ColumnsDiffer {
            expected: self.columns.len(),
            found,
        }
    }

    fn missing(&self, columns: &[&[f64]], row: usize) -> LinearError {
        let culprit = columns.iter().position(|column| !column[row].is_finite());
        let column = culprit.unwrap_or(0);
        LinearError::ValueMissing {
            row,
            column: self.columns[column].clone(),
            value: columns[column][row],
        }
    }
}

/// 1 / (1 + e^-score), precise at both ends.
pub(crate) fn logistic(score: f64) -> f64 {
    if score >= 0.0 {
        1.0 / (1.0 + (-score).exp())
    } else {
        let power = score.exp();
        power / (1.0 + power)
    }
}

/// Scores become probabilities, in place.
pub(crate) fn softmax(scores: &mut [f64]) {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores
        .iter_mut()
        .for_each(|score| *score = (*score - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}
