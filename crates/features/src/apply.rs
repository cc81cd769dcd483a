//! Applying a recipe: from a frame to the model's matrix.

use std::borrow::Cow;

use millrace_dataset::Frame;
use rayon::prelude::*;

use crate::error::FeatureError;
use crate::matrix::Matrix;
use crate::recipe::Recipe;

/// Rows that one task fills, so that its part of the matrix stays in the cache.
const BLOCK_ROWS: usize = 1024;

impl Recipe {
    /// The matrix that the model takes: encoded, in model order, scaled; NaN is missing.
    pub fn apply(&self, frame: &Frame) -> Result<Matrix, FeatureError> {
        self.unseen_words(frame)?;
        let raw: Vec<Cow<'_, [f64]>> = (0..self.columns.len())
            .map(|column| self.raw_column(frame, column))
            .collect::<Result<_, _>>()?;
        let width = raw.len();
        let mut values = vec![0f32; frame.rows() * width];
        values
            .par_chunks_mut(BLOCK_ROWS * width)
            .enumerate()
            .try_for_each(|(block, part)| self.fill(&raw, block * BLOCK_ROWS, part))?;
        Matrix::from_rows(frame.rows(), width, values).ok_or(FeatureError::LengthMismatch {
            rows: frame.rows(),
            targets: 0,
        })
    }

    /// The numbers of one encoded column before scaling.
    pub fn raw_column<'a>(
        &self,
        frame: &'a Frame,
        column: usize,
    ) -> Result<Cow<'a, [f64]>, FeatureError> {
        let encoded = self
            .columns
            .get(column)
            .ok_or_else(|| crate::recipe::invalid(format!("it has no column {column}")))?;
        let values = frame
            .get(&encoded.source)
            .ok_or_else(|| FeatureError::MissingColumn {
                column: encoded.source.clone(),
            })?;
        encoded
            .kind
            .encode(&encoded.source, values, self.words_of(column))
    }

    /// Fills the rows from `start` on, column by column.
    fn fill(
        &self,
        raw: &[Cow<'_, [f64]>],
        start: usize,
        part: &mut [f32],
    ) -> Result<(), FeatureError> {
        let width = raw.len();
        for (j, (column, source)) in self.columns.iter().zip(raw).enumerate() {
            let rows = source.get(start..).unwrap_or_default();
            for (offset, (row, x)) in part.chunks_exact_mut(width).zip(rows).enumerate() {
                let value = column.scaled(*x);
                if value.is_infinite() {
                    return Err(FeatureError::InfiniteValue {
                        column: column.source.clone(),
                        row: start + offset,
                    });
                }
                row[j] = value;
            }
        }
        Ok(())
    }
}
