//! Truths with their predictions.

use crate::classes::Classes;
use crate::error::MeasureError;
use crate::task::Task;

/// What a measure looks at.
#[derive(Debug, Clone, Copy)]
pub enum Judged<'a> {
    Numbers(Rows<'a>),
    Classes(Classes<'a>),
}

impl Judged<'_> {
    pub fn task(&self) -> Task {
        match self {
            Self::Numbers(_) => Task::Regression,
            Self::Classes(rows) => rows.task(),
        }
    }
}

impl<'a> From<Rows<'a>> for Judged<'a> {
    fn from(rows: Rows<'a>) -> Judged<'a> {
        Judged::Numbers(rows)
    }
}

impl<'a> From<Classes<'a>> for Judged<'a> {
    fn from(rows: Classes<'a>) -> Judged<'a> {
        Judged::Classes(rows)
    }
}

/// As many predictions as truths, and at least one.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    truth: &'a [f64],
    predictions: &'a [f32],
    weights: Option<&'a [f64]>,
}

impl<'a> Rows<'a> {
    pub fn new(truth: &'a [f64], predictions: &'a [f32]) -> Result<Rows<'a>, MeasureError> {
        same_length(predictions.len(), truth.len())?;
        Ok(Rows {
            truth,
            predictions,
            weights: None,
        })
    }

    /// The same rows, some of which count more than others.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Rows<'a>, MeasureError> {
        check_weights(weights, self.count())?;
        Ok(Rows {
            weights: Some(weights),
            ..self
        })
    }

    pub fn count(&self) -> usize {
        self.truth.len()
    }

    pub fn truth(&self) -> &'a [f64] {
        self.truth
    }

    pub fn predictions(&self) -> &'a [f32] {
        self.predictions
    }

    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// What a row counts: 1 where nothing else is said.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Each truth with its prediction, in the order of the rows.
    pub fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let wide = self.predictions.iter().map(|p| f64::from(*p));
        self.truth.iter().copied().zip(wide)
    }

    /// Whether every truth and every prediction is a finite number.
    pub(crate) fn is_finite(&self) -> bool {
        self.pairs().all(|(y, p)| y.is_finite() && p.is_finite())
    }
}

pub(crate) fn same_length(rows: usize, targets: usize) -> Result<(), MeasureError> {
    if rows != targets {
        return Err(MeasureError::LengthMismatch { rows, targets });
    }
    match rows {
        0 => Err(MeasureError::NoRows),
        _ => Ok(()),
    }
}

pub(crate) fn check_weights(weights: &[f64], rows: usize) -> Result<(), MeasureError> {
    same_length(rows, weights.len())?;
    let invalid = |weight: &f64| !weight.is_finite() || *weight < 0.0;
    let alone = weights.iter().all(|weight| *weight == 0.0).then_some(0);
    match weights.iter().position(invalid).or(alone) {
        None => Ok(()),
        Some(row) => Err(MeasureError::WeightInvalid {
            row,
            weight: weights[row],
        }),
    }
}
