//! From what was found to a verdict and its report.

use millrace_contract::{Column, Role};

use super::bitmap::Bitmap;
use super::column::{ColumnFault, ColumnOutcome};
use super::report::{
    ColumnProblem, ColumnReport, Comparison, FreshnessReport, QualityReport, Refusal, RefusalName,
    RuleReport, UniquenessReport,
};
use super::score::Counts;
use super::{DataVerdict, Findings, Purpose, day_number};
use crate::Source;
use crate::convert::day_text;
use crate::error::shown;

/// As many names as a sentence has room for.
const NAMES_TOLD: usize = 20;

fn ignored_files(source: &Source) -> Vec<String> {
    source.ignored().iter().map(|name| shown(name)).collect()
}

fn some(names: &[String]) -> String {
    let told = names.iter().take(NAMES_TOLD).map(String::as_str);
    let told = told.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

pub(super) fn judge(
    source: &Source,
    findings: &Findings<'_>,
    bad: &Bitmap,
    comparison: Option<Comparison>,
) -> QualityReport {
    let contract = findings.contract;
    let rows_read = findings.table.rows as u64;
    let rows_quarantined = bad.count();
    let freshness = findings.freshness();
    let counts = findings.counts(freshness.as_ref());
    let families = counts.families(contract);
    let quality_score = families.score();
    let mut refusals = findings.refusals(freshness.as_ref());
    let limits = &contract.limits;
    let bad_share = rows_quarantined as f64 / rows_read as f64;
    if bad_share > limits.maximum_bad_row_share {
        refusals.push(Refusal {
            name: RefusalName::TooManyBadRows,
            detail: format!(
                "{} of the rows are bad, at most {} may be",
                percent(bad_share),
                percent(limits.maximum_bad_row_share)
            ),
        });
    } else if rows_quarantined == rows_read {
        refusals.push(Refusal {
            name: RefusalName::TooManyBadRows,
            detail: "every row is bad: none is left".to_owned(),
        });
    }
    if quality_score < limits.minimum_quality {
        refusals.push(Refusal {
            name: RefusalName::LowQuality,
            detail: format!(
                "the quality score is {quality_score:.4}, at least {} is wanted",
                limits.minimum_quality
            ),
        });
    }
    let verdict = match refusals.is_empty() {
        true => DataVerdict::Accepted,
        false => DataVerdict::Refused,
    };
    QualityReport {
        contract: contract.name.clone(),
        contract_version: contract.version,
        data: source.uri().to_owned(),
        purpose: findings.purpose,
        checked_at: findings.now,
        verdict,
        refusals,
        quality_score,
        minimum_quality: limits.minimum_quality,
        families,
        files: source.files().len() as u64,
        ignored_files: ignored_files(source),
        rows_read,
        rows_accepted: rows_read - rows_quarantined,
        rows_quarantined,
        columns: findings.columns.iter().map(column_report).collect(),
        rules: findings.rule_reports(),
        uniqueness: UniquenessReport {
            repeated_ids: findings.repeated.ids.count(),
            repeated_rows: findings.repeated.rows.count(),
        },
        notes: findings.notes(freshness.as_ref(), source),
        freshness,
        extra_columns: [&findings.extra_columns[..], &findings.extra_folders[..]].concat(),
        comparison,
    }
}

pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    // A share that is not zero shall not look like zero.
    let decimals = if percent > 0.0 && percent < 0.1 { 4 } else { 1 };
    format!("{percent:.decimals$}%")
}

fn column_report((name, column, outcome): &(&str, &Column, ColumnOutcome)) -> ColumnReport {
    let problems = outcome.bad.iter().map(|(bad, rows)| ColumnProblem {
        problem: bad.words(),
        rows: rows.count(),
    });
    ColumnReport {
        name: (*name).to_owned(),
        column_type: column.column_type,
        nullable: column.nullable,
        missing: outcome.missing,
        invalid: outcome.invalid,
        problems: problems.collect(),
        examples: outcome.examples.clone(),
    }
}

