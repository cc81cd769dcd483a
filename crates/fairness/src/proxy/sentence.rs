//! One sentence per attribute about what the features reveal of it.

use super::policy::ProxyPolicy;
use super::report::Association;
use crate::probe::Probe;
use crate::verdict::Verdict;

/// More offenders than this are counted, not named.
const NAMED_FEATURES: usize = 3;

pub(super) fn of_attribute(
    name: &str,
    associations: &[Association],
    probe: &Probe,
    policy: &ProxyPolicy,
) -> String {
    format!(
        "{name}: {}; {}",
        features(associations, policy),
        together(probe, policy)
    )
}

fn features(associations: &[Association], policy: &ProxyPolicy) -> String {
    let limit = policy.maximum_association;
    let failing: Vec<&Association> = associations
        .iter()
        .filter(|one| one.verdict == Verdict::Fail)
        .collect();
    if failing.is_empty() {
        return strongest(associations, limit);
    }
    let mut words: Vec<String> = failing
        .iter()
        .take(NAMED_FEATURES)
        .map(|one| described(one))
        .collect();
    if failing.len() > NAMED_FEATURES {
        words.push(format!("{} more", failing.len() - NAMED_FEATURES));
    }
    format!(
        "given away by {}, above the limit of {limit:.2}",
        words.join(", ")
    )
}

fn strongest(associations: &[Association], limit: f64) -> String {
    let unknown = associations
        .iter()
        .filter(|one| one.verdict == Verdict::InsufficientEvidence)
        .count();
    let doubt = if unknown > 0 {
        format!(" (not enough rows for {unknown} features)")
    } else {
        String::new()
    };
    match associations.iter().find(|one| one.verdict == Verdict::Pass) {
        Some(first) => format!(
            "no feature gives it away: the strongest is {}, limit {limit:.2}{doubt}",
            described(first)
        ),
        None => format!("not enough evidence on any feature{doubt}"),
    }
}

fn described(association: &Association) -> String {
    let value = association.value.unwrap_or(0.0);
    format!(
        "`{}` ({} {value:.2})",
        association.feature,
        association.measure.words()
    )
}

fn together(probe: &Probe, policy: &ProxyPolicy) -> String {
    let limit = policy.maximum_probe_auc;
    let Some(auc) = probe.auc else {
        return "not enough evidence for the probe of all features together".to_string();
    };
    let place = if probe.above(limit) {
        "above"
    } else {
        "within"
    };
    let leading: Vec<String> = probe
        .leading_features
        .iter()
        .take(NAMED_FEATURES)
        .map(|one| format!("`{}`", one.feature))
        .collect();
    let by = if probe.above(limit) {
        format!(", mostly by {}", leading.join(", "))
    } else {
        String::new()
    };
    format!(
        "all features together predict it with an AUC of {auc:.2}, {place} the limit of {limit:.2}{by}"
    )
}
