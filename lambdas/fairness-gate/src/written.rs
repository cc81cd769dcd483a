//! Findings about what would be written of a model's scores.

use millrace_contract::Spec;
use millrace_contract::spec::QualityGate;
use millrace_measures::Tally;
use millrace_registry::{Finding, Outcome};

use crate::findings::{at_least, outcome};

/// No row at all is no evidence that predictions are finite.
pub fn finite(tally: &Tally) -> Finding {
    let Tally {
        rows, not_finite, ..
    } = tally;
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
pub fn in_range(tally: &Tally, spec: &Spec) -> Option<Finding> {
    let [low, high] = spec.scores.range?;
    let limit = spec.quality.maximum_clipped_share;
    let share = tally.clipped_share();
    Some(Finding {
        subject: "predictions in range".into(),
        outcome: outcome(share <= limit),
        value: Some(share),
        limit: Some(limit),
        detail: format!(
            "{} of {} predictions lie outside of {low} to {high}",
            tally.clipped, tally.rows
        ),
    })
}

pub fn recalls(tally: &Tally, gate: &QualityGate) -> Vec<Finding> {
    let judged = gate.minimum_tier_recall.iter().map(|(label, limit)| {
        let subject = format!("recall of tier {label}");
        match tally.recall(label) {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_measures::Rows;

    #[test]
    fn a_tier_without_rows_has_no_recall() {
        let scores = serde_json::from_value(serde_json::json!({
            "column": "score", "decimals": 3, "range": [0.0, 1.0],
            "tiers": {"column": "tier", "edges": [0.5], "labels": ["Low", "High"]},
        }));
        let tally = Tally::of(Rows::new(&[0.1], &[0.2]).unwrap(), &scores.unwrap());
        let mut gate = QualityGate::default();
        gate.minimum_tier_recall.insert("Low".into(), 0.5);
        gate.minimum_tier_recall.insert("High".into(), 0.5);
        let outcomes: Vec<Outcome> = recalls(&tally, &gate)
            .iter()
            .map(|finding| finding.outcome)
            .collect();
        assert_eq!(outcomes, [Outcome::Pass, Outcome::InsufficientEvidence]);
    }

    #[test]
    fn without_rows_nothing_is_known() {
        assert_eq!(finite(&Tally::default()).outcome, Outcome::Fail);
    }
}
