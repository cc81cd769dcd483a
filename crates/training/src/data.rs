//! The rows of each fold, as numbers.

use std::ops::Range;

use millrace_contract::spec::{Scoring, Task};
use millrace_features::{FeatureError, Matrix, Recipe, Unfitted, folds};

use crate::error::TrainingError;
use crate::learner::{FoldRows, Work};
use crate::search::Setup;

/// What a search learns from: its training rows in the order of the split. Folds are contiguous parts of them.
#[derive(Debug, Clone, Copy)]
pub enum SearchRows<'a> {
    /// A table. Each fold fits a recipe of its own, on the rows that it learns from.
    Table(Unfitted<'a>),
    /// Numbers that do not depend on the rows: nothing was selected, scaled or imputed by looking at them.
    Numbers {
        matrix: &'a Matrix,
        target: &'a [f64],
    },
}

impl<'a> SearchRows<'a> {
    fn target(&self) -> &'a [f64] {
        match self {
            SearchRows::Table(table) => table.target(),
            SearchRows::Numbers { target, .. } => target,
        }
    }
}

/// How the rows of a fold become numbers.
enum Encoders<'a> {
    /// One recipe for each fold.
    Recipes(Unfitted<'a>, Vec<Recipe>),
    Given(&'a Matrix),
}

impl Encoders<'_> {
    fn encode(&self, fold: usize, rows: &[usize]) -> Result<Matrix, FeatureError> {
        match self {
            Encoders::Recipes(table, recipes) => recipes[fold].apply_to(table.frame(), rows),
            Encoders::Given(matrix) => Ok(matrix.select(rows.iter().copied())),
        }
    }

    fn columns(&self, fold: usize) -> usize {
        match self {
            Encoders::Recipes(_, recipes) => recipes[fold].columns().len(),
            Encoders::Given(matrix) => matrix.columns(),
        }
    }
}

/// The training rows of a search, and the folds they fall into.
pub(crate) struct FoldedData<'a> {
    encoders: Encoders<'a>,
    target: &'a [f64],
    folds: Vec<Range<usize>>,
    scoring: Scoring,
}

/// Both classes must be among the rows of every fold, and among those that it learns from.
fn check_classes(target: &[f64], folds: &[Range<usize>]) -> Result<(), TrainingError> {
    for (place, fold) in folds.iter().enumerate() {
        let within = &target[fold.clone()];
        for class in [0.0, 1.0] {
            let here = within.iter().filter(|y| **y == class).count();
            let all = target.iter().filter(|y| **y == class).count();
            if here == 0 || here == all {
                let detail = format!(
                    "class {class} has {all} training rows, {here} of them in fold {}: every fold needs some and must leave some; give more rows, or use fewer folds (`search.folds`)",
                    place + 1
                );
                return Err(FeatureError::StratumTooSmall { detail }.into());
            }
        }
    }
    Ok(())
}

/// Which rows a run learns from and is judged on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum View {
    /// All the rows of a fold.
    Fold(usize),
    /// One in so many of the first fold's training rows: for a first look, which may be coarser.
    Sample { one_in: usize },
}

impl View {
    /// The fold whose rows these are, with its recipe and the rows to judge by.
    fn fold(self) -> usize {
        match self {
            View::Fold(fold) => fold,
            View::Sample { .. } => 0,
        }
    }

    fn is_sample(self) -> bool {
        matches!(self, View::Sample { .. })
    }
}

/// The rows of a view: what a learner prepares, and the truth of those to be judged on.
pub(crate) struct ViewRows {
    pub(crate) rows: FoldRows,
    pub(crate) truth: Vec<f64>,
}

impl<'a> FoldedData<'a> {
    pub(crate) fn new(
        rows: SearchRows<'a>,
        setup: Setup<'_>,
    ) -> Result<FoldedData<'a>, TrainingError> {
        let fold_count = setup.search.folds;
        let target = rows.target();
        if let SearchRows::Numbers { matrix, .. } = rows
            && matrix.rows() != target.len()
        {
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
        let folds = folds(target.len(), fold_count)?;
        if setup.task != Task::Regression {
            check_classes(target, &folds)?;
        }
        let encoders = match rows {
            SearchRows::Table(table) => {
                let recipes = folds.iter().map(|fold| table.recipe_without(fold));
                Encoders::Recipes(table, recipes.collect::<Result<_, _>>()?)
            }
            SearchRows::Numbers { matrix, .. } => Encoders::Given(matrix),
        };
        Ok(FoldedData {
            encoders,
            target,
            folds,
            scoring: setup.scoring(),
        })
    }

    pub(crate) fn scoring(&self) -> Scoring {
        self.scoring
    }

    pub(crate) fn folds(&self) -> &[Range<usize>] {
        &self.folds
    }

    /// How much the runs on a view work on.
    pub(crate) fn work(&self, view: View) -> Work {
        Work {
            rows: self.training_rows(view),
            columns: self.encoders.columns(view.fold()),
            is_sample: view.is_sample(),
        }
    }

    /// How many rows a view learns from.
    pub(crate) fn training_rows(&self, view: View) -> usize {
        let fold = self.validation_range(view);
        let rows = self.target.len() - fold.len();
        match view {
            View::Fold(_) => rows,
            View::Sample { one_in } => rows.div_ceil(one_in),
        }
    }

    fn validation_range(&self, view: View) -> Range<usize> {
        self.folds.get(view.fold()).cloned().unwrap_or(0..0)
    }

    /// The rows of a view, encoded by the recipe of its fold.
    pub(crate) fn load(&self, view: View) -> Result<ViewRows, TrainingError> {
        let validation = self.validation_range(view);
        let one_in = match view {
            View::Fold(_) => 1,
            View::Sample { one_in } => one_in,
        };
        let rows: Vec<usize> = (0..validation.start)
            .chain(validation.end..self.target.len())
            .step_by(one_in.max(1))
            .collect();
        let target = rows.iter().map(|row| self.target[*row]).collect();
        let judged: Vec<usize> = validation.clone().collect();
        Ok(ViewRows {
            rows: FoldRows {
                learned: self.encoders.encode(view.fold(), &rows)?,
                target,
                judged: self.encoders.encode(view.fold(), &judged)?,
                is_sample: view.is_sample(),
            },
            truth: self.target[validation].to_vec(),
        })
    }
}
