//! What only a classifier has: probabilities that come true, and where a yes begins. Both are fitted on predictions of
//! rows that were not learned from, and never on the held-out rows.

use millrace_calibration::{CalibrationError, Threshold, choose};
use millrace_contract::calibration::ThresholdPolicy;
use millrace_contract::metadata::{ClassReport, MethodReport};
use millrace_contract::postprocess::{round, round_up};
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
    let truth: Vec<u32> = target.iter().map(|y| u32::from(*y > 0.5)).collect();
    let given = out_of_fold(request, &found.best)?;
    let given: Vec<f64> = given.into_iter().map(f64::from).collect();
    let mut fold_of = vec![0; truth.len()];
    for (fold, rows) in (0..).zip(folds(truth.len(), spec.search.folds)?) {
        fold_of[rows].fill(fold);
    }
    let choice = choose(&truth, 2, &given, &fold_of, spec.calibration.methods())?;
    let threshold = match &spec.scores.label {
        Some(label) => begin_of_yes(label.threshold, &truth, &choice.out_of_fold, spec, table)?,
        None => 0.5,
    };
    let yes = truth.iter().filter(|class| **class == 1).count() as f64;
    let tried = choice.brier.into_iter();
    Ok(Some(ClassReport {
        positive_share: yes / truth.len() as f64,
        calibration: choice.calibration,
        out_of_fold_brier: tried
            .map(|(method, brier)| MethodReport { method, brier })
            .collect(),
        threshold,
    }))
}

/// The least probability, as it is written, that is a yes.
fn begin_of_yes(
    policy: ThresholdPolicy,
    truth: &[u32],
    probabilities: &[f64],
    spec: &Spec,
    table: usize,
) -> Result<f64, TrainError> {
    let decimals = spec.scores.decimals;
    let written = probabilities
        .iter()
        .map(|probability| round(*probability, decimals));
    let written: Vec<f64> = written.collect();
    let policy = of_these_rows(policy, truth.len(), table)?;
    let chosen = Threshold::choose(policy, truth, &written)?;
    Ok(round_up(chosen.value, decimals))
}

/// So many of the table are fewer of the rows that are learned from.
fn of_these_rows(
    policy: ThresholdPolicy,
    rows: usize,
    table: usize,
) -> Result<ThresholdPolicy, CalibrationError> {
    let ThresholdPolicy::ContactBest(wanted) = policy else {
        return Ok(policy);
    };
    let share = wanted as f64 / table.max(1) as f64;
    let here = (share * rows as f64).floor();
    if share > 1.0 || here < 1.0 {
        let detail = format!(
            "the best {wanted} rows are asked for, the table has {table} and {rows} of them are learned from: ask for fewer, or for more"
        );
        return Err(CalibrationError::PolicyCannotBeMet { detail });
    }
    Ok(ThresholdPolicy::ContactBest(here as u64))
}
