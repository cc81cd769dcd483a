//! Contestants on common rows.

use std::collections::BTreeSet;

use millrace_measures::{Classes, Direction, Judged, Measure, MeasureError, Rows};

use crate::error::ContestError;
use crate::margin::Margin;

/// What came true.
#[derive(Debug, Clone, Copy)]
pub enum Truth<'a> {
    Numbers(&'a [f64]),
    /// Counted from 0, of so many classes.
    Classes(&'a [u32], usize),
}

/// A learner's out-of-fold predictions, a row's side by side: a number, the probability of the positive class, or of
/// each class.
#[derive(Debug, Clone)]
pub struct Contestant {
    pub name: String,
    pub predictions: Vec<f64>,
}

/// What a contestant reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub name: String,
    pub value: f64,
}

/// Contestants that are judged by one measure. What is made is sound: each has a prediction for every row.
#[derive(Debug, Clone)]
pub struct Contest<'a> {
    measure: Measure,
    truth: Truth<'a>,
    folds: &'a [u32],
    pub(crate) contestants: Vec<Contestant>,
}

impl<'a> Contest<'a> {
    /// `folds` says for each row in which fold it was held out.
    pub fn new(
        measure: Measure,
        truth: Truth<'a>,
        folds: &'a [u32],
        contestants: Vec<Contestant>,
    ) -> Result<Contest<'a>, ContestError> {
        let contest = Contest {
            measure,
            truth,
            folds,
            contestants,
        };
        contest.check()?;
        Ok(contest)
    }

    fn check(&self) -> Result<(), ContestError> {
        if self.folds.len() != self.rows() {
            let (rows, targets) = (self.folds.len(), self.rows());
            return Err(MeasureError::LengthMismatch { rows, targets }.into());
        }
        if self.contestants.is_empty() {
            return Err(ContestError::NoContestant);
        }
        let mut names = BTreeSet::new();
        for one in &self.contestants {
            if !names.insert(&one.name) {
                return Err(ContestError::ContestantTwice {
                    name: one.name.clone(),
                });
            }
            let (expected, found) = (self.rows() * self.width(), one.predictions.len());
            if expected != found {
                return Err(ContestError::PredictionsDiffer {
                    name: one.name.clone(),
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }

    pub fn measure(&self) -> Measure {
        self.measure
    }

    pub(crate) fn rows(&self) -> usize {
        match self.truth {
            Truth::Numbers(truth) => truth.len(),
            Truth::Classes(truth, _) => truth.len(),
        }
    }

    /// How many numbers a prediction has.
    pub(crate) fn width(&self) -> usize {
        match self.truth {
            Truth::Classes(_, classes) if classes > 2 => classes,
            _ => 1,
        }
    }

    pub(crate) fn is_of_classes(&self) -> bool {
        matches!(self.truth, Truth::Classes(..))
    }

    pub(crate) fn fold_names(&self) -> Vec<u32> {
        let names: BTreeSet<u32> = self.folds.iter().copied().collect();
        names.into_iter().collect()
    }

    pub(crate) fn rows_where(&self, is_asked: impl Fn(u32) -> bool) -> Vec<usize> {
        (0..self.rows())
            .filter(|row| is_asked(self.folds[*row]))
            .collect()
    }

    /// All contestants, the best first; of equal ones the one that was named first.
    pub fn standings(&self) -> Result<Vec<Standing>, ContestError> {
        let value = |one: &Contestant| -> Result<Standing, ContestError> {
            Ok(Standing {
                name: one.name.clone(),
                value: self.value(&one.predictions, None)?,
            })
        };
        let mut all: Vec<Standing> = self
            .contestants
            .iter()
            .map(value)
            .collect::<Result<_, ContestError>>()?;
        all.sort_by(|one, other| match self.measure.direction {
            Direction::HigherIsBetter => other.value.total_cmp(&one.value),
            Direction::LowerIsBetter => one.value.total_cmp(&other.value),
        });
        Ok(all)
    }

    /// How much better one's predictions are than another's: by rows where the measure is a mean of losses (then in
    /// units of the loss), else by folds (in units of the measure).
    pub fn margin(&self, first: &[f64], second: &[f64]) -> Result<Margin, ContestError> {
        let none = |contest: &Contest<'_>| ContestError::OneFold {
            folds: contest.fold_names().len(),
        };
        if self.measure.has_losses() {
            let losses = |predictions| {
                self.judge(predictions, None, |measure, judged| {
                    Ok(measure.losses(judged).unwrap_or_default())
                })
            };
            return Margin::of_losses(&losses(first)?, &losses(second)?).ok_or_else(|| none(self));
        }
        let by_fold = |predictions: &[f64]| -> Result<Vec<f64>, ContestError> {
            let of_fold = |fold: u32| {
                let rows = self.rows_where(|other| other == fold);
                let value = self.value(predictions, Some(&rows))?;
                Ok(self.worth(value))
            };
            self.fold_names().into_iter().map(of_fold).collect()
        };
        Margin::of_folds(&by_fold(first)?, &by_fold(second)?).ok_or_else(|| none(self))
    }

    /// A value whose higher is better.
    pub(crate) fn worth(&self, value: f64) -> f64 {
        match self.measure.direction {
            Direction::HigherIsBetter => value,
            Direction::LowerIsBetter => -value,
        }
    }

    /// The measure over the given rows, or all.
    pub(crate) fn value(
        &self,
        predictions: &[f64],
        rows: Option<&[usize]>,
    ) -> Result<f64, ContestError> {
        self.judge(predictions, rows, |measure, judged| {
            measure.value(judged).map_err(|why| ContestError::NoValue {
                measure: measure.name,
                why,
            })
        })
    }

    fn judge<T>(
        &self,
        predictions: &[f64],
        rows: Option<&[usize]>,
        ask: impl Fn(Measure, Judged<'_>) -> Result<T, ContestError>,
    ) -> Result<T, ContestError> {
        let width = self.width();
        let picked: Vec<usize> = rows.map_or_else(|| (0..self.rows()).collect(), <[usize]>::to_vec);
        let values: Vec<f64> = picked
            .iter()
            .flat_map(|row| &predictions[row * width..(row + 1) * width])
            .copied()
            .collect();
        match self.truth {
            Truth::Numbers(truth) => {
                let truth: Vec<f64> = picked.iter().map(|row| truth[*row]).collect();
                let narrow: Vec<f32> = values.iter().map(|value| *value as f32).collect();
                ask(self.measure, Rows::new(&truth, &narrow)?.into())
            }
            Truth::Classes(truth, classes) => {
                let truth: Vec<u32> = picked.iter().map(|row| truth[*row]).collect();
                let judged = match width {
                    1 => Classes::binary(&truth, &values, 0.5)?,
                    _ => Classes::many(&truth, &values, classes)?,
                };
                ask(self.measure, judged.into())
            }
        }
    }
}
