//! Is the candidate good enough: against the spec's limits, and against the model that is live?

use std::time::Instant;

use millrace_contract::metadata::{Metrics, TierMetrics};
use millrace_contract::spec::QualityGate;
use millrace_contract::stages::GateInput;
use millrace_keys::Context;
use millrace_measures::{MAE, R2, RMSE, metrics};
use millrace_model::{Cores, Model};
use millrace_registry::{Decision, Finding, GateVerdict, Outcome};

use crate::GateError;
use crate::findings::{at_most, outcome, within};
use crate::held_out::HeldOut;
use crate::{live, unseen, written};

/// How far the recorded metrics may lie from those computed here: only the order of additions differs.
const SAME: f64 = 1e-9;

/// Scores the held-out rows and holds the candidate against the limits.
pub fn judge(
    context: &Context,
    model: &Model,
    input: &GateInput,
) -> Result<GateVerdict, GateError> {
    let held_out = HeldOut::read(&context.store, &input.files, model)?;
    let tally = held_out.tally(model)?;
    let found = metrics(held_out.judged()?, &model.spec.scores);
    let gate = &model.spec.quality;
    let bytes: u64 = input.files.model.bytes + input.files.recipe.bytes;
    let mut findings = vec![
        written::finite(&tally),
        as_recorded(&found, &model.metadata.metrics),
        at_most("model_bytes", bytes as f64, gate.maximum_model_bytes as f64),
        quick_enough(model, &held_out, gate.maximum_nanoseconds_per_row as f64)?,
    ];
    findings.extend(unseen::as_declared(model, &held_out));
    findings.extend(written::in_range(&tally, &model.spec));
    findings.extend(limits(&found, gate));
    findings.extend(written::recalls(&tally, gate));
    let live = live::judge(context, model, &input.files, &held_out)?;
    findings.push(live.finding(found.r2, gate));
    Ok(verdict(&found, gate, findings))
}

/// The spec's limits on the held-out rows; the ones that it does not set are not judged.
fn limits(found: &Metrics, gate: &QualityGate) -> Vec<Finding> {
    let limits = [
        (R2, found.r2, gate.minimum_r2),
        (RMSE, found.rmse, gate.maximum_rmse),
        (MAE, found.mae, gate.maximum_mae),
    ];
    let set = limits.iter();
    set.filter_map(|(measure, value, limit)| Some(within(measure, *value, (*limit)?)))
        .collect()
}

/// What the candidate says of itself must be what it does.
fn as_recorded(found: &Metrics, recorded: &Metrics) -> Finding {
    let recalls = recorded.tiers.iter().map(|tier| {
        let same = |other: &&TierMetrics| other.label == tier.label;
        let found = found.tiers.iter().find(same).and_then(|tier| tier.recall);
        match (found, tier.recall) {
            (Some(found), Some(recorded)) => found - recorded,
            (None, None) => 0.0,
            _ => 1.0,
        }
    });
    let distances = [
        found.r2 - recorded.r2,
        found.rmse - recorded.rmse,
        found.mae - recorded.mae,
    ];
    let distance = distances
        .into_iter()
        .chain(recalls)
        .map(f64::abs)
        // Unlike `f64::max`, this keeps NaN.
        .fold(0.0, |most: f64, next| match most.is_nan() || next <= most {
            true => most,
            false => next,
        });
    Finding {
        subject: "metrics as recorded".into(),
        outcome: outcome(distance <= SAME),
        value: Some(distance),
        limit: Some(SAME),
        detail: format!("recorded R2 {:.6}, found {:.6}", recorded.r2, found.r2),
    }
}

/// A time that keeps its limit is logged and not kept: it differs each time, and a verdict must not.
fn quick_enough(model: &Model, held_out: &HeldOut, limit: f64) -> Result<Finding, GateError> {
    let measured = nanoseconds_per_row(model, held_out)?;
    tracing::info!(nanoseconds_per_row = measured, limit, "scoring was timed");
    let finding = at_most("nanoseconds_per_row", measured, limit);
    if finding.outcome != Outcome::Pass {
        return Ok(finding);
    }
    Ok(Finding {
        value: None,
        detail: format!("at most {limit:.0}, as is wanted"),
        ..finding
    })
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

fn verdict(found: &Metrics, gate: &QualityGate, findings: Vec<Finding>) -> GateVerdict {
    let any = |outcome: Outcome| findings.iter().any(|finding| finding.outcome == outcome);
    let decision = if any(Outcome::Fail) {
        Decision::Blocked
    } else if any(Outcome::InsufficientEvidence) {
        Decision::InsufficientEvidence
    } else {
        Decision::Passed
    };
    let readiness = readiness(found.r2, gate, decision);
    let numbers = format!(
        "R2 {:.4}, RMSE {:.4}, MAE {:.4}",
        found.r2, found.rmse, found.mae
    );
    GateVerdict {
        decision,
        summary: format!("{readiness}: {numbers} on the held-out rows"),
        findings,
    }
}

/// Readiness in words.
fn readiness(r2: f64, gate: &QualityGate, decision: Decision) -> &'static str {
    match (decision, gate.good_r2) {
        (Decision::Blocked, _) => "needs improvement",
        (Decision::InsufficientEvidence, _) => "insufficient evidence",
        (Decision::Passed, Some(good)) if r2 >= good => "good",
        (Decision::Passed, _) => "acceptable",
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

    fn found(r2: f64) -> Metrics {
        Metrics {
            r2,
            rmse: 0.1,
            mae: 0.08,
            tiers: Vec::new(),
        }
    }

    #[test]
    fn readiness_is_said_in_words() {
        let say = |r2: f64| {
            let findings = limits(&found(r2), &gate());
            verdict(&found(r2), &gate(), findings).summary
        };
        assert!(say(0.81).starts_with("good: R2 0.8100"));
        assert!(say(0.78).starts_with("acceptable"));
        assert!(say(0.70).starts_with("needs improvement"));
    }

    #[test]
    fn nan_fails_every_limit() {
        let lost = Metrics {
            rmse: f64::NAN,
            mae: f64::NAN,
            ..found(f64::NAN)
        };
        assert!(
            limits(&lost, &gate())
                .iter()
                .all(|finding| finding.outcome == Outcome::Fail)
        );
        let as_recorded = as_recorded(&lost, &found(0.8));
        assert_eq!(as_recorded.outcome, Outcome::Fail);
    }

    #[test]
    fn what_is_unknown_is_neither_a_pass_nor_a_fail() {
        let finding = |outcome| Finding {
            subject: "s".into(),
            outcome,
            value: None,
            limit: None,
            detail: String::new(),
        };
        let decide = |outcomes: &[Outcome]| {
            let findings = outcomes.iter().map(|outcome| finding(*outcome)).collect();
            verdict(&found(0.8), &gate(), findings).decision
        };
        use Outcome::{Fail, InsufficientEvidence, Pass};
        assert_eq!(decide(&[Pass, Pass]), Decision::Passed);
        let unknown = decide(&[Pass, InsufficientEvidence]);
        assert_eq!(unknown, Decision::InsufficientEvidence);
        assert_eq!(decide(&[InsufficientEvidence, Fail]), Decision::Blocked);
    }
}
