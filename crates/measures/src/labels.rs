//! Measures of what was predicted as what.

use crate::classes::Classes;
use crate::error::NoValue;

/// How much weight of each true class was predicted as each class.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    classes: usize,
    cells: Vec<f64>,
}

impl Confusion {
    pub fn of(rows: Classes<'_>) -> Confusion {
        let classes = rows.classes();
        let mut cells = vec![0.0; classes * classes];
        for (row, truth) in rows.truth().iter().enumerate() {
            cells[*truth as usize * classes + rows.label(row)] += rows.weight(row);
        }
        Confusion { classes, cells }
    }

    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The rows of class `truth` that were predicted as `predicted`.
    pub fn cell(&self, truth: usize, predicted: usize) -> f64 {
        self.cells[truth * self.classes + predicted]
    }

    fn hits(&self, class: usize) -> f64 {
        self.cell(class, class)
    }

    fn of_class(&self, class: usize) -> f64 {
        (0..self.classes).map(|as_| self.cell(class, as_)).sum()
    }

    fn predicted(&self, class: usize) -> f64 {
        (0..self.classes).map(|truth| self.cell(truth, class)).sum()
    }

    fn total(&self) -> f64 {
        self.cells.iter().sum()
    }

    fn all_hits(&self) -> f64 {
        (0..self.classes).map(|class| self.hits(class)).sum()
    }
}

/// A share of one class's rows: precision, recall or F1. What would be 0 of 0 is 0, as scikit-learn has it.
type OfClass = fn(&Confusion, usize) -> f64;

fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

pub(crate) fn precision_of(table: &Confusion, class: usize) -> f64 {
    share(table.hits(class), table.predicted(class))
}

pub(crate) fn recall_of(table: &Confusion, class: usize) -> f64 {
    share(table.hits(class), table.of_class(class))
}

pub(crate) fn f1_of(table: &Confusion, class: usize) -> f64 {
    let both = table.predicted(class) + table.of_class(class);
    share(2.0 * table.hits(class), both)
}

pub(crate) fn accuracy(rows: Classes<'_>) -> Result<f64, NoValue> {
    let table = Confusion::of(rows);
    Ok(table.all_hits() / table.total())
}

/// The mean recall of the classes that have rows.
pub(crate) fn balanced_accuracy(rows: Classes<'_>) -> Result<f64, NoValue> {
    let table = told_apart(rows)?;
    let present = |class: &usize| table.of_class(*class) > 0.0;
    let recalls: Vec<f64> = (0..table.classes)
        .filter(present)
        .map(|class| recall_of(&table, class))
        .collect();
    Ok(recalls.iter().sum::<f64>() / recalls.len() as f64)
}

pub(crate) fn precision(rows: Classes<'_>) -> Result<f64, NoValue> {
    let table = Confusion::of(rows);
    match table.predicted(1) == 0.0 {
        true => Err(NoValue::NothingPredicted),
        false => Ok(precision_of(&table, 1)),
    }
}

pub(crate) fn recall(rows: Classes<'_>) -> Result<f64, NoValue> {
    Ok(recall_of(&with_positives(rows)?, 1))
}

pub(crate) fn f1(rows: Classes<'_>) -> Result<f64, NoValue> {
    Ok(f1_of(&with_positives(rows)?, 1))
}

/// The mean over the classes that have rows or predictions, each counted once.
pub(crate) fn macro_mean(rows: Classes<'_>, of: OfClass) -> Result<f64, NoValue> {
    let table = Confusion::of(rows);
    let present = |class: &usize| table.of_class(*class) + table.predicted(*class) > 0.0;
    let values: Vec<f64> = (0..table.classes)
        .filter(present)
        .map(|class| of(&table, class))
        .collect();
    Ok(values.iter().sum::<f64>() / values.len() as f64)
}

/// The mean over the classes, each counted by its rows.
pub(crate) fn weighted_mean(rows: Classes<'_>, of: OfClass) -> Result<f64, NoValue> {
    let table = Confusion::of(rows);
    let sum: f64 = (0..table.classes)
        .map(|class| of(&table, class) * table.of_class(class))
        .sum();
    Ok(sum / table.total())
}

/// Matthews' correlation of truth and prediction; 0 when everything is predicted as one class.
pub(crate) fn mcc(rows: Classes<'_>) -> Result<f64, NoValue> {
    let table = told_apart(rows)?;
    let total = table.total();
    let (mut of_truth, mut of_predicted, mut both) = (0.0, 0.0, 0.0);
    for class in 0..table.classes {
        let (truth, predicted) = (table.of_class(class), table.predicted(class));
        of_truth += truth * truth;
        of_predicted += predicted * predicted;
        both += truth * predicted;
    }
    let covariance = table.all_hits() * total - both;
    let spread = (total * total - of_truth) * (total * total - of_predicted);
    Ok(share(covariance, spread.sqrt()))
}

fn told_apart(rows: Classes<'_>) -> Result<Confusion, NoValue> {
    match rows.present() {
        0 | 1 => Err(NoValue::OneClass),
        _ => Ok(Confusion::of(rows)),
    }
}

fn with_positives(rows: Classes<'_>) -> Result<Confusion, NoValue> {
    let table = Confusion::of(rows);
    match table.of_class(1) == 0.0 {
        true => Err(NoValue::NoPositives),
        false => Ok(table),
    }
}
