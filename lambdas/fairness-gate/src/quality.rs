//! Is the candidate good enough: against the spec's limits, and against the model that is live?

use std::time::Instant;

use millrace_contract::metadata::{Metrics, TierMetrics};
use millrace_contract::spec::{Demand, QualityGate, Task};
use millrace_contract::stages::GateInput;
use millrace_keys::Context;
use millrace_measures::{Wanted, explained, measured, named};
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
    let task = model.spec.task;
    let wanted = Wanted::of(&model.spec, model.threshold());
    let found = measured(&wanted, held_out.judged()?)?;
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
    let score = explained(task, &held_out.truth, &held_out.scores).score;
    findings.push(live.finding(task, score, gate));
    Ok(verdict(task, &found, gate, findings))
}

/// The spec's limits on the held-out rows; the ones that it does not set are not judged.
fn limits(found: &Metrics, gate: &QualityGate) -> Vec<Finding> {
    let limits = gate.demands();
    let limits = limits.filter(|(demand, ..)| *demand != Demand::Good);
    limits
        .map(|(_, name, limit)| match named(name) {
            Some(_) if !found.values.contains_key(name) => unmeasured(name, limit),
            Some(measure) => within(&measure, found.value(name), limit),
            None => unknown(name, limit),
        })
        .collect()
}

/// A measure may have no value for some rows, such as the precision of nothing.
fn unmeasured(name: &str, limit: f64) -> Finding {
    Finding {
        subject: name.to_owned(),
        outcome: Outcome::InsufficientEvidence,
        value: None,
        limit: Some(limit),
        detail: "it has no value for the held-out rows".into(),
    }
}

/// What cannot be measured keeps no limit.
fn unknown(name: &str, limit: f64) -> Finding {
    Finding {
        subject: name.to_owned(),
        outcome: Outcome::Fail,
        value: None,
        limit: Some(limit),
        detail: "no measure has this name".into(),
    }
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
    // A measure that only one of the two has is at no distance that could be kept.
    let names = found.values.keys().chain(recorded.values.keys());
    let distances = names.map(|name| found.value(name) - recorded.value(name));
    let distance = distances
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
        detail: match found.values.first() {
            Some((name, value)) => format!(
                "recorded {} {:.6}, found {value:.6}",
                label(name),
                recorded.value(name)
            ),
            None => "nothing was measured".into(),
        },
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

fn verdict(task: Task, found: &Metrics, gate: &QualityGate, findings: Vec<Finding>) -> GateVerdict {
    let any = |outcome: Outcome| findings.iter().any(|finding| finding.outcome == outcome);
    let decision = if any(Outcome::Fail) {
        Decision::Blocked
    } else if any(Outcome::InsufficientEvidence) {
        Decision::InsufficientEvidence
    } else {
        Decision::Passed
    };
    let readiness = readiness(found, gate, decision);
    let shown = task.shown().iter();
    let numbers = shown.map(|name| format!("{} {:.4}", label(name), found.value(name)));
    let numbers = numbers.collect::<Vec<_>>().join(", ");
    GateVerdict {
        decision,
        summary: format!("{readiness}: {numbers} on the held-out rows"),
        findings,
    }
}

/// Readiness in words.
fn readiness(found: &Metrics, gate: &QualityGate, decision: Decision) -> &'static str {
    let mut good = gate
        .demands()
        .filter(|(demand, ..)| *demand == Demand::Good)
        .peekable();
    let says_good = good.peek().is_some();
    let is_good = good.all(|(_, name, limit)| {
        named(name).is_some_and(|measure| measure.keeps(found.value(name), limit))
    });
    match decision {
        Decision::Blocked => "needs improvement",
        Decision::InsufficientEvidence => "insufficient evidence",
        Decision::Passed if says_good && is_good => "good",
        Decision::Passed => "acceptable",
    }
}

/// A measure as people read it.
fn label(name: &str) -> &str {
    named(name).map_or(name, |measure| measure.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> QualityGate {
        let limits = [
            ("minimum_r2", 0.75),
            ("good_r2", 0.80),
            ("maximum_rmse", 0.12),
        ];
        let limits = limits.map(|(key, limit)| (key.to_owned(), limit));
        QualityGate {
            measured: limits.into_iter().collect(),
            ..QualityGate::default()
        }
    }

    fn metrics_of(values: [(&str, f64); 3]) -> Metrics {
        let values = values.map(|(name, value)| (name.to_owned(), value));
        Metrics {
            values: values.into_iter().collect(),
            tiers: Vec::new(),
        }
    }

    fn found(r2: f64) -> Metrics {
        metrics_of([("r2", r2), ("rmse", 0.1), ("mae", 0.08)])
    }

    #[test]
    fn readiness_is_said_in_words() {
        let say = |r2: f64| {
            let findings = limits(&found(r2), &gate());
            verdict(Task::Regression, &found(r2), &gate(), findings).summary
        };
        assert!(say(0.81).starts_with("good: R2 0.8100"));
        assert!(say(0.78).starts_with("acceptable"));
        assert!(say(0.70).starts_with("needs improvement"));
    }

    #[test]
    fn nan_fails_every_limit() {
        let lost = metrics_of([("r2", f64::NAN), ("rmse", f64::NAN), ("mae", f64::NAN)]);
        assert!(
            limits(&lost, &gate())
                .iter()
                .all(|finding| finding.outcome == Outcome::Fail)
        );
        assert_eq!(as_recorded(&lost, &found(0.8)).outcome, Outcome::Fail);
    }

    #[test]
    fn what_is_not_measured_keeps_no_limit_and_is_not_as_recorded() {
        let mut gate = gate();
        gate.measured.insert("minimum_wisdom".into(), 0.1);
        let unknown = limits(&found(0.9), &gate);
        let wisdom = unknown.iter().find(|finding| finding.subject == "wisdom");
        assert!(wisdom.is_some_and(|finding| finding.outcome == Outcome::Fail));
        let mut fewer = found(0.8);
        fewer.values.shift_remove("mae");
        for (one, other) in [(&fewer, &found(0.8)), (&found(0.8), &fewer)] {
            assert_eq!(as_recorded(one, other).outcome, Outcome::Fail);
        }
        assert_eq!(as_recorded(&fewer, &fewer).outcome, Outcome::Pass);
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
            verdict(Task::Regression, &found(0.8), &gate(), findings).decision
        };
        use Outcome::{Fail, InsufficientEvidence, Pass};
        assert_eq!(decide(&[Pass, Pass]), Decision::Passed);
        let unknown = decide(&[Pass, InsufficientEvidence]);
        assert_eq!(unknown, Decision::InsufficientEvidence);
        assert_eq!(decide(&[InsufficientEvidence, Fail]), Decision::Blocked);
    }
}
