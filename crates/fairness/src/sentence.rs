//! One plain sentence per attribute: which two groups differ by how much, and what that means.

use crate::measures::{Contrast, Side};
use crate::policy::Decision;
use crate::report::{CriterionReport, Estimate, Interval, Shortfall};
use crate::verdict::Verdict;

/// More groups than this are counted, not named.
const NAMED_GROUPS: usize = 3;

/// The criterion that failed speaks; else the one without enough evidence; else the one nearest to its limit.
pub(crate) fn of_attribute(name: &str, criteria: &[CriterionReport], decision: Decision) -> String {
    let rank = |criterion: &CriterionReport| match criterion.verdict {
        Verdict::Fail => 2,
        Verdict::InsufficientEvidence => 1,
        Verdict::Pass => 0,
    };
    let excess = |criterion: &CriterionReport| judged(criterion).difference - criterion.limit;
    let speaker = criteria.iter().reduce(|known, next| {
        let louder =
            rank(next) > rank(known) || (rank(next) == rank(known) && excess(next) > excess(known));
        if louder { next } else { known }
    });
    match speaker {
        None => format!("{name}: no limit is set, so nothing was judged"),
        Some(criterion) if criterion.verdict == Verdict::InsufficientEvidence => {
            format!(
                "{name}: not enough evidence: {}",
                what_is_missing(criterion, decision)
            )
        }
        Some(criterion) => format!(
            "{name}: {}",
            comparison(criterion, judged(criterion), decision)
        ),
    }
}

/// What the verdict rests on: the groups with enough evidence, if there are any.
fn judged(criterion: &CriterionReport) -> &Estimate {
    criterion
        .sufficient_groups
        .as_ref()
        .unwrap_or(&criterion.all_groups)
}

fn comparison(criterion: &CriterionReport, estimate: &Estimate, decision: Decision) -> String {
    let limit = criterion.limit;
    let decimals = decimals(estimate.difference, limit);
    let who = match &estimate.contrast {
        Some(contrast) => format!("{}: ", sides(contrast, decimals)),
        None => String::new(),
    };
    // With the mean of two rates the pair shown differs by more than the difference that is judged.
    let pair = estimate
        .contrast
        .as_ref()
        .map_or(estimate.difference, Contrast::difference);
    let kind = if (pair - estimate.difference).abs() > 1e-12 {
        "a mean difference"
    } else {
        "a difference"
    };
    format!(
        "{who}{kind} of {:.decimals$}, {} ({})",
        estimate.difference,
        position(estimate, limit, decimals, decision),
        interval(&estimate.interval, decimals)
    )
}

fn position(estimate: &Estimate, limit: f64, decimals: usize, decision: Decision) -> String {
    if estimate.difference <= limit + 1e-12 {
        return format!("within the limit of {limit:.decimals$}");
    }
    let inside = decision == Decision::BeyondInterval && estimate.interval.lower <= limit + 1e-12;
    let doubt = if inside {
        ", but its interval reaches below it"
    } else {
        ""
    };
    format!("above the limit of {limit:.decimals$}{doubt}")
}

fn sides(contrast: &Contrast, decimals: usize) -> String {
    let name = |side: &Side| {
        side.group
            .as_ref()
            .map_or("all rows".to_string(), |group| format!("`{group}`"))
    };
    format!(
        "{} of {} is {:.decimals$} and of {} {:.decimals$}",
        contrast.rate.words(),
        name(&contrast.low),
        contrast.low.value,
        name(&contrast.high),
        contrast.high.value
    )
}

fn interval(interval: &Interval, decimals: usize) -> String {
    // 0.95 as "95", 0.995 as "99.5".
    let percent = (interval.confidence_level * 1e8).round() / 1e6;
    format!(
        "{percent} % interval {:.decimals$} to {:.decimals$}",
        interval.lower, interval.upper
    )
}

fn what_is_missing(criterion: &CriterionReport, decision: Decision) -> String {
    let shortfalls = shortfalls(&criterion.shortfalls);
    if criterion.all_groups.contrast.is_none() {
        let because = if shortfalls.is_empty() {
            String::new()
        } else {
            format!("; {shortfalls}")
        };
        return format!("there is only one group, so nothing to compare{because}");
    }
    let everyone = comparison(criterion, &criterion.all_groups, decision);
    match &criterion.sufficient_groups {
        Some(others) if others.difference == criterion.all_groups.difference => {
            format!(
                "{shortfalls}; where there is enough, {}",
                comparison(criterion, others, decision)
            )
        }
        Some(others) => format!(
            "{shortfalls}; where there is enough, {}; over all groups {everyone}",
            comparison(criterion, others, decision)
        ),
        None => format!(
            "{shortfalls}; fewer than two groups can be compared; over all groups {everyone}"
        ),
    }
}

fn shortfalls(shortfalls: &[Shortfall]) -> String {
    let named = shortfalls.iter().take(NAMED_GROUPS);
    let mut words: Vec<String> = named
        .map(|short| format!("`{}` has {}", short.group, short.lacks.join(", ")))
        .collect();
    if shortfalls.len() > NAMED_GROUPS {
        words.push(format!(
            "{} more groups are too small",
            shortfalls.len() - NAMED_GROUPS
        ));
    }
    words.join(", ")
}

/// Two decimals, or as many as show that the difference is not the limit.
fn decimals(difference: f64, limit: f64) -> usize {
    let written = |value: f64, decimals: usize| format!("{value:.decimals$}");
    let told_apart = |decimals: &usize| written(difference, *decimals) != written(limit, *decimals);
    if (difference - limit).abs() <= 1e-12 {
        return 2;
    }
    (2..6).find(told_apart).unwrap_or(6)
}
