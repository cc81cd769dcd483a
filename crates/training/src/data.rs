//! The rows of each fold, and how XGBoost gets them.

use std::ops::Range;

use millrace_features::{Matrix, folds};
use xgb::DMatrix;

use crate::booster::labelled;
use crate::error::TrainingError;
use crate::grow::Ground;
use crate::settings::base_score;

/// The training rows of a search, and the folds they fall into.
pub(crate) struct FoldedData<'a> {
    matrix: &'a Matrix,
    target: &'a [f64],
    labels: Vec<f32>,
    folds: Vec<Range<usize>>,
    max_bin: u32,
}

/// Which rows a run learns from and is judged on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum View {
    /// All the rows of a fold.
    Fold(usize),
    /// One in so many of the first fold's training rows, in coarser bins: for a first look.
    Sample { one_in: usize, max_bin: u32 },
}

/// The rows of a view inside XGBoost. Belongs to one thread.
pub(crate) struct ViewRows {
    pub(crate) training: DMatrix,
    pub(crate) validation: DMatrix,
    pub(crate) truth: Vec<f64>,
    pub(crate) base_score: f32,
    pub(crate) max_bin: u32,
    /// The same rows in bins; `None` when a column has too many.
    pub(crate) ground: Option<Ground>,
}

impl<'a> FoldedData<'a> {
    pub(crate) fn new(
        matrix: &'a Matrix,
        target: &'a [f64],
        fold_count: usize,
        max_bin: u32,
    ) -> Result<FoldedData<'a>, TrainingError> {
        if matrix.rows() != target.len() {
            return Err(TrainingError::LengthMismatch {
                rows: matrix.rows(),
                targets: target.len(),
            });
        }
        millrace_features::check_target(target)?;
        // R2 needs two rows in every fold.
        let needed = fold_count.saturating_mul(2);
        if target.len() < needed {
            return Err(TrainingError::TooFewRows {
                rows: target.len(),
                folds: fold_count,
                needed,
            });
        }
        Ok(FoldedData {
            matrix,
            target,
            labels: target.iter().map(|y| *y as f32).collect(),
            folds: folds(target.len(), fold_count)?,
            max_bin,
        })
    }

    pub(crate) fn folds(&self) -> usize {
        self.folds.len()
    }

    /// The truth of a fold's validation rows.
    pub(crate) fn truth(&self, fold: usize) -> &[f64] {
        &self.target[self.validation_range(View::Fold(fold))]
    }

    pub(crate) fn columns(&self) -> usize {
        self.matrix.columns()
    }

    pub(crate) fn max_bin(&self) -> u32 {
        self.max_bin
    }

    /// How many rows a view learns from.
    pub(crate) fn training_rows(&self, view: View) -> usize {
        let fold = self.validation_range(view);
        let rows = self.target.len() - fold.len();
        match view {
            View::Fold(_) => rows,
            View::Sample { one_in, .. } => rows.div_ceil(one_in),
        }
    }

    fn validation_range(&self, view: View) -> Range<usize> {
        let fold = match view {
            View::Fold(fold) => fold,
            View::Sample { .. } => 0,
        };
        self.folds.get(fold).cloned().unwrap_or(0..0)
    }

    /// Copies the rows of a view into XGBoost.
    pub(crate) fn load(&self, view: View) -> Result<ViewRows, TrainingError> {
        let validation = self.validation_range(view);
        let (one_in, max_bin) = match view {
            View::Fold(_) => (1, self.max_bin),
            View::Sample { one_in, max_bin } => (one_in, max_bin),
        };
        let rows: Vec<usize> = (0..validation.start)
            .chain(validation.end..self.target.len())
            .step_by(one_in.max(1))
            .collect();
        let labels: Vec<f32> = rows.iter().map(|row| self.labels[*row]).collect();
        let training = self.matrix.select(rows);
        let judged = self.matrix.select(validation.clone());
        Ok(ViewRows {
            training: labelled(&training, Some(&labels))?,
            validation: labelled(&judged, None)?,
            truth: self.target[validation].to_vec(),
            base_score: base_score(&labels),
            max_bin,
            ground: Ground::new(training.values(), labels, judged.values(), max_bin)?,
        })
    }
}
