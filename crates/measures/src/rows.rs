//! Truths with their predictions.

use crate::error::MeasureError;

/// As many predictions as truths, and at least one.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    truth: &'a [f64],
    predictions: &'a [f32],
}

impl<'a> Rows<'a> {
    pub fn new(truth: &'a [f64], predictions: &'a [f32]) -> Result<Rows<'a>, MeasureError> {
        if truth.len() != predictions.len() {
            return Err(MeasureError::LengthMismatch {
                rows: predictions.len(),
                targets: truth.len(),
            });
        }
        if truth.is_empty() {
            return Err(MeasureError::NoRows);
        }
        Ok(Rows { truth, predictions })
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

    /// Each truth with its prediction, in the order of the rows.
    pub fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let wide = self.predictions.iter().map(|p| f64::from(*p));
        self.truth.iter().copied().zip(wide)
    }
}
