//! What would be written of a model's scores: which cannot be, which are clipped, and which tiers are hit.

use millrace_contract::spec::{QualityGate, Scores, Tiers};
use millrace_contract::{PostProcess, Spec};
use millrace_registry::{Finding, Outcome};

use crate::findings::{at_least, outcome};

/// Counts over the held-out rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    pub rows: u64,
    pub not_finite: u64,
    /// Finite, and outside the range of the scores.
    pub clipped: u64,
    tiers: Vec<Tier>,
}

#[derive(Debug, Clone, PartialEq)]
struct Tier {
    label: String,
    /// Rows whose truth lies in the tier.
    rows: u64,
    /// Those of them whose prediction does too.
    hits: u64,
}

impl Written {
    pub fn of(truth: &[f64], predictions: &[f32], scores: &Scores) -> Written {
        // Tiers and clipping do not depend on the training target; confidence, which does, is not asked for.
        let post = PostProcess::new(scores, 0.0, 0.0);
        let mut written = Written {
            rows: predictions.len() as u64,
            tiers: tiers(scores),
            ..Written::default()
        };
        for (truth, prediction) in truth.iter().zip(predictions) {
            let Ok(processed) = post.process(*prediction) else {
                written.not_finite += 1;
                continue;
            };
            written.clipped += u64::from(processed.clipped);
            let place = tier_of(*truth, scores);
            if let Some(tier) = place.and_then(|index| written.tiers.get_mut(index)) {
                tier.rows += 1;
                tier.hits += u64::from(processed.tier == place);
            }
        }
        written
    }

    /// No row at all is no evidence that predictions are finite.
    pub fn finite(&self) -> Finding {
        let Written {
            rows, not_finite, ..
        } = self;
        Finding {
            subject: "finite predictions".into(),
            outcome: outcome(*not_finite == 0 && *rows > 0),
            value: Some(*not_finite as f64),
            limit: Some(0.0),
            detail: format!("{not_finite} of {rows} predictions are not finite numbers"),
        }
    }

    /// A few predictions just outside are moved to the nearer end when they are written; many are a
    /// wrong model. Where the spec gives scores no range there is none to leave.
    pub fn in_range(&self, spec: &Spec) -> Option<Finding> {
        let [low, high] = spec.scores.range?;
        let limit = spec.quality.maximum_clipped_share;
        let share = self.clipped_share();
        Some(Finding {
            subject: "predictions in range".into(),
            outcome: outcome(share <= limit),
            value: Some(share),
            limit: Some(limit),
            detail: format!(
                "{} of {} predictions lie outside of {low} to {high}",
                self.clipped, self.rows
            ),
        })
    }

    pub fn recalls(&self, gate: &QualityGate) -> Vec<Finding> {
        let judged = gate.minimum_tier_recall.iter().map(|(label, limit)| {
            let subject = format!("recall of tier {label}");
            match self.recall(label) {
                Some(recall) => at_least(&subject, recall, *limit),
                None => Finding {
                    outcome: Outcome::InsufficientEvidence,
                    value: None,
                    limit: Some(*limit),
                    detail: "no held-out row lies in this tier".into(),
                    subject,
                },
            }
        });
        judged.collect()
    }

    fn clipped_share(&self) -> f64 {
        self.clipped as f64 / self.rows as f64
    }

    /// The share of a tier's rows that are predicted in it; none when it has no rows.
    pub fn recall(&self, label: &str) -> Option<f64> {
        let tier = self.tiers.iter().find(|tier| tier.label == label)?;
        (tier.rows > 0).then(|| tier.hits as f64 / tier.rows as f64)
    }
}

fn tiers(scores: &Scores) -> Vec<Tier> {
    let labels = scores.tiers.iter().flat_map(|tiers| &tiers.labels);
    labels
        .map(|label| Tier {
            label: label.clone(),
            rows: 0,
            hits: 0,
        })
        .collect()
}

/// Where a true value lies, as it would be told apart from predictions: moved into the range, not rounded.
fn tier_of(truth: f64, scores: &Scores) -> Option<usize> {
    let tiers: &Tiers = scores.tiers.as_ref()?;
    let inside = scores
        .range
        .map_or(truth, |[low, high]| truth.clamp(low, high));
    Some(tiers.index(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores() -> Scores {
        serde_json::from_value(serde_json::json!({
            "column": "score", "decimals": 3, "range": [0.0, 1.0],
            "tiers": {"column": "tier", "edges": [0.5], "labels": ["Low", "High"]},
        }))
        .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_score_is_counted_where_it_belongs() {
        let truth = [0.2, 0.4, 0.5, 0.6, 1.3, 0.9];
        let predictions = [0.1, 0.7, -0.2, 0.8, 1.1, f32::NAN];
        let written = Written::of(&truth, &predictions, &scores());
        assert_eq!((written.rows, written.not_finite), (6, 1));
        assert_eq!(written.clipped_share(), 2.0 / 6.0);
        assert_eq!(written.recall("Low"), Some(2.0 / 3.0));
        assert_eq!(written.recall("High"), Some(1.0));
        assert_eq!(written.recall("Middle"), None);
    }

    #[test]
    fn a_tier_without_rows_has_no_recall() {
        let written = Written::of(&[0.1], &[0.2], &scores());
        let mut gate = QualityGate::default();
        gate.minimum_tier_recall.insert("Low".into(), 0.5);
        gate.minimum_tier_recall.insert("High".into(), 0.5);
        let outcomes: Vec<Outcome> = written
            .recalls(&gate)
            .iter()
            .map(|finding| finding.outcome)
            .collect();
        assert_eq!(outcomes, [Outcome::Pass, Outcome::InsufficientEvidence]);
    }

    #[test]
    fn without_rows_nothing_is_known() {
        assert_eq!(Written::default().finite().outcome, Outcome::Fail);
    }
}
