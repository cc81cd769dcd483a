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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ROWS: usize = 401;

    fn spec(scores: &str) -> Spec {
        let text = format!(
            "name = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\n[scores]\ncolumn = \"p\"\ndecimals = 9\n{scores}"
        );
        Spec::parse(&text, "spec").unwrap()
    }

    /// Predictions of 0.5, and truths that lie 0.001, 0.002, ... above.
    fn measured(spec: &Spec) -> Vec<IntervalReport> {
        let truth: Vec<f64> = (0..ROWS).map(|row| 0.5 + row as f64 / 1000.0).collect();
        let target = TargetSummary {
            column: "y".into(),
            mean: 0.5,
            deviation: 0.1,
            minimum: 0.0,
            maximum: 1.0,
        };
        measure(spec, &target, &truth, &[0.5; ROWS]).unwrap()
    }

    #[test]
    fn one_half_gives_the_widths_and_the_other_judges_them() {
        let spec = spec("[scores.interval]\ncoverage = 0.87");
        let halves = Halves::of(ROWS, spec.split.seed);
        let reports = measured(&spec);
        let promised: Vec<f64> = reports.iter().map(|report| report.coverage).collect();
        assert_eq!(promised, [0.5, 0.8, 0.87, 0.9, 0.95, 0.99]);
        for report in reports {
            // Row by row the distance grows, so that the rank is a position.
            let rank = (202.0 * report.coverage).ceil() as usize;
            let row = halves.calibration[rank - 1];
            assert!((report.half_width - row as f64 / 1000.0).abs() < 1e-9);
            let within = halves.judged.iter().filter(|judged| **judged <= row);
            assert_eq!(report.holdout_coverage, within.count() as f64 / 200.0);
        }
    }

    #[test]
    fn a_truth_beyond_the_range_is_in_no_interval() {
        // A fourth of the truths lie above 0.8, where intervals end.
        let reports = measured(&spec("range = [0.0, 0.8]"));
        let promised: Vec<f64> = reports.iter().map(|report| report.coverage).collect();
        assert_eq!(promised, [0.5], "80 of 100 rows cannot be promised");
    }

    #[test]
    fn without_rows_to_judge_by_nothing_is_promised() {
        let spec = spec("");
        let target = TargetSummary {
            column: "y".into(),
            mean: 0.5,
            deviation: 0.1,
            minimum: 0.0,
            maximum: 1.0,
        };
        assert!(measure(&spec, &target, &[0.5], &[0.4]).unwrap().is_empty());
        assert!(measure(&spec, &target, &[], &[]).unwrap().is_empty());
    }
}
