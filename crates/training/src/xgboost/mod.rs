//! The room of XGBoost: gradient-boosted trees, grown here where that gives its bits in less time.

mod booster;
mod fit;
mod grow;
mod importance;
mod params;
mod settings;

use std::ops::Range;

use millrace_contract::Params;
use millrace_contract::metadata::Importance;
use millrace_contract::spec::Task;
use millrace_features::{Matrix, Recipe};
use xgb::DMatrix;

use crate::error::TrainingError;
use crate::learner::{FoldRows, Learn, TrainingRows, Work};
use crate::search::Setup;
use booster::labelled;
use fit::XgboostFit;
use grow::Ground;
use params::Fixed;
use settings::base_score;

pub use booster::Booster;
pub use params::TreeParams;

/// What margins mean for the task: the predictions themselves, or log odds.
pub(crate) fn predictions(task: Task, mut margins: Vec<f32>) -> Vec<f32> {
    match task {
        Task::Regression => {}
        Task::Binary | Task::Multiclass => {
            for margin in &mut margins {
                *margin = 1.0 / (1.0 + (-*margin).exp());
            }
        }
    }
    margins
}

/// Bins of a first look are coarser: for deep trees most of the time goes into searching bins, not rows.
const BINS_OF_A_LOOK: u32 = 32;

/// XGBoost with what all candidates share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Xgboost {
    task: Task,
    fixed: Fixed,
    seed: u32,
}

/// The rows of a view inside XGBoost. Belongs to one thread.
pub(crate) struct XgboostRows {
    training: DMatrix,
    validation: DMatrix,
    base_score: f32,
    max_bin: u32,
    /// The same rows in bins; `None` when a column has too many.
    ground: Option<Ground>,
}

impl Xgboost {
    pub(crate) fn new(setup: Setup<'_>) -> Xgboost {
        Xgboost {
            task: setup.task,
            fixed: Fixed::of(&setup.search.fixed),
            seed: setup.search.seed,
        }
    }

    fn bins(&self, is_sample: bool) -> u32 {
        match is_sample {
            true => BINS_OF_A_LOOK.min(self.fixed.max_bin),
            false => self.fixed.max_bin,
        }
    }

    /// Trains one candidate on all the given rows and writes the columns' names into the model.
    pub(crate) fn train(
        &self,
        rows: TrainingRows<'_>,
        winner: &Params,
    ) -> Result<Booster, TrainingError> {
        let winner = TreeParams::of(winner);
        let labels: Vec<f32> = rows.target.iter().map(|y| *y as f32).collect();
        let matrix = labelled(rows.matrix, Some(&labels))?;
        let mut booster = Booster::new(
            &matrix,
            &settings::settings(&winner, self, self.fixed.max_bin, base_score(&labels)),
        )?;
        let all: Range<u32> = 0..winner.n_estimators;
        booster.boost(&matrix, all)?;
        booster.name_features(rows.names)?;
        Ok(booster)
    }
}

impl Booster {
    /// The mean gain of the splits on each column, as scikit-learn's `feature_importances_` shows it.
    pub(crate) fn importance(&self, recipe: &Recipe) -> Result<Importance, TrainingError> {
        importance::importance(self, recipe)
    }
}

impl Learn for Xgboost {
    type Rows = XgboostRows;
    type Fit<'a> = XgboostFit<'a>;

    fn prepare(&self, rows: FoldRows) -> Result<XgboostRows, TrainingError> {
        let max_bin = self.bins(rows.is_sample);
        let labels: Vec<f32> = rows.target.iter().map(|y| *y as f32).collect();
        let (learned, judged): (&Matrix, &Matrix) = (&rows.learned, &rows.judged);
        Ok(XgboostRows {
            training: labelled(learned, Some(&labels))?,
            validation: labelled(judged, None)?,
            base_score: base_score(&labels),
            max_bin,
            ground: match self.task {
                Task::Regression => {
                    Ground::new(learned.values(), labels, judged.values(), max_bin)?
                }
                // The gradients of squared errors are the only ones that are known here.
                Task::Binary | Task::Multiclass => None,
            },
        })
    }

    fn begin<'a>(
        &'a self,
        rows: &'a XgboostRows,
        candidate: &Params,
    ) -> Result<XgboostFit<'a>, TrainingError> {
        XgboostFit::new(rows, TreeParams::of(candidate), self)
    }

    /// Rows are sorted into bins at every level, and every node has all its bins searched.
    fn cost(&self, work: Work, candidate: &Params) -> f64 {
        let candidate = TreeParams::of(candidate);
        let rows = work.rows as f64;
        let bins = f64::from(self.bins(work.is_sample));
        let nodes = f64::from(1u32 << candidate.max_depth.min(20)).min(rows);
        let per_tree = rows * f64::from(candidate.max_depth) + 3.0 * nodes * bins;
        per_tree * f64::from(candidate.n_estimators) * work.columns as f64
    }
}
