//! Does the candidate treat groups of people alike, and do its features keep who they are to themselves?

use millrace_contract::spec::{Decision as SpecDecision, FairnessGate};
use millrace_contract::stages::GateInput;
use millrace_dataset::{Frame, Values};
use millrace_fairness::{
    Attribute, Bands, Decision as FairnessDecision, Evidence, Feature, FeatureValues, Offender,
    Outcome as Column, Policy, ProxyPolicy, ProxyReport, Report, Verdict, assess, assess_proxies,
};
use millrace_model::{Cores, Model};
use millrace_registry::{Decision, Finding, GateVerdict, Outcome};
use millrace_trail::Work;

use crate::GateError;
use crate::held_out::{HeldOut, accuracy};

/// Assesses the candidate's scores of the held-out rows; the whole report is kept beside the verdict.
pub fn judge(work: &mut Work, input: &GateInput) -> Result<GateVerdict, GateError> {
    let model = Model::load(work.store(), &input.files)?;
    if model.spec.fairness.attributes.is_empty() {
        return Ok(nobody_to_compare());
    }
    let held_out = HeldOut::read(work.store(), &input.files, &model)?;
    let report = report(&model, held_out)?;
    work.put_json("report.json", &report)?;
    Ok(verdict(&report))
}

fn nobody_to_compare() -> GateVerdict {
    GateVerdict {
        decision: Decision::Passed,
        summary: "the spec names no protected attribute: nobody was compared".into(),
        findings: Vec::new(),
    }
}

fn report(model: &Model, mut held_out: HeldOut) -> Result<Report, GateError> {
    let gate = &model.spec.fairness;
    let attributes = attributes(model, &held_out.rows)?;
    let names: Vec<&str> = gate.attributes.iter().map(String::as_str).collect();
    let evidence = Evidence {
        truth: outcome(model, held_out.truth.iter().copied()),
        prediction: outcome(model, held_out.scores.iter().map(|score| f64::from(*score))),
        attributes,
        weights: None,
    };
    let report = assess(&evidence, &names, &policy(gate))?;
    let features = features(model, &held_out.rows);
    let mut proxies = assess_proxies(&features, &evidence.attributes, &proxy_policy(gate))?;
    price(&mut proxies, model, &mut held_out)?;
    Ok(report.with_proxies(proxies))
}

/// Scores in [0, 1] are kept as they are, so that means can be reported; others become labels.
fn outcome(model: &Model, values: impl Iterator<Item = f64>) -> Column {
    let threshold = model.spec.fairness.threshold;
    if model.spec.scores.range == Some([0.0, 1.0]) {
        return Column::Scores {
            values: values.map(|value| value.clamp(0.0, 1.0)).collect(),
            threshold,
        };
    }
    Column::Labels(
        values
            .map(|value| f64::from(u8::from(value > threshold)))
            .collect(),
    )
}

fn attributes(model: &Model, rows: &Frame) -> Result<Vec<Attribute>, GateError> {
    let gate = &model.spec.fairness;
    let mut attributes = Vec::with_capacity(gate.attributes.len());
    for name in &gate.attributes {
        attributes.push(match rows.get(name) {
            Some(Values::Number(numbers)) => {
                let bands = Bands::new(gate.bands.get(name).cloned().unwrap_or_default())?;
                let known = numbers
                    .iter()
                    .map(|number| number.is_finite().then_some(*number))
                    .collect();
                Attribute::numbers(name, known, bands)
            }
            Some(values) => Attribute::categories(name, words(model, name, values)),
            None => Attribute::categories(name, vec![None; rows.rows()]),
        });
    }
    Ok(attributes)
}

/// The words of a column; `None` where it is missing or not in the contract's list.
fn words(model: &Model, name: &str, values: &Values) -> Vec<Option<String>> {
    let listed = model
        .contract
        .columns
        .get(name)
        .map(|column| column.values.as_slice())
        .unwrap_or_default();
    match values {
        Values::Code(codes) => {
            let word = |code: &i32| {
                usize::try_from(*code)
                    .ok()
                    .and_then(|code| listed.get(code))
                    .cloned()
            };
            codes.iter().map(word).collect()
        }
        Values::Text(texts) => texts.clone(),
        Values::Number(numbers) => numbers
            .iter()
            .map(|n| (!n.is_nan()).then(|| n.to_string()))
            .collect(),
        Values::Day(days) => days
            .iter()
            .map(|day| day.map(|day| day.to_string()))
            .collect(),
    }
}

