//! From evidence to a report: partition, count, compare, resample, judge.

use crate::bootstrap::{self, Plan};
use crate::counted::Counted;
use crate::error::FairnessError;
use crate::evidence::{Evidence, Row};
use crate::groups::Partition;
use crate::measures::{Disparities, Method};
use crate::policy::{Decision, Policy};
use crate::report::{
    AttributeReport, Criterion, CriterionReport, Estimate, GroupReport, Interval, Report, Shortfall,
};
use crate::sentence;
use crate::tally::Tally;
use crate::verdict::Verdict;

/// Rounding of a difference may not turn exactly the limit into more than the limit.
const ROUNDING: f64 = 1e-12;

/// Judges the predictions by the named attributes and their intersections.
pub fn assess(
    evidence: &Evidence,
    attributes: &[&str],
    policy: &Policy,
) -> Result<Report, FairnessError> {
    policy.check()?;
    let rows = evidence.rows()?;
    let single = partitions(evidence, attributes)?;
    let crossed = intersections(&single, policy.largest_intersection);
    let mut report = Report {
        verdict: Verdict::InsufficientEvidence,
        overall: overall(&rows).metrics(),
        weighted: evidence.weights.is_some(),
        attributes: single
            .iter()
            .map(|partition| judge(&rows, partition, policy))
            .collect(),
        intersections: crossed
            .iter()
            .map(|partition| judge(&rows, partition, policy))
            .collect(),
        proxies: None,
        policy: policy.clone(),
    };
    report.verdict = report.overall_verdict();
    Ok(report)
}

/// fairlearn's numbers of one attribute alone, without intervals or verdict.
pub fn measure(
    evidence: &Evidence,
    attribute: &str,
    method: Method,
) -> Result<(Disparities, Vec<GroupReport>), FairnessError> {
    measure_jointly(evidence, &[attribute], method)
}

/// fairlearn's numbers of the intersection of the attributes.
pub fn measure_jointly(
    evidence: &Evidence,
    attributes: &[&str],
    method: Method,
) -> Result<(Disparities, Vec<GroupReport>), FairnessError> {
    let rows = evidence.rows()?;
    let single = partitions(evidence, attributes)?;
    let crossed = single
        .into_iter()
        .reduce(|left, right| left.crossed_with(&right));
    let partition = crossed.ok_or(FairnessError::NoAttributes)?;
    let counted = Counted::of(&rows, &partition);
    let disparities = Disparities::of(&counted.rates, &counted.overall, method);
    Ok((disparities, counted.group_reports(&partition)))
}

fn partitions(evidence: &Evidence, names: &[&str]) -> Result<Vec<Partition>, FairnessError> {
    if names.is_empty() {
        return Err(FairnessError::NoAttributes);
    }
    let repeated = names
        .iter()
        .enumerate()
        .find(|(position, name)| names[..*position].contains(name));
    if let Some((_, name)) = repeated {
        return Err(FairnessError::AttributeRepeated {
            attribute: name.to_string(),
        });
    }
    names
        .iter()
        .map(|name| evidence.attribute(name).map(Partition::of))
        .collect()
}

/// Every combination of two up to `largest` attributes, the small ones first.
fn intersections(single: &[Partition], largest: usize) -> Vec<Partition> {
    let mut found: Vec<Partition> = Vec::new();
    let mut level: Vec<(usize, Partition)> = single.iter().cloned().enumerate().collect();
    for _ in 2..=largest.min(single.len()) {
        let mut next = Vec::new();
        for (last, partition) in &level {
            for (position, attribute) in single.iter().enumerate().skip(last + 1) {
                next.push((position, partition.crossed_with(attribute)));
            }
        }
        found.extend(next.iter().map(|(_, partition)| partition.clone()));
        level = next;
    }
    found
}

fn overall(rows: &[Row]) -> Tally {
    let mut tally = Tally::default();
    rows.iter().for_each(|row| tally.add(row));
    tally
}

fn judge(rows: &[Row], partition: &Partition, policy: &Policy) -> AttributeReport {
    let counted = Counted::of(rows, partition);
    let sufficient = counted.with_enough_evidence(policy);
    let plan = Plan {
        method: policy.method,
        aggregate: policy.equalized_odds_aggregate,
        draws: policy.bootstrap_draws,
        confidence_level: policy.confidence_level,
        seed: policy.seed,
    };
    let choices = [counted.everyone(), sufficient];
    let intervals = bootstrap::intervals(
        rows,
        &partition.group_of_row,
        partition.keys.len(),
        &choices,
        &plan,
    );
    let [of_all, of_sufficient] = [intervals[0], intervals[1]];

    let name = partition.name();
    let criteria: Vec<CriterionReport> = limits(policy)
        .map(|(criterion, limit)| {
            let shortfalls = counted.shortfalls(criterion, policy);
            let sufficient_groups =
                counted.estimate(criterion, &choices[1], &of_sufficient, policy);
            CriterionReport {
                criterion,
                limit,
                verdict: verdict(
                    sufficient_groups.as_ref(),
                    &shortfalls,
                    limit,
                    policy.decision,
                ),
                all_groups: counted.estimate_of_all(criterion, &of_all, policy),
                sufficient_groups,
                shortfalls,
            }
        })
        .collect();
    AttributeReport {
        verdict: Verdict::worst(criteria.iter().map(|criterion| criterion.verdict)),
        insufficient_evidence_allowed: policy.allows(&name),
        sentence: sentence::of_attribute(&name, &criteria, policy.decision),
        criteria,
        between_groups: Disparities::of(&counted.rates, &counted.overall, Method::BetweenGroups),
        to_overall: Disparities::of(&counted.rates, &counted.overall, Method::ToOverall),
        equal_opportunity_interval: of_all.equal_opportunity,
        groups: counted.group_reports(partition),
        empty_cells: partition.empty_cells,
        missing_rows: partition.missing_rows,
        name,
    }
}

/// The criteria that are switched on.
fn limits(policy: &Policy) -> impl Iterator<Item = (Criterion, f64)> {
    let parity = (
        Criterion::DemographicParity,
        Some(policy.maximum_demographic_parity_difference),
    );
    let odds = (
        Criterion::EqualizedOdds,
        policy.maximum_equalized_odds_difference,
    );
    let set = [parity, odds]
        .into_iter()
        .filter_map(|(criterion, limit)| limit.map(|limit| (criterion, limit)));
    set.filter(|(_, limit)| *limit < 1.0)
}

/// Groups with enough evidence decide first: what they show cannot be excused by a tiny group beside them.
/// A tiny group itself can neither fail a model nor let it pass.
fn verdict(
    sufficient: Option<&Estimate>,
    shortfalls: &[Shortfall],
    limit: f64,
    decision: Decision,
) -> Verdict {
    if sufficient
        .is_some_and(|estimate| exceeds(estimate.difference, &estimate.interval, limit, decision))
    {
        return Verdict::Fail;
    }
    if sufficient.is_none() || !shortfalls.is_empty() {
        return Verdict::InsufficientEvidence;
    }
    Verdict::Pass
}

fn exceeds(difference: f64, interval: &Interval, limit: f64, decision: Decision) -> bool {
    let above = |value: f64| value > limit + ROUNDING;
    match decision {
        Decision::PointEstimate => above(difference),
        Decision::BeyondInterval => above(difference) && above(interval.lower),
    }
}
