//! How wide the interval around a score must be, and whether the held-out rows agree.

use millrace_contract::PostProcess;
use millrace_contract::metadata::{IntervalReport, TargetSummary};
use millrace_contract::spec::Scores;
use millrace_training::{TrainingError, USUAL_COVERAGES, half_width};

/// Measures the usual intervals and the one that the spec asks for. What too few rows cannot promise is
/// left out.
pub fn measure(
    scores: &Scores,
    target: &TargetSummary,
    mut distances: Vec<f64>,
    truth: &[f64],
    predictions: &[f32],
) -> Result<Vec<IntervalReport>, TrainingError> {
    distances.sort_unstable_by(f64::total_cmp);
    let mut coverages = USUAL_COVERAGES.to_vec();
    coverages.extend(scores.interval.iter().map(|interval| interval.coverage));
    coverages.sort_unstable_by(f64::total_cmp);
    coverages.dedup();
    let mut reports = Vec::with_capacity(coverages.len());
    for coverage in coverages {
        let Some(half_width) = half_width(&distances, coverage) else {
            continue;
        };
        let post =
            PostProcess::new(scores, target.mean, target.deviation).with_interval(half_width);
        reports.push(IntervalReport {
            coverage,
            half_width,
            holdout_coverage: covered(&post, truth, predictions)?,
        });
    }
    Ok(reports)
}

/// The share of rows whose truth lies within what would be written.
fn covered(
    post: &PostProcess<'_>,
    truth: &[f64],
    predictions: &[f32],
) -> Result<f64, TrainingError> {
    let mut within = 0;
    for (row, (truth, prediction)) in truth.iter().zip(predictions).enumerate() {
        let processed = post
            .process(*prediction)
            .map_err(|_| TrainingError::ScoreNotFinite { row })?;
        let [low, high] = processed.interval.unwrap_or([f64::NAN; 2]);
        within += usize::from((low..=high).contains(truth));
    }
    Ok(within as f64 / truth.len() as f64)
}
