//! What would be written of predictions: which cannot be, which are clipped, and how each tier fares.

use millrace_contract::PostProcess;
use millrace_contract::metadata::{Metrics, TierMetrics};
use millrace_contract::spec::Scores;

use crate::registry::{MAE, MEASURES, RMSE};
use crate::rows::Rows;

/// Counts over all rows, and the measures of each tier. The errors are those of the raw predictions;
/// tiers are those that would be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    pub rows: u64,
    pub not_finite: u64,
    /// Finite, and outside the range of the scores.
    pub clipped: u64,
    pub tiers: Vec<TierMetrics>,
}

/// Everything that metadata records of a model's predictions.
pub fn metrics(rows: Rows<'_>, scores: &Scores) -> Metrics {
    let values = MEASURES.map(|measure| (measure.name.to_owned(), measure.of(rows)));
    Metrics {
        values: values.into_iter().collect(),
        tiers: Tally::of(rows, scores).tiers,
    }
}

impl Tally {
    pub fn of(rows: Rows<'_>, scores: &Scores) -> Tally {
        // Tiers and clipping do not depend on the training target; confidence, which does, is not asked for.
        let post = PostProcess::new(scores, 0.0, 0.0);
        let mut tally = Tally {
            rows: rows.count() as u64,
            ..Tally::default()
        };
        let labels = scores.tiers.iter().flat_map(|tiers| &tiers.labels);
        let mut tiers: Vec<Tier<'_>> = labels.map(|label| Tier::new(label)).collect();
        for (truth, prediction) in rows.truth().iter().zip(rows.predictions()) {
            let written = post.process(*prediction).ok();
            tally.not_finite += u64::from(written.is_none());
            tally.clipped += u64::from(written.is_some_and(|written| written.clipped));
            let predicted = written.and_then(|written| written.tier);
            let of_truth = tier_of(*truth, scores);
            if let Some(tier) = of_truth.and_then(|index| tiers.get_mut(index)) {
                tier.truth.push(*truth);
                tier.predictions.push(*prediction);
                tier.hits += u64::from(predicted == of_truth);
            }
            if let Some(tier) = predicted.and_then(|index| tiers.get_mut(index)) {
                tier.predicted += 1;
            }
        }
        tally.tiers = tiers.into_iter().map(Tier::measured).collect();
        tally
    }

    pub fn clipped_share(&self) -> f64 {
        self.clipped as f64 / self.rows as f64
    }

    /// The share of a tier's rows that are predicted in it; none when it has no rows.
    pub fn recall(&self, label: &str) -> Option<f64> {
        self.tiers.iter().find(|tier| tier.label == label)?.recall
    }
}

/// The rows whose truth lies in one tier.
struct Tier<'a> {
    label: &'a str,
    truth: Vec<f64>,
    predictions: Vec<f32>,
    predicted: u64,
    /// Rows of the tier that are predicted in it.
    hits: u64,
}

impl<'a> Tier<'a> {
    fn new(label: &'a str) -> Tier<'a> {
        Tier {
            label,
            truth: Vec::new(),
            predictions: Vec::new(),
            predicted: 0,
            hits: 0,
        }
    }

    fn measured(self) -> TierMetrics {
        let rows = Rows::new(&self.truth, &self.predictions).ok();
        TierMetrics {
            label: self.label.to_owned(),
            rows: self.truth.len() as u64,
            predicted: self.predicted,
            recall: rows.map(|rows| self.hits as f64 / rows.count() as f64),
            rmse: rows.map(|rows| RMSE.of(rows)),
            mae: rows.map(|rows| MAE.of(rows)),
        }
    }
}

/// Where a true value lies, as it would be told apart from predictions: moved into the range, not rounded.
fn tier_of(truth: f64, scores: &Scores) -> Option<usize> {
    let tiers = scores.tiers.as_ref()?;
    let inside = scores
        .range
        .map_or(truth, |[low, high]| truth.clamp(low, high));
    Some(tiers.index(inside))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn scores() -> Scores {
        serde_json::from_value(serde_json::json!({
            "column": "score", "decimals": 3, "range": [0.0, 1.0],
            "tiers": {"column": "tier", "edges": [0.5], "labels": ["Low", "High"]},
        }))
        .unwrap()
    }

    fn tally(truth: &[f64], predictions: &[f32]) -> Tally {
        Tally::of(Rows::new(truth, predictions).unwrap(), &scores())
    }

    #[test]
    fn every_score_is_counted_where_it_belongs() {
        let truth = [0.2, 0.4, 0.5, 0.6, 1.3, 0.9];
        let predictions = [0.1, 0.7, -0.2, 0.8, 1.1, f32::NAN];
        let found = tally(&truth, &predictions);
        assert_eq!((found.rows, found.not_finite), (6, 1));
        assert_eq!(found.clipped_share(), 2.0 / 6.0);
        assert_eq!(found.recall("Low"), Some(2.0 / 3.0));
        // A prediction that is no number hits no tier.
        assert_eq!(found.recall("High"), Some(2.0 / 3.0));
        assert_eq!(found.recall("Middle"), None);
        assert_eq!((found.tiers[0].predicted, found.tiers[1].predicted), (2, 3));
    }

    #[test]
    fn a_tier_without_rows_has_no_measures() {
        let found = tally(&[0.1], &[0.2]);
        let high = &found.tiers[1];
        assert_eq!((high.rows, high.recall, high.rmse), (0, None, None));
        assert_eq!(found.recall("Low"), Some(1.0));
    }
}
