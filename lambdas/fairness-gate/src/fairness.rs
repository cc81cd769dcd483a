//! Does the candidate treat groups of people alike, and do its features keep who they are to themselves?

use millrace_contract::ObjectRef;
use millrace_contract::postprocess::before_rounding;
use millrace_contract::spec::Task;
use millrace_contract::stages::{FeatureCosts, GateInput};
use millrace_fairness::{
    Evidence, Offender, Outcome as Column, ProxyReport, Report, Verdict, assess, assess_proxies,
};
use millrace_model::Model;
use millrace_people::{attributes, features, policy, proxy_policy};
use millrace_registry::{Decision, Finding, GateVerdict, Outcome};
use millrace_store::Store;
use millrace_trail::{Work, fetch_json};

use crate::GateError;
use crate::held_out::HeldOut;

/// Assesses the candidate's scores of the held-out rows; the whole report is kept beside the verdict.
pub fn judge(work: &mut Work, model: &Model, input: &GateInput) -> Result<GateVerdict, GateError> {
    if model.spec.fairness.attributes.is_empty() {
        return Ok(nobody_to_compare());
    }
    let held_out = HeldOut::read(work.store(), &input.files, model)?;
    let mut proxies = proxies(model, &held_out)?;
    price(
        &mut proxies,
        work.store(),
        input.files.feature_costs.as_ref(),
    )?;
    let report = report(model, &held_out)?.with_proxies(proxies);
    work.put_json("report.json", &report)?;
    Ok(verdict(&report, model.spec.task))
}

fn nobody_to_compare() -> GateVerdict {
    GateVerdict {
        decision: Decision::Passed,
        summary: "the spec names no protected attribute: nobody was compared".into(),
        findings: Vec::new(),
    }
}

fn report(model: &Model, held_out: &HeldOut) -> Result<Report, GateError> {
    let gate = &model.spec.fairness;
    let names: Vec<&str> = gate.attributes.iter().map(String::as_str).collect();
    let evidence = Evidence {
        truth: outcome(model, held_out.truth.iter().copied(), 0.5),
        prediction: outcome(
            model,
            held_out.scores.iter().map(|score| f64::from(*score)),
            selected_above(model),
        ),
        attributes: attributes(&held_out.rows, &model.contract, gate)?,
        weights: None,
    };
    Ok(assess(&evidence, &names, &policy(gate))?)
}

fn proxies(model: &Model, held_out: &HeldOut) -> Result<ProxyReport, GateError> {
    let gate = &model.spec.fairness;
    let used = features(&held_out.rows, &model.contract, model.columns());
    let attributes = attributes(&held_out.rows, &model.contract, gate)?;
    Ok(assess_proxies(&used, &attributes, &proxy_policy(gate))?)
}

/// Scores in [0, 1] are kept as they are, so that means can be reported; others become labels. What is
/// no finite number stays none, and is refused by name.
fn outcome(model: &Model, values: impl Iterator<Item = f64>, of_classes: f64) -> Column {
    let (threshold, is_probability) = match model.spec.task {
        Task::Regression => (
            model.spec.fairness.threshold,
            model.spec.scores.range == Some([0.0, 1.0]),
        ),
        Task::Binary | Task::Multiclass => (of_classes, true),
    };
    let inside = |value: f64| match value.is_finite() {
        true => value.clamp(0.0, 1.0),
        false => f64::NAN,
    };
    if is_probability {
        return Column::Scores {
            values: values.map(inside).collect(),
            threshold,
        };
    }
    let label = |value: f64| match value.is_finite() {
        true => f64::from(u8::from(value > threshold)),
        false => f64::NAN,
    };
    Column::Labels(values.map(label).collect())
}

/// A row is selected where its label is a yes: from the model's own threshold on, as it is written.
fn selected_above(model: &Model) -> f64 {
    let threshold = model.threshold().unwrap_or(model.spec.fairness.threshold);
    before_rounding(threshold, model.spec.scores.decimals).next_down()
}

/// What each offender is worth, as far as training has found it out.
fn price(
    proxies: &mut ProxyReport,
    store: &Store,
    costs: Option<&ObjectRef>,
) -> Result<(), GateError> {
    let Some(object) = costs else {
        return Ok(());
    };
    let costs: FeatureCosts = fetch_json(store, object, "the costs of dropping features")?;
    for (feature, cost) in &costs {
        proxies.set_cost_in_r2(feature, *cost);
    }
    Ok(())
}

fn verdict(report: &Report, task: Task) -> GateVerdict {
    let judged = report
        .intersections
        .iter()
        .filter(|_| report.policy.judge_intersections);
    let mut findings: Vec<Finding> = report
        .attributes
        .iter()
        .chain(judged)
        .map(|attribute| Finding {
            subject: attribute.name.clone(),
            outcome: of(attribute.effective_verdict()),
            value: attribute
                .criteria
                .first()
                .map(|criterion| criterion.all_groups.difference),
            limit: attribute.criteria.first().map(|criterion| criterion.limit),
            detail: attribute.sentence.clone(),
        })
        .collect();
    for proxy in report
        .proxies
        .iter()
        .flat_map(|proxies| &proxies.attributes)
    {
        let allowed =
            proxy.insufficient_evidence_allowed && proxy.verdict == Verdict::InsufficientEvidence;
        let offenders = report.proxies.iter().flat_map(|proxies| &proxies.offenders);
        findings.push(Finding {
            subject: format!("proxies of {}", proxy.attribute),
            outcome: if allowed {
                Outcome::Pass
            } else {
                of(proxy.verdict)
            },
            value: proxy.probe.auc,
            limit: report
                .proxies
                .as_ref()
                .map(|proxies| proxies.policy.maximum_probe_auc),
            detail: proxy.sentence.clone()
                + &costs(task, offenders.filter(|o| o.attribute == proxy.attribute)),
        });
    }
    let passed = report.verdict == Verdict::Pass;
    let first = |outcome: Outcome| findings.iter().find(|finding| finding.outcome == outcome);
    let blocking = first(Outcome::Fail).or_else(|| first(Outcome::InsufficientEvidence));
    GateVerdict {
        decision: if passed {
            Decision::Passed
        } else {
            Decision::Blocked
        },
        summary: match blocking {
            Some(finding) if !passed => finding.detail.clone(),
            _ => format!(
                "no attribute of {} differs by more than its limit",
                names(report)
            ),
        },
        findings,
    }
}

fn names(report: &Report) -> String {
    report
        .attributes
        .iter()
        .map(|attribute| attribute.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

fn costs<'a>(task: Task, offenders: impl Iterator<Item = &'a Offender>) -> String {
    let priced: Vec<String> = offenders
        .filter_map(|offender| Some(format!("{} {:.4}", offender.feature, offender.cost_in_r2?)))
        .collect();
    if priced.is_empty() {
        return String::new();
    }
    format!(
        "; {} lost when trained without each: {}",
        task.scoring().label(),
        priced.join(", ")
    )
}

fn of(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Pass => Outcome::Pass,
        Verdict::Fail => Outcome::Fail,
        Verdict::InsufficientEvidence => Outcome::InsufficientEvidence,
    }
}
