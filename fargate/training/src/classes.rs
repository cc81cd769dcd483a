//! What only a classifier has: probabilities that come true, and where a yes begins. Both are fitted on predictions of
//! rows that were not learned from, and never on the held-out rows.

use millrace_calibration::{calibrated, threshold};
use millrace_contract::metadata::{ClassReport, MethodReport};
use millrace_contract::postprocess::round;
use millrace_contract::spec::{Spec, Task};
use millrace_features::folds;
use millrace_training::{SearchOutcome, SearchRequest, out_of_fold};

use crate::TrainError;

/// None of a regression. `table` is how many rows the data has.
pub fn report(
    spec: &Spec,
    request: &SearchRequest<'_>,
    found: &SearchOutcome,
    target: &[f64],
    table: usize,
) -> Result<Option<ClassReport>, TrainError> {
    if spec.task == Task::Regression {
        return Ok(None);
    }
    let truth: Vec<bool> = target.iter().map(|y| *y > 0.5).collect();
    let predictions = out_of_fold(request, &found.best)?;
    let predictions: Vec<f64> = predictions.into_iter().map(f64::from).collect();
    let folds = folds(truth.len(), spec.search.folds)?;
    let fitted = calibrated(&truth, &predictions, &folds, spec.calibration.methods())?;
    let written: Vec<f64> = fitted
        .out_of_fold
        .iter()
        .map(|probability| round(*probability, spec.scores.decimals))
        .collect();
    let threshold = match &spec.scores.label {
        Some(label) => threshold(label.threshold, &truth, &written, table as u64)?,
        None => 0.5,
    };
    let yes = truth.iter().filter(|yes| **yes).count() as f64;
    let tried = fitted.brier.into_iter();
    Ok(Some(ClassReport {
        positive_share: yes / truth.len() as f64,
        calibration: fitted.calibration,
        out_of_fold_brier: tried
            .map(|(method, brier)| MethodReport { method, brier })
            .collect(),
        threshold,
    }))
}
