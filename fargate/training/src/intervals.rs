//! How wide the interval around a score must be, and whether other held-out rows agree.
//!
//! One half of the held-out rows calibrates: its distances give the half-widths. The other half judges: the
//! share of its rows whose truth lies within what would be written is reported.

use millrace_contract::PostProcess;
use millrace_contract::metadata::{IntervalReport, TargetSummary};
use millrace_contract::spec::{Scores, Spec};
use millrace_training::{Halves, TrainingError, USUAL_COVERAGES, half_width};

/// Measures the usual intervals and the one that the spec asks for. What too few rows cannot promise is
/// left out.
pub fn measure(
    spec: &Spec,
    target: &TargetSummary,
    truth: &[f64],
    predictions: &[f32],
) -> Result<Vec<IntervalReport>, TrainingError> {
    let scores = &spec.scores;
    let halves = Halves::of(truth.len(), spec.split.seed);
    if halves.judged.is_empty() {
        return Ok(Vec::new());
    }
    let distance = |row: &usize| distance(scores, truth[*row], predictions[*row]);
    let mut distances: Vec<f64> = halves.calibration.iter().map(distance).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let mut coverages = USUAL_COVERAGES.to_vec();
    coverages.extend(scores.interval.iter().map(|interval| interval.coverage));
    coverages.sort_unstable_by(f64::total_cmp);
    coverages.dedup();
    let mut reports = Vec::with_capacity(coverages.len());
    for coverage in coverages {
        let half_width = half_width(&distances, coverage).filter(|half| half.is_finite());
        let Some(half_width) = half_width else {
            continue;
        };
        let post =
            PostProcess::new(scores, target.mean, target.deviation).with_interval(half_width);
        reports.push(IntervalReport {
            coverage,
            half_width,
            holdout_coverage: covered(&post, &halves.judged, truth, predictions)?,
        });
    }
    Ok(reports)
}

/// Half the width that an interval needs to hold the truth. Intervals end where the range of the scores ends,
/// so that none holds a truth beyond it.
fn distance(scores: &Scores, truth: f64, prediction: f32) -> f64 {
    match scores.range {
        Some([low, high]) if !(low..=high).contains(&truth) => f64::INFINITY,
        _ => (truth - f64::from(prediction)).abs(),
    }
}

/// The share of rows whose truth lies within what would be written.
fn covered(
    post: &PostProcess<'_>,
    rows: &[usize],
    truth: &[f64],
    predictions: &[f32],
) -> Result<f64, TrainingError> {
    let mut within = 0;
    for row in rows.iter().copied() {
        let processed = post
            .process(predictions[row])
            .map_err(|_| TrainingError::ScoreNotFinite { row })?;
        let [low, high] = processed.interval.unwrap_or([f64::NAN; 2]);
        within += usize::from((low..=high).contains(&truth[row]));
    }
    Ok(within as f64 / rows.len() as f64)
}
