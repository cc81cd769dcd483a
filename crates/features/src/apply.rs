//! Applying a recipe: from a frame to the model's matrix.

use std::borrow::Cow;

use millrace_dataset::{Frame, Values};
use rayon::prelude::*;

use crate::column::EncodedColumn;
use crate::error::FeatureError;
use crate::matrix::Matrix;
use crate::recipe::Recipe;

/// Rows that one task fills, so that its part of the matrix stays in the cache.
const BLOCK_ROWS: usize = 1024;

/// Where the numbers of an encoded column come from.
enum Raw<'a> {
    Numbers(&'a [f64]),
    Codes { codes: &'a [i32], words: usize },
}

impl Recipe {
    /// The matrix that the model takes: encoded, in model order, scaled; NaN is missing.
    pub fn apply(&self, frame: &Frame) -> Result<Matrix, FeatureError> {
        let rows: Vec<usize> = (0..frame.rows()).collect();
        self.apply_to(frame, &rows)
    }

    /// The same of some rows, in the order given; rows beyond the end are left out.
    pub fn apply_to(&self, frame: &Frame, rows: &[usize]) -> Result<Matrix, FeatureError> {
        self.unseen_words(frame)?;
        let rows: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|row| *row < frame.rows())
            .collect();
        let raw: Vec<Raw<'_>> = (0..self.columns.len())
            .map(|column| self.raw(frame, column))
            .collect::<Result<_, _>>()?;
        let width = raw.len();
        let mut values = vec![0f32; rows.len() * width];
        values
            .par_chunks_mut(BLOCK_ROWS * width)
            .zip(rows.par_chunks(BLOCK_ROWS))
            .try_for_each(|(part, rows)| self.fill(&raw, rows, part))?;
        Matrix::from_rows(rows.len(), width, values).ok_or(FeatureError::LengthMismatch {
            rows: rows.len(),
            targets: 0,
        })
    }

    /// The numbers of one encoded column before scaling, with what is filled in for missing ones.
    pub fn raw_column<'a>(
        &self,
        frame: &'a Frame,
        column: usize,
    ) -> Result<Cow<'a, [f64]>, FeatureError> {
        let (encoded, values) = self.source_values(frame, column)?;
        let kind = encoded.kind;
        let raw = kind.encode(&encoded.source, values, self.words_of(column))?;
        let Some(fill) = encoded.fill.filter(|_| raw.iter().any(|x| x.is_nan())) else {
            return Ok(raw);
        };
        let filled = raw.iter().map(|x| if x.is_nan() { fill } else { *x });
        Ok(Cow::Owned(filled.collect()))
    }

    /// The numbers of one encoded column as the model sees them, column by column and not row by row.
    pub fn model_column(&self, frame: &Frame, column: usize) -> Result<Vec<f64>, FeatureError> {
        let raw = self.raw_column(frame, column)?;
        let encoded = self.columns.get(column);
        let seen = raw
            .iter()
            .map(|raw| encoded.map_or(f64::NAN, |encoded| f64::from(encoded.scaled(*raw))));
        Ok(seen.collect())
    }

    fn source_values<'a>(
        &self,
        frame: &'a Frame,
        column: usize,
    ) -> Result<(&EncodedColumn, &'a Values), FeatureError> {
        let encoded = self
            .columns
            .get(column)
            .ok_or_else(|| crate::recipe::invalid(format!("it has no column {column}")))?;
        let values = frame
            .get(&encoded.source)
            .ok_or_else(|| FeatureError::MissingColumn {
                column: encoded.source.clone(),
            })?;
        Ok((encoded, values))
    }

    fn raw<'a>(&self, frame: &'a Frame, column: usize) -> Result<Raw<'a>, FeatureError> {
        let (encoded, values) = self.source_values(frame, column)?;
        match (values, encoded.kind.is_numeric()) {
            (Values::Number(numbers), true) => Ok(Raw::Numbers(numbers)),
            (Values::Code(codes), false) => Ok(Raw::Codes {
                codes,
                words: self.words_of(column),
            }),
            (values, _) => Err(encoded.kind.mismatch(&encoded.source, values)),
        }
    }

    /// Fills a block with the given rows, column by column.
    fn fill(&self, raw: &[Raw<'_>], rows: &[usize], part: &mut [f32]) -> Result<(), FeatureError> {
        let width = raw.len();
        for (j, (column, source)) in self.columns.iter().zip(raw).enumerate() {
            for (place, row) in part.chunks_exact_mut(width).zip(rows) {
                let raw = match source {
                    Raw::Numbers(numbers) => numbers[*row],
                    Raw::Codes { codes, words } => column.kind.encode_code(codes[*row], *words),
                };
                let value = column.scaled(raw);
                if value.is_infinite() {
                    return Err(FeatureError::InfiniteValue {
                        column: column.source.clone(),
                        row: *row,
                    });
                }
                place[j] = value;
            }
        }
        Ok(())
    }
}
