//! True classes with the probabilities that a model gave them.

use crate::error::MeasureError;
use crate::rows::{check_weights, same_length};
use crate::task::Task;

/// How far the probabilities of a row may be from adding up to 1: they may have been stored as `f32`.
const ROUNDING: f64 = 1e-5;

/// Rows of classes, counted from 0, with sound probabilities. Of two classes only the second one's, the
/// positive's, is held; of more, each class's, row after row.
#[derive(Debug, Clone, Copy)]
pub struct Classes<'a> {
    truth: &'a [u32],
    probabilities: &'a [f64],
    classes: usize,
    threshold: f64,
    weights: Option<&'a [f64]>,
}

impl<'a> Classes<'a> {
    /// Two classes. A row is predicted as positive when its probability is at least the threshold.
    pub fn binary(
        truth: &'a [u32],
        positive: &'a [f64],
        threshold: f64,
    ) -> Result<Classes<'a>, MeasureError> {
        same_length(positive.len(), truth.len())?;
        check(truth, positive, 2)?;
        Ok(Classes {
            truth,
            probabilities: positive,
            classes: 2,
            threshold,
            weights: None,
        })
    }

    /// Three classes or more. A row is predicted as its likeliest class, of equally likely ones the first.
    pub fn many(
        truth: &'a [u32],
        probabilities: &'a [f64],
        classes: usize,
    ) -> Result<Classes<'a>, MeasureError> {
        let wide = truth.len().saturating_mul(classes);
        if probabilities.len() != wide {
            return Err(MeasureError::LengthMismatch {
                rows: probabilities.len() / classes.max(1),
                targets: truth.len(),
            });
        }
        same_length(probabilities.len(), wide)?;
        check(truth, probabilities, classes)?;
        for (row, of_row) in probabilities.chunks_exact(classes).enumerate() {
            let sum: f64 = of_row.iter().sum();
            if (sum - 1.0).abs() > ROUNDING {
                return Err(MeasureError::ProbabilitiesDoNotAdd { row, sum });
            }
        }
        Ok(Classes {
            truth,
            probabilities,
            classes,
            threshold: f64::NAN,
            weights: None,
        })
    }

    /// The same rows, some of which count more than others.
    pub fn weighted(self, weights: &'a [f64]) -> Result<Classes<'a>, MeasureError> {
        check_weights(weights, self.count())?;
        Ok(Classes {
            weights: Some(weights),
            ..self
        })
    }

    pub fn task(&self) -> Task {
        match self.classes {
            2 => Task::Binary,
            _ => Task::Multiclass,
        }
    }

    pub fn count(&self) -> usize {
        self.truth.len()
    }

    pub fn classes(&self) -> usize {
        self.classes
    }

    pub fn truth(&self) -> &'a [u32] {
        self.truth
    }

    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// How likely the model holds it that the row is of that class.
    pub fn probability(&self, row: usize, class: usize) -> f64 {
        match (self.classes, class) {
            (2, 0) => 1.0 - self.probabilities[row],
            (2, _) => self.probabilities[row],
            _ => self.probabilities[row * self.classes + class],
        }
    }

    /// The class that is predicted.
    pub fn label(&self, row: usize) -> usize {
        if self.classes == 2 {
            return usize::from(self.probabilities[row] >= self.threshold);
        }
        let likelier = |best: usize, class: usize| {
            let higher = self.probability(row, class) > self.probability(row, best);
            if higher { class } else { best }
        };
        (1..self.classes).fold(0, likelier)
    }

    pub(crate) fn is_of(&self, row: usize, class: usize) -> bool {
        self.truth[row] as usize == class
    }

    /// How many classes have a row.
    pub(crate) fn present(&self) -> usize {
        let mut seen = vec![false; self.classes];
        for class in self.truth {
            seen[*class as usize] = true;
        }
        seen.into_iter().filter(|seen| *seen).count()
    }
}

fn check(truth: &[u32], probabilities: &[f64], classes: usize) -> Result<(), MeasureError> {
    if let Some(row) = truth.iter().position(|class| *class as usize >= classes) {
        return Err(MeasureError::ClassUnknown {
            row,
            class: truth[row],
            classes,
        });
    }
    let sound = |value: &f64| (0.0..=1.0).contains(value);
    match probabilities.iter().position(|value| !sound(value)) {
        None => Ok(()),
        Some(place) => Err(MeasureError::ProbabilityInvalid {
            row: place * truth.len() / probabilities.len(),
            value: probabilities[place],
        }),
    }
}
