//! Scoring many rows of raw columns.

use rayon::prelude::*;

use crate::ForestError;
use crate::fold::Scaling;
use crate::forest::Forest;
use crate::kernel::{self, Instructions, Program};

/// Rows that a thread takes at once: whole blocks of every kernel.
pub const BLOCK_ROWS: usize = 4096;

/// A forest made ready for many rows of raw, unscaled columns.
#[derive(Debug, Clone)]
pub struct Scorer {
    program: Program,
    instructions: Instructions,
}

impl Scorer {
    /// `scalings` says for each column how its raw values become what the model compares.
    pub fn new(forest: &Forest, scalings: &[Scaling]) -> Result<Scorer, ForestError> {
        check_scalings(forest, scalings)?;
        Ok(Scorer {
            program: Program::new(forest, scalings),
            instructions: Instructions::fastest(),
        })
    }

    /// The same scorer by another path; the results are the same. A path that this processor does
    /// not have falls back to the portable one.
    pub fn using(mut self, instructions: Instructions) -> Scorer {
        self.instructions = instructions;
        self
    }

    pub fn columns(&self) -> usize {
        self.program.columns
    }

    /// The margins of rows given as raw columns (NaN is missing), on all cores.
    pub fn margins(&self, columns: &[&[f64]]) -> Result<Vec<f32>, ForestError> {
        let rows = check_columns(self.columns(), columns)?;
        let mut margins = vec![0.0; rows];
        margins
            .par_chunks_mut(BLOCK_ROWS)
            .enumerate()
            .for_each(|(part, margins)| {
                let start = part * BLOCK_ROWS;
                kernel::score(&self.program, self.instructions, columns, start, margins);
            });
        Ok(margins)
    }

    /// The same on this thread alone.
    pub fn margins_on_one_thread(&self, columns: &[&[f64]]) -> Result<Vec<f32>, ForestError> {
        let rows = check_columns(self.columns(), columns)?;
        let mut margins = vec![0.0; rows];
        kernel::score(&self.program, self.instructions, columns, 0, &mut margins);
        Ok(margins)
    }

    /// Places the values of all rows and stops there: what that part costs.
    #[doc(hidden)]
    pub fn bin_only(&self, columns: &[&[f64]]) -> Result<(), ForestError> {
        let program = self.program.without_trees();
        let mut margins = vec![0.0; check_columns(self.columns(), columns)?];
        kernel::score(&program, self.instructions, columns, 0, &mut margins);
        Ok(())
    }
}

/// One sound scaling for each column.
pub(crate) fn check_scalings(forest: &Forest, scalings: &[Scaling]) -> Result<(), ForestError> {
    if scalings.len() != forest.feature_count {
        return Err(ForestError::ColumnsDiffer {
            expected: forest.feature_count,
            found: scalings.len(),
        });
    }
    for (column, Scaling { mean, scale }) in scalings.iter().copied().enumerate() {
        if !mean.is_finite() || !scale.is_finite() || scale <= 0.0 {
            return Err(ForestError::ScalingInvalid {
                column,
                mean,
                scale,
            });
        }
    }
    Ok(())
}

/// The number of rows, when there are as many columns as the model takes, of one length.
pub(crate) fn check_columns(expected: usize, columns: &[&[f64]]) -> Result<usize, ForestError> {
    if columns.len() != expected {
        return Err(ForestError::ColumnsDiffer {
            expected,
            found: columns.len(),
        });
    }
    let rows = columns.first().map_or(0, |column| column.len());
    for (column, values) in columns.iter().enumerate() {
        if values.len() != rows {
            return Err(ForestError::RowsDiffer {
                column,
                expected: rows,
                found: values.len(),
            });
        }
    }
    Ok(rows)
}
