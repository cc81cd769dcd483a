//! The report for a terminal: the verdict, a compact table per attribute, and the sentences.

use crate::proxy::{ProxyAttribute, ProxyReport};
use crate::report::{AttributeReport, CriterionReport, Interval, Report};
use std::fmt::Write;

/// An intersection shows this many of its groups at most; the JSON has them all.
const INTERSECTION_GROUPS: usize = 12;
const ASSOCIATIONS: usize = 5;

impl Report {
    /// Every line ends with a line break; no colours.
    pub fn render_text(&self) -> String {
        let mut text = format!("Fairness: {}\n", self.verdict);
        for sentence in self.sentences() {
            line(&mut text, &format!("  {sentence}"));
        }
        for attribute in &self.attributes {
            attribute_table(&mut text, attribute, usize::MAX, "");
        }
        let role = if self.policy.judge_intersections {
            ""
        } else {
            " (reported only)"
        };
        for intersection in &self.intersections {
            attribute_table(&mut text, intersection, INTERSECTION_GROUPS, role);
        }
        if let Some(proxies) = &self.proxies {
            proxy_tables(&mut text, proxies);
        }
        text
    }
}

fn attribute_table(text: &mut String, report: &AttributeReport, most: usize, role: &str) {
    let allowed = if report.insufficient_evidence_allowed {
        " (allowed)"
    } else {
        ""
    };
    line(
        text,
        &format!("\n{}: {}{allowed}{role}", report.name, report.verdict),
    );
    for criterion in &report.criteria {
        line(text, &format!("  {}", criterion_line(criterion)));
    }
    let ratio =
        |value: Option<f64>| value.map_or("undefined".to_string(), |value| format!("{value:.3}"));
    let between = &report.between_groups;
    line(
        text,
        &format!(
            "  ratios: demographic parity {}, equalized odds {}, equal opportunity {}; equal opportunity difference {:.3} {}",
            ratio(between.demographic_parity_ratio),
            ratio(between.equalized_odds_ratio_worst_case),
            ratio(between.equal_opportunity_ratio),
            between.equal_opportunity_difference,
            range(&report.equal_opportunity_interval),
        ),
    );
    group_table(text, report, most);
    if report.groups.len() > most {
        line(
            text,
            &format!("  ... and {} more groups", report.groups.len() - most),
        );
    }
    if report.empty_cells > 0 {
        line(
            text,
            &format!("  {} combinations have no rows", report.empty_cells),
        );
    }
    if report.missing_rows > 0 {
        line(
            text,
            &format!(
                "  {} rows have a missing value and form groups of their own",
                report.missing_rows
            ),
        );
    }
}

fn criterion_line(criterion: &CriterionReport) -> String {
    let all = &criterion.all_groups;
    let among = match &criterion.sufficient_groups {
        Some(estimate) if !criterion.shortfalls.is_empty() => {
            format!(
                "; among groups with enough evidence {:.3} {}",
                estimate.difference,
                range(&estimate.interval)
            )
        }
        _ => String::new(),
    };
    format!(
        "{} {:.3} {}, limit {:.3}{among}: {}",
        criterion.criterion.words(),
        all.difference,
        range(&all.interval),
        criterion.limit,
        criterion.verdict
    )
}

fn range(interval: &Interval) -> String {
    format!("[{:.3}, {:.3}]", interval.lower, interval.upper)
}

fn group_table(text: &mut String, report: &AttributeReport, most: usize) {
    let shown = || report.groups.iter().take(most);
    let width = shown()
        .map(|group| group.label.chars().count())
        .chain([5])
        .max()
        .unwrap_or(5);
    let heads = [
        "rows",
        "positives",
        "selected",
        "TPR",
        "FPR",
        "mean score",
        "mean error",
    ];
    let mut head = format!("  {:<width$}", "group");
    heads.iter().for_each(|word| put(&mut head, word));
    line(text, &head);
    for group in shown() {
        let metrics = &group.metrics;
        let optional =
            |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.3}"));
        let mut row = format!("  {:<width$}", group.label);
        put(&mut row, &metrics.count.to_string());
        put(&mut row, &metrics.positives.to_string());
        put(&mut row, &optional(metrics.selection_rate));
        put(&mut row, &format!("{:.3}", metrics.true_positive_rate));
        put(&mut row, &format!("{:.3}", metrics.false_positive_rate));
        put(&mut row, &optional(metrics.mean_score));
        put(&mut row, &optional(metrics.mean_error));
        line(text, &row);
    }
}

fn proxy_tables(text: &mut String, proxies: &ProxyReport) {
    line(text, &format!("\nproxies: {}", proxies.verdict));
    for attribute in &proxies.attributes {
        proxy_table(text, attribute);
    }
    if proxies.offenders.is_empty() {
        return;
    }
    line(text, "  offenders:");
    for offender in &proxies.offenders {
        let cost = offender
            .cost_in_r2
            .map_or("not measured".to_string(), |cost| format!("{cost:.4}"));
        let (feature, attribute, value) = (&offender.feature, &offender.attribute, offender.value);
        line(
            text,
            &format!("    {feature} for {attribute}: {value:.3}; dropping it costs in R2: {cost}"),
        );
    }
}

fn proxy_table(text: &mut String, attribute: &ProxyAttribute) {
    let auc = attribute
        .probe
        .auc
        .map_or("-".to_string(), |auc| format!("{auc:.3}"));
    let allowed = if attribute.insufficient_evidence_allowed {
        " (allowed)"
    } else {
        ""
    };
    line(
        text,
        &format!(
            "  {}: {}{allowed}, probe AUC {auc}",
            attribute.attribute, attribute.verdict
        ),
    );
    for association in attribute.associations.iter().take(ASSOCIATIONS) {
        let value = association
            .value
            .map_or("-".to_string(), |value| format!("{value:.3}"));
        let (feature, measure) = (&association.feature, association.measure.words());
        line(
            text,
            &format!(
                "    {feature}: {measure} {value} over {} rows",
                association.rows
            ),
        );
    }
    let left_out = &attribute.probe.groups_left_out;
    if !left_out.is_empty() {
        line(
            text,
            &format!(
                "    groups too small for the probe: {}",
                left_out.join(", ")
            ),
        );
    }
}

/// A cell of the table, right-aligned under its head.
fn put(row: &mut String, cell: &str) {
    // Writing to a String does not fail.
    let _ = write!(row, " {cell:>10}");
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}
