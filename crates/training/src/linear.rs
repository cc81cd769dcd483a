//! The room of linear models, least squares for numbers and logistic regression for classes: one step and no budget.

use std::borrow::Cow;

use indexmap::IndexMap;
use millrace_contract::Params;
use millrace_contract::metadata::Importance;
use millrace_contract::spec::{Learner, Task};
use millrace_features::{Matrix, Recipe};
use millrace_linear::{Design, LinearModel, Penalty, fit_classes, fit_numbers};

use crate::error::TrainingError;
use crate::learner::{Fit, FoldRows, Learn, TrainingRows, Work};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Linear {
    pub(crate) task: Task,
}

/// The rows of a view, standardised for all candidates, and those to be judged on, column after column.
pub(crate) struct LinearRows {
    design: Design,
    target: Vec<f64>,
    judged: Vec<Vec<f64>>,
}

pub(crate) struct LinearFit<'a> {
    rows: &'a LinearRows,
    task: Task,
    penalty: Penalty,
    /// None before the one step.
    predictions: Option<Vec<f32>>,
}

impl Learn for Linear {
    type Rows = LinearRows;
    type Fit<'a> = LinearFit<'a>;

    fn prepare(&self, rows: FoldRows) -> Result<LinearRows, TrainingError> {
        // A fold's recipe names its columns differently; within a fit they are only counted.
        let names: Vec<String> = (0..rows.learned.columns())
            .map(|place| format!("#{place}"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(LinearRows {
            design: Design::from_rows(&names, rows.learned.values())?,
            target: rows.target,
            judged: columns(&rows.judged),
        })
    }

    fn begin<'a>(
        &'a self,
        rows: &'a LinearRows,
        candidate: &Params,
    ) -> Result<LinearFit<'a>, TrainingError> {
        Ok(LinearFit {
            rows,
            task: self.task,
            penalty: penalty(candidate)?,
            predictions: None,
        })
    }

    /// The products of all pairs of columns; how long the descent takes after it, nobody knows.
    fn cost(&self, work: Work, _candidate: &Params) -> f64 {
        work.rows as f64 * (work.columns as f64).powi(2)
    }
}

impl Fit for LinearFit<'_> {
    fn advance_to(&mut self, _budget: u32) -> Result<(), TrainingError> {
        if self.predictions.is_none() {
            let model = fit(
                &self.rows.design,
                &self.rows.target,
                self.task,
                self.penalty,
            )?;
            self.predictions = Some(predict(&model, &self.rows.judged)?);
        }
        Ok(())
    }

    fn predict(&self) -> Result<Cow<'_, [f32]>, TrainingError> {
        Ok(Cow::Borrowed(
            self.predictions.as_deref().unwrap_or_default(),
        ))
    }
}

/// Trains one candidate on all rows.
pub(crate) fn train(
    rows: TrainingRows<'_>,
    task: Task,
    winner: &Params,
) -> Result<LinearModel, TrainingError> {
    let design = Design::from_rows(rows.names, rows.matrix.values())?;
    fit(&design, rows.target, task, penalty(winner)?)
}

fn fit(
    design: &Design,
    target: &[f64],
    task: Task,
    penalty: Penalty,
) -> Result<LinearModel, TrainingError> {
    Ok(match task {
        Task::Regression => fit_numbers(design, target, None, penalty)?,
        Task::Binary | Task::Multiclass => {
            let labels: Vec<u32> = target.iter().map(|y| u32::from(*y > 0.5)).collect();
            fit_classes(design, &labels, 2, None, penalty)?
        }
    })
}

/// The predictions of rows as the recipe makes them.
pub(crate) fn predict_matrix(
    model: &LinearModel,
    matrix: &Matrix,
) -> Result<Vec<f32>, TrainingError> {
    if matrix.columns() != model.columns().len() {
        return Err(TrainingError::FeatureOrderChanged);
    }
    predict(model, &columns(matrix))
}

/// How far the prediction moves when a column moves by one of its deviations, as shares of 1.
pub(crate) fn importance(
    model: &LinearModel,
    recipe: &Recipe,
) -> Result<Importance, TrainingError> {
    if recipe.feature_names() != model.columns() {
        return Err(TrainingError::FeatureOrderChanged);
    }
    let sizes: Vec<f64> = model.coefficients(0).iter().map(|w| w.abs()).collect();
    let total: f64 = sizes.iter().sum();
    let mut columns: IndexMap<String, f64> = IndexMap::new();
    let mut encoded = IndexMap::new();
    for (column, size) in recipe.columns().iter().zip(sizes) {
        let share = if total > 0.0 { size / total } else { 0.0 };
        *columns.entry(column.source.clone()).or_default() += share;
        encoded.insert(column.name.clone(), share);
    }
    columns.sort_by(|_, a, _, b| b.total_cmp(a));
    encoded.sort_by(|_, a: &f64, _, b: &f64| b.total_cmp(a));
    Ok(Importance { columns, encoded })
}

fn penalty(candidate: &Params) -> Result<Penalty, TrainingError> {
    let space = Learner::Linear.space();
    let value = |name: &str| {
        let value = space.value(name, candidate, &Params::default());
        value.map_or(f64::NAN, millrace_contract::Value::as_f64)
    };
    Ok(Penalty::new(value("alpha"), value("l1_share"))?)
}

fn predict(model: &LinearModel, columns: &[Vec<f64>]) -> Result<Vec<f32>, TrainingError> {
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let wide = model.predict(&columns)?;
    Ok(wide.into_iter().map(|score| score as f32).collect())
}

fn columns(matrix: &Matrix) -> Vec<Vec<f64>> {
    let column = |place: usize| matrix.column(place).map(f64::from).collect();
    (0..matrix.columns()).map(column).collect()
}
