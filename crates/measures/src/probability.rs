//! Measures of the probabilities themselves.

use crate::classes::Classes;
use crate::error::NoValue;

/// Into how many bins of equal width the calibration error puts probabilities.
const BINS: usize = 10;

/// The loss of one row.
pub(crate) type RowLoss = fn(Classes<'_>, usize) -> f64;

/// The negative logarithm of the true class's probability, which is kept as far from 0 and 1 as `f64` can tell.
pub(crate) fn log_loss_of(rows: Classes<'_>, row: usize) -> f64 {
    let class = rows.truth()[row] as usize;
    let likely = rows.probability(row, class);
    -likely.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

/// The squared distance from certainty: of two classes the positive one's, of more the sum over all.
pub(crate) fn brier_of(rows: Classes<'_>, row: usize) -> f64 {
    let squared = |class: usize| {
        let truth = f64::from(u8::from(rows.is_of(row, class)));
        (truth - rows.probability(row, class)).powi(2)
    };
    match rows.classes() {
        2 => squared(1),
        classes => (0..classes).map(squared).sum(),
    }
}

pub(crate) fn miss_of(rows: Classes<'_>, row: usize) -> f64 {
    f64::from(u8::from(!rows.is_of(row, rows.label(row))))
}

pub(crate) fn mean_loss(rows: Classes<'_>, loss: RowLoss) -> Result<f64, NoValue> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for row in 0..rows.count() {
        sum += rows.weight(row) * loss(rows, row);
        weight += rows.weight(row);
    }
    Ok(sum / weight)
}

/// How far probabilities are from the shares that came true, over ten bins of equal width (a value on an edge
/// belongs below it). Of more than two classes it is the mean over the classes.
pub(crate) fn calibration_error(rows: Classes<'_>) -> Result<f64, NoValue> {
    match rows.classes() {
        2 => Ok(calibration_error_of(rows, 1)),
        classes => {
            let sum: f64 = (0..classes)
                .map(|class| calibration_error_of(rows, class))
                .sum();
            Ok(sum / classes as f64)
        }
    }
}

fn calibration_error_of(rows: Classes<'_>, class: usize) -> f64 {
    // What the bin's rows were given less what came true, weighted.
    let (mut off, mut weight) = ([0.0; BINS], 0.0);
    for row in 0..rows.count() {
        let given = rows.probability(row, class);
        let truth = f64::from(u8::from(rows.is_of(row, class)));
        off[bin(given)] += rows.weight(row) * (given - truth);
        weight += rows.weight(row);
    }
    off.iter().map(|off| off.abs()).sum::<f64>() / weight
}

fn bin(probability: f64) -> usize {
    let edge = |bin: usize| (bin + 1) as f64 * (1.0 / BINS as f64);
    (0..BINS - 1)
        .find(|bin| probability <= edge(*bin))
        .unwrap_or(BINS - 1)
}
