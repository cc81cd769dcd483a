//! The rows to be judged: truth, prediction, attributes and weights, and the checks that let nothing odd through.

use crate::attribute::Attribute;
use crate::error::FairnessError;

/// A column of truth or prediction.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// 0 or 1, taken as they are.
    Labels(Vec<f64>),
    /// In [0, 1]; the label is 1 where the score is above the threshold.
    Scores { values: Vec<f64>, threshold: f64 },
}

impl Outcome {
    pub fn values(&self) -> &[f64] {
        match self {
            Self::Labels(values) | Self::Scores { values, .. } => values,
        }
    }

    fn is_positive(&self, value: f64) -> bool {
        match self {
            Self::Labels(_) => value == 1.0,
            Self::Scores { threshold, .. } => value > *threshold,
        }
    }

    fn check(&self, column: &str) -> Result<(), FairnessError> {
        let column = column.to_string();
        if let Self::Scores { threshold, .. } = self
            && !(0.0..=1.0).contains(threshold)
        {
            return Err(FairnessError::ThresholdOutOfRange {
                column,
                threshold: *threshold,
            });
        }
        for (row, &value) in self.values().iter().enumerate() {
            if !(0.0..=1.0).contains(&value) {
                return Err(FairnessError::NeitherLabelNorScore { column, row, value });
            }
            if matches!(self, Self::Labels(_)) && value != 0.0 && value != 1.0 {
                return Err(FairnessError::NotALabel { column, row, value });
            }
        }
        Ok(())
    }
}

/// What a verdict rests on. Every column has one value per row.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub truth: Outcome,
    pub prediction: Outcome,
    pub attributes: Vec<Attribute>,
    pub weights: Option<Vec<f64>>,
}

/// One row, checked. `cell` is 2 x truth + prediction: 0 true negative, 1 false positive, 2 false negative, 3 true positive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub cell: u8,
    pub weight: f64,
    pub score: f64,
    pub error: f64,
}

impl Evidence {
    /// Checks every column and turns the evidence into rows.
    pub(crate) fn rows(&self) -> Result<Vec<Row>, FairnessError> {
        self.check()?;
        let truths = self.truth.values().iter();
        let scores = self.prediction.values().iter();
        let rows = truths
            .zip(scores)
            .enumerate()
            .map(|(row, (&truth, &score))| Row {
                cell: 2 * u8::from(self.truth.is_positive(truth))
                    + u8::from(self.prediction.is_positive(score)),
                weight: self.weights.as_ref().map_or(1.0, |weights| weights[row]),
                score,
                error: score - truth,
            });
        Ok(rows.collect())
    }

    pub(crate) fn attribute(&self, name: &str) -> Result<&Attribute, FairnessError> {
        let found = self
            .attributes
            .iter()
            .find(|attribute| attribute.name == name);
        found.ok_or_else(|| FairnessError::AttributeNotFound {
            attribute: name.to_string(),
            available: self
                .attributes
                .iter()
                .map(|attribute| attribute.name.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    fn check(&self) -> Result<(), FairnessError> {
        let expected = self.truth.values().len();
        if expected == 0 && self.prediction.values().is_empty() {
            return Err(FairnessError::NoRows);
        }
        check_length("prediction", self.prediction.values().len(), expected)?;
        for attribute in &self.attributes {
            check_length(&attribute.name, attribute.rows(), expected)?;
        }
        self.truth.check("truth")?;
        self.prediction.check("prediction")?;
        let Some(weights) = &self.weights else {
            return Ok(());
        };
        check_length("weights", weights.len(), expected)?;
        check_weights(weights)
    }
}

pub(crate) fn check_length(
    column: &str,
    rows: usize,
    expected: usize,
) -> Result<(), FairnessError> {
    if rows == expected {
        return Ok(());
    }
    Err(FairnessError::LengthsDiffer {
        column: column.to_string(),
        rows,
        expected,
    })
}

fn check_weights(weights: &[f64]) -> Result<(), FairnessError> {
    let wrong = weights
        .iter()
        .position(|weight| !weight.is_finite() || *weight < 0.0);
    if let Some(row) = wrong {
        return Err(FairnessError::WeightInvalid {
            row,
            value: weights[row],
        });
    }
    let total: f64 = weights.iter().sum();
    if total > 0.0 && total.is_finite() {
        return Ok(());
    }
    Err(FairnessError::WeightInvalid {
        row: 0,
        value: weights.first().copied().unwrap_or(0.0),
    })
}