/// The columns that the model uses, unscaled.
fn features(model: &Model, rows: &Frame) -> Vec<Feature> {
    let feature = |name: &str| {
        let values = match rows.get(name)? {
            Values::Number(numbers) => FeatureValues::Numbers(numbers.clone()),
            other => FeatureValues::Categories(words(model, name, other)),
        };
        Some(Feature {
            name: name.to_owned(),
            values,
        })
    };
    model.columns().into_iter().filter_map(feature).collect()
}

/// What each offender is worth: the R2 that the candidate loses when the column is missing in every row.
/// A model trained without it may lose less, for other columns can take its place.
fn price(
    proxies: &mut ProxyReport,
    model: &Model,
    held_out: &mut HeldOut,
) -> Result<(), GateError> {
    let offending: Vec<String> = proxies
        .offending_features()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let whole = held_out.accuracy().r2;
    for feature in offending {
        let Some(values) = held_out.rows.remove(&feature) else {
            continue;
        };
        // The lengths agree, for the column came from this very frame.
        let _ = held_out.rows.insert(&feature, values.missing_everywhere());
        let without = accuracy(&held_out.truth, &model.score(&held_out.rows, Cores::All)?);
        let _ = held_out.rows.insert(&feature, values);
        proxies.set_cost_in_r2(&feature, whole - without.r2);
    }
    Ok(())
}

/// The spec's gate in the terms of the assessment.
pub fn policy(gate: &FairnessGate) -> Policy {
    Policy {
        maximum_demographic_parity_difference: gate.maximum_demographic_parity_difference,
        maximum_equalized_odds_difference: gate.maximum_equalized_odds_difference,
        minimum_rows_per_group: gate.minimum_rows_per_group,
        minimum_positives_per_group: gate.minimum_positives_per_group,
        minimum_negatives_per_group: gate.minimum_negatives_per_group,
        decision: match gate.decision {
            SpecDecision::PointEstimate => FairnessDecision::PointEstimate,
            SpecDecision::BeyondInterval => FairnessDecision::BeyondInterval,
        },
        allow_insufficient_evidence: gate.allow_insufficient_evidence.clone(),
        judge_intersections: gate.intersections,
        bootstrap_draws: gate.bootstrap_draws,
        confidence_level: gate.confidence_level,
        seed: gate.seed,
        ..Policy::default()
    }
}

pub fn proxy_policy(gate: &FairnessGate) -> ProxyPolicy {
    ProxyPolicy {
        maximum_association: gate.proxy.maximum_association,
        maximum_probe_auc: gate.proxy.maximum_probe_auc,
        allow_insufficient_evidence: gate.allow_insufficient_evidence.clone(),
        seed: gate.seed,
        ..ProxyPolicy::default()
    }
}

fn verdict(report: &Report) -> GateVerdict {
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
                + &costs(offenders.filter(|o| o.attribute == proxy.attribute)),
        });
    }
    let passed = report.verdict == Verdict::Pass;
    let blocking = findings
        .iter()
        .find(|finding| finding.outcome != Outcome::Pass);
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

fn costs<'a>(offenders: impl Iterator<Item = &'a Offender>) -> String {
    let priced: Vec<String> = offenders
        .filter_map(|offender| Some(format!("{} {:.4}", offender.feature, offender.cost_in_r2?)))
        .collect();
    if priced.is_empty() {
        return String::new();
    }
    format!(" R2 lost without each: {}.", priced.join(", "))
}

fn of(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Pass => Outcome::Pass,
        Verdict::Fail => Outcome::Fail,
        Verdict::InsufficientEvidence => Outcome::InsufficientEvidence,
    }
}
