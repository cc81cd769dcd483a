//! Which calibration helps: each is fitted on all folds but one and judged on that one.

use millrace_contract::calibration::{Calibration, Method};
use millrace_measures::Classes;

use crate::calibrator;
use crate::error::CalibrationError;

/// What was chosen, fitted on all rows, and the Brier score of each method on rows that it was not fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub calibration: Calibration,
    pub method: Method,
    pub brier: Vec<(Method, f64)>,
    /// What the rows become by calibrations that were fitted without them: these judge thresholds.
    pub out_of_fold: Vec<f64>,
}

/// Chooses one of `methods`, of equal ones the first, by out-of-fold probabilities: of two classes the positive one's, of more each one's, row after row. `folds`
/// says for each row in which fold it was held out.
pub fn choose(
    truth: &[u32],
    classes: usize,
    given: &[f64],
    folds: &[u32],
    methods: &[Method],
) -> Result<Choice, CalibrationError> {
    check(truth, classes, given, folds)?;
    let mut brier = Vec::with_capacity(methods.len());
    let mut best: Option<(Method, f64, Vec<f64>)> = None;
    for method in methods {
        let calibrated = cross_fitted(*method, truth, classes, given, folds)?;
        let off = score(truth, classes, &calibrated);
        brier.push((*method, off));
        if best.as_ref().is_none_or(|(_, least, _)| off < *least) {
            best = Some((*method, off, calibrated));
        }
    }
    let (method, _, out_of_fold) = best.ok_or(CalibrationError::NothingToTry)?;
    Ok(Choice {
        calibration: fit(method, truth, classes, given, |_| true)?,
        method,
        brier,
        out_of_fold,
    })
}

fn check(
    truth: &[u32],
    classes: usize,
    given: &[f64],
    folds: &[u32],
) -> Result<(), CalibrationError> {
    match classes {
        2 => Classes::binary(truth, given, 0.5)?,
        _ => Classes::many(truth, given, classes)?,
    };
    if folds.len() != truth.len() {
        let (rows, targets) = (folds.len(), truth.len());
        return Err(millrace_measures::MeasureError::LengthMismatch { rows, targets }.into());
    }
    Ok(())
}

/// How many probabilities a row has.
fn width(classes: usize) -> usize {
    if classes == 2 { 1 } else { classes }
}

/// Of the rows that are asked for.
fn fit(
    method: Method,
    truth: &[u32],
    classes: usize,
    given: &[f64],
    takes: impl Fn(usize) -> bool,
) -> Result<Calibration, CalibrationError> {
    let width = width(classes);
    let rows: Vec<usize> = (0..truth.len()).filter(|row| takes(*row)).collect();
    let of_class = |place: usize| {
        let class = if width == 1 { 1 } else { place };
        let came_true: Vec<bool> = rows
            .iter()
            .map(|row| truth[*row] as usize == class)
            .collect();
        let own: Vec<f64> = rows.iter().map(|row| given[row * width + place]).collect();
        calibrator::fit(method, &came_true, &own)
    };
    let classes = (0..width).map(of_class).collect::<Result<_, _>>()?;
    Ok(Calibration { classes })
}

fn cross_fitted(
    method: Method,
    truth: &[u32],
    classes: usize,
    given: &[f64],
    folds: &[u32],
) -> Result<Vec<f64>, CalibrationError> {
    let width = width(classes);
    let mut calibrated = given.to_vec();
    let mut all = folds.to_vec();
    all.sort_unstable();
    all.dedup();
    for fold in all {
        let fitted = fit(method, truth, classes, given, |row| folds[row] != fold)?;
        for (row, values) in calibrated.chunks_exact_mut(width).enumerate() {
            if folds[row] == fold {
                fitted.apply(values);
            }
        }
    }
    Ok(calibrated)
}

/// The Brier score; rounding may leave a sum of probabilities beside 1, so it is not asked of `Classes`.
fn score(truth: &[u32], classes: usize, given: &[f64]) -> f64 {
    let width = width(classes);
    let of_row = |(row, values): (usize, &[f64])| -> f64 {
        let squared = |(place, value): (usize, &f64)| {
            let class = if width == 1 { 1 } else { place };
            let came_true = f64::from(u8::from(truth[row] as usize == class));
            (came_true - value) * (came_true - value)
        };
        values.iter().enumerate().map(squared).sum()
    };
    given
        .chunks_exact(width)
        .enumerate()
        .map(of_row)
        .sum::<f64>()
        / truth.len() as f64
}