impl Findings<'_> {
    fn counts(&self, freshness: Option<&FreshnessReport>) -> Counts {
        let rows = self.table.rows as u64;
        let mut counts = Counts {
            rows,
            columns: self.columns.len() as u64,
            rules: self.rules.len() as u64,
            violations: self.rules.iter().map(|rule| rule.violated.count()).sum(),
            repeated_rows: self.repeated.ids.count() + self.repeated.rows.count(),
            age_days: freshness.map(|freshness| freshness.age_days),
            ..Counts::default()
        };
        for (_, _, outcome) in &self.columns {
            match &outcome.fault {
                Some(ColumnFault::Absent { .. }) => counts.missing_cells += rows,
                Some(ColumnFault::WrongType { .. }) => counts.invalid_cells += rows,
                None => {
                    counts.missing_cells += outcome.missing;
                    counts.invalid_cells += outcome.invalid;
                }
            }
        }
        counts
    }

    fn freshness(&self) -> Option<FreshnessReport> {
        let mut columns = self.columns.iter();
        let (_, _, dates) = columns.find(|(_, column, _)| column.role == Role::Date)?;
        let (newest, _) = dates.days.last_key_value()?;
        let quantile = self.contract.limits.freshness_quantile;
        let rows: u64 = dates.days.values().sum();
        let place = ((rows - 1) as f64 * quantile) as u64;
        // One row of another day than the rest, older or newer, says nothing of the data.
        let mut up_to = 0;
        let (bulk, _) = dates.days.iter().find(|(_, count)| {
            up_to += **count;
            place < up_to
        })?;
        let (newest, bulk) = (*newest, *bulk);
        Some(FreshnessReport {
            newest_day: day_text(newest),
            quantile,
            bulk_day: day_text(bulk),
            age_days: i64::from(day_number(self.now)) - i64::from(bulk),
            maximum_age_days: self.contract.limits.maximum_age_days,
        })
    }

    /// What makes the data as a whole unfit, apart from the number of bad rows and the score.
    fn refusals(&self, freshness: Option<&FreshnessReport>) -> Vec<Refusal> {
        let mut refusals: Vec<Refusal> = self
            .columns
            .iter()
            .filter_map(|(name, column, outcome)| self.column_refusal(name, column, outcome))
            .collect();
        if self.purpose == Purpose::Training && !self.extra_columns.is_empty() {
            refusals.push(Refusal {
                name: RefusalName::UnexpectedColumn,
                detail: format!(
                    "training data may hold only what the contract describes; add to it, or remove: {}",
                    some(&self.extra_columns)
                ),
            });
        }
        let stale = freshness.and_then(|freshness| {
            let maximum = freshness.maximum_age_days?;
            (freshness.age_days > i64::from(maximum)).then_some((freshness, maximum))
        });
        if let Some((freshness, maximum)) = stale {
            refusals.push(Refusal {
                name: RefusalName::Stale,
                detail: format!(
                    "{} of the rows are of {} or earlier, {} days ago, at most {maximum} are allowed",
                    percent(freshness.quantile), freshness.bulk_day, freshness.age_days
                ),
            });
        }
        refusals
    }

    fn column_refusal(
        &self,
        name: &str,
        column: &Column,
        outcome: &ColumnOutcome,
    ) -> Option<Refusal> {
        let refusal = |name, detail| Some(Refusal { name, detail });
        match &outcome.fault {
            Some(ColumnFault::Absent { file, nearest }) => {
                let hint = nearest.as_ref();
                let hint = hint.map_or(String::new(), |name| format!(" (the nearest is `{name}`)"));
                let detail = format!("`{name}` is not in {file}{hint}");
                return refusal(RefusalName::MissingColumn, detail);
            }
            Some(ColumnFault::WrongType {
                file,
                found,
                wanted,
            }) => {
                let detail = format!("`{name}` holds {found} in {file}, {wanted} are wanted");
                return refusal(RefusalName::WrongType, detail);
            }
            None => {}
        }
        let rows = self.table.rows as u64;
        if column.role == Role::Target && outcome.missing == rows {
            let detail = format!("`{name}`, the target, is missing in every row");
            return refusal(RefusalName::NoTarget, detail);
        }
        let share = outcome.missing as f64 / rows as f64;
        let allowed = self.contract.limits.maximum_missing_share;
        if column.nullable && share > allowed {
            let detail = format!(
                "`{name}` is missing in {} of the rows, at most {} is allowed",
                percent(share),
                percent(allowed)
            );
            return refusal(RefusalName::TooMuchMissing, detail);
        }
        None
    }

    fn notes_on_targets(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let names = |targets: &[&str]| {
            let names: Vec<String> = targets.iter().map(|name| (*name).to_owned()).collect();
            some(&names)
        };
        match (&self.ignored_targets[..], self.purpose) {
            ([], _) => {}
            ([_], Purpose::Scoring) => {
                notes.push("the target is there and is not looked at when scoring".to_owned());
            }
            (all, Purpose::Scoring) => notes.push(format!(
                "the targets are there and are not looked at when scoring: {}",
                names(all)
            )),
            (others, Purpose::Training) => notes.push(format!(
                "targets that are not learned here and not looked at: {}",
                names(others)
            )),
        }
        if self.purpose == Purpose::Training && !self.absent_targets.is_empty() {
            notes.push(format!(
                "targets that are not there, and cannot be learned from this data: {}",
                names(&self.absent_targets)
            ));
        }
        notes
    }

    fn rule_reports(&self) -> Vec<RuleReport> {
        let rules = self.contract.rules.iter().zip(&self.rules);
        rules
            .map(|(rule, outcome)| RuleReport {
                name: rule.name.clone(),
                expression: rule.expression.clone(),
                violated: outcome.violated.count(),
                unknown: outcome.unknown,
            })
            .collect()
    }

    fn notes(&self, freshness: Option<&FreshnessReport>, source: &Source) -> Vec<String> {
        let mut notes = Vec::new();
        if self.purpose == Purpose::Scoring && !self.extra_columns.is_empty() {
            notes.push(format!(
                "not in the contract and not used: {}",
                some(&self.extra_columns)
            ));
        }
        if !self.extra_folders.is_empty() {
            notes.push(format!(
                "folders that are not used as columns: {}",
                some(&self.extra_folders)
            ));
        }
        notes.extend(self.notes_on_targets());
        if let Some(freshness) = freshness.filter(|freshness| freshness.age_days < 0) {
            notes.push(format!(
                "the day of most rows, {}, is tomorrow",
                freshness.bulk_day
            ));
        }
        if !source.ignored().is_empty() {
            notes.push(format!(
                "files of no known kind, not read: {}",
                some(&ignored_files(source))
            ));
        }
        notes
    }
}
