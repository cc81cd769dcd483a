//! Is the candidate good enough: against the spec's limits, and against the model that is live?

use std::time::Instant;

use millrace_contract::metadata::Metrics;
use millrace_contract::spec::QualityGate;
use millrace_contract::stages::GateInput;
use millrace_model::{Cores, Model};
use millrace_registry::{Decision, Finding, GateVerdict, Outcome};
use millrace_store::Store;

use crate::GateError;
use crate::held_out::{Accuracy, HeldOut};
use crate::live::{self, Live};

/// How far the recorded metrics may lie from those computed here: only the order of additions differs.
const SAME: f64 = 1e-9;

/// Loads the candidate, which checks every digest, scores the held-out rows and holds it against the limits.
pub fn judge(store: &Store, input: &GateInput) -> Result<GateVerdict, GateError> {
    let model = Model::load(store, &input.files)?;
    let held_out = HeldOut::read(store, &input.files, &model)?;
    let accuracy = held_out.accuracy();
    let gate = &model.spec.quality;
    let bytes: u64 = input.files.model.bytes + input.files.recipe.bytes;
    let mut findings = vec![
        finite(&held_out.scores),
        as_recorded(accuracy, &model.metadata.metrics),
        at_most("model_bytes", bytes as f64, gate.maximum_model_bytes as f64),
        at_most(
            "nanoseconds_per_row",
            nanoseconds_per_row(&model, &held_out)?,
            gate.maximum_nanoseconds_per_row as f64,
        ),
    ];
    findings.extend(limits(accuracy, gate));
    findings.extend(recalls(&model.metadata.metrics, gate));
    findings.push(against_live(
        accuracy,
        gate,
        live::judge(store, &model.spec.name, &input.files)?,
    ));
    Ok(verdict(accuracy, gate, findings))
}

/// The spec's limits on the held-out rows; the ones that it does not set are not judged.
fn limits(accuracy: Accuracy, gate: &QualityGate) -> Vec<Finding> {
    let minimum_r2 = gate
        .minimum_r2
        .map(|limit| at_least("r2", accuracy.r2, limit));
    let maximum_rmse = gate
        .maximum_rmse
        .map(|limit| at_most("rmse", accuracy.rmse, limit));
    let maximum_mae = gate
        .maximum_mae
        .map(|limit| at_most("mae", accuracy.mae, limit));
    [minimum_r2, maximum_rmse, maximum_mae]
        .into_iter()
        .flatten()
        .collect()
}

fn recalls(metrics: &Metrics, gate: &QualityGate) -> Vec<Finding> {
    let judged = gate.minimum_tier_recall.iter().map(|(label, limit)| {
        let subject = format!("recall of tier {label}");
        let recall = metrics
            .tiers
            .iter()
            .find(|tier| tier.label == *label)
            .and_then(|tier| tier.recall);
        match recall {
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

fn against_live(accuracy: Accuracy, gate: &QualityGate, live: Live) -> Finding {
    let subject = "r2 against the live model".to_owned();
    match live {
        Live::Nothing => Finding {
            subject,
            outcome: Outcome::Pass,
            value: Some(accuracy.r2),
            limit: None,
            detail: "no version is live yet: there is nothing to be worse than".into(),
        },
        // A new contract makes a new major version; it could never go live if this blocked.
        Live::Incomparable { version, why } => Finding {
            subject,
            outcome: Outcome::Pass,
            value: Some(accuracy.r2),
            limit: None,
            detail: format!(
                "the live {version} cannot score these rows ({why}): judged by the limits alone"
            ),
        },
        Live::Scored {
            version,
            accuracy: live,
        } => {
            let limit = live.r2 - gate.must_not_be_worse_than_live_by;
            let allowed = gate.must_not_be_worse_than_live_by;
            Finding {
                subject,
                outcome: outcome(accuracy.r2 >= limit),
                value: Some(accuracy.r2),
                limit: Some(limit),
                detail: format!(
                    "{:.4} against {:.4} of the live {version} on the same rows; {allowed} worse is allowed",
                    accuracy.r2, live.r2
                ),
            }
        }
    }
}

fn finite(scores: &[f32]) -> Finding {
    let wrong = scores.iter().filter(|score| !score.is_finite()).count();
    Finding {
        subject: "finite predictions".into(),
        outcome: outcome(wrong == 0 && !scores.is_empty()),
        value: Some(wrong as f64),
        limit: Some(0.0),
        detail: format!(
            "{wrong} of {} predictions are not finite numbers",
            scores.len()
        ),
    }
}

/// What the candidate says of itself must be what it does.
fn as_recorded(accuracy: Accuracy, recorded: &Metrics) -> Finding {
    let distance = (accuracy.r2 - recorded.r2)
        .abs()
        .max((accuracy.rmse - recorded.rmse).abs());
    Finding {
        subject: "metrics as recorded".into(),
        outcome: outcome(distance <= SAME),
        value: Some(distance),
        limit: Some(SAME),
        detail: format!("recorded R2 {:.6}, found {:.6}", recorded.r2, accuracy.r2),
    }
}

/// The best of three, on one core: what disturbs a measurement only ever makes it longer.
fn nanoseconds_per_row(model: &Model, held_out: &HeldOut) -> Result<f64, GateError> {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let began = Instant::now();
        model.score(&held_out.rows, Cores::One)?;
        best = best.min(began.elapsed().as_nanos() as f64);
    }
    Ok((best / held_out.rows.rows().max(1) as f64).round())
}

fn at_least(subject: &str, value: f64, limit: f64) -> Finding {
    finding(subject, value, limit, value >= limit, "at least")
}

fn at_most(subject: &str, value: f64, limit: f64) -> Finding {
    finding(subject, value, limit, value <= limit, "at most")
}

/// A value that is no number keeps no limit.
fn finding(subject: &str, value: f64, limit: f64, holds: bool, words: &str) -> Finding {
    let digits = if limit.abs() >= 100.0 { 0 } else { 4 };
    Finding {
        subject: subject.to_owned(),
        outcome: outcome(holds),
        value: Some(value),
        limit: Some(limit),
        detail: format!("{value:.digits$}, {words} {limit:.digits$} is wanted"),
    }
}

fn outcome(holds: bool) -> Outcome {
    if holds { Outcome::Pass } else { Outcome::Fail }
}

fn verdict(accuracy: Accuracy, gate: &QualityGate, findings: Vec<Finding>) -> GateVerdict {
    let passed = findings
        .iter()
        .all(|finding| finding.outcome == Outcome::Pass);
    let readiness = readiness(accuracy.r2, gate, passed);
    let numbers = format!(
        "R2 {:.4}, RMSE {:.4}, MAE {:.4}",
        accuracy.r2, accuracy.rmse, accuracy.mae
    );
    GateVerdict {
        decision: if passed {
            Decision::Passed
        } else {
            Decision::Blocked
        },
        summary: format!("{readiness}: {numbers} on the held-out rows"),
        findings,
    }
}

/// Readiness in words.
fn readiness(r2: f64, gate: &QualityGate, passed: bool) -> &'static str {
    match (passed, gate.good_r2) {
        (false, _) => "needs improvement",
        (true, Some(good)) if r2 >= good => "good",
        (true, _) => "acceptable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> QualityGate {
        QualityGate {
            minimum_r2: Some(0.75),
            good_r2: Some(0.80),
            maximum_rmse: Some(0.12),
            ..QualityGate::default()
        }
    }

    fn accuracy(r2: f64) -> Accuracy {
        Accuracy {
            r2,
            rmse: 0.1,
            mae: 0.08,
        }
    }

    #[test]
    fn readiness_is_said_in_words() {
        let say = |r2: f64| {
            let findings = limits(accuracy(r2), &gate());
            verdict(accuracy(r2), &gate(), findings).summary
        };
        assert!(say(0.81).starts_with("good: R2 0.8100"));
        assert!(say(0.78).starts_with("acceptable"));
        assert!(say(0.70).starts_with("needs improvement"));
    }

    #[test]
    fn a_little_worse_than_live_is_allowed_and_more_is_not() {
        let live = || Live::Scored {
            version: "v1.0.0".into(),
            accuracy: accuracy(0.82),
        };
        assert_eq!(
            against_live(accuracy(0.816), &gate(), live()).outcome,
            Outcome::Pass
        );
        let worse = against_live(accuracy(0.814), &gate(), live());
        assert_eq!(worse.outcome, Outcome::Fail);
        assert!(
            worse
                .detail
                .contains("0.8140 against 0.8200 of the live v1.0.0"),
            "{}",
            worse.detail
        );
    }

    #[test]
    fn what_is_no_number_keeps_no_limit() {
        let lost = Accuracy {
            r2: f64::NAN,
            rmse: f64::NAN,
            mae: f64::NAN,
        };
        assert!(
            limits(lost, &gate())
                .iter()
                .all(|finding| finding.outcome == Outcome::Fail)
        );
        assert_eq!(finite(&[0.5, f32::NAN]).outcome, Outcome::Fail);
        assert_eq!(finite(&[]).outcome, Outcome::Fail);
    }

    #[test]
    fn a_tier_without_rows_is_no_evidence() {
        let mut gate = gate();
        gate.minimum_tier_recall.insert("High".into(), 0.5);
        let metrics = Metrics {
            r2: 0.8,
            rmse: 0.1,
            mae: 0.1,
            tiers: Vec::new(),
        };
        assert_eq!(
            recalls(&metrics, &gate)[0].outcome,
            Outcome::InsufficientEvidence
        );
    }
}
