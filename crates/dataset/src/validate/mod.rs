//! Checks a data set against its contract, in one pass: what is bad, how bad, and what all of it is like.

mod aside;
mod bitmap;
mod column;
mod compare;
mod hash;
mod judge;
mod kept;
mod kinds;
mod pile;
mod profile;
mod quarantine;
mod quarantined;
mod render;
mod report;
mod room;
mod rows;
mod rules;
mod score;
mod sort;
mod table;
mod text;
mod unique;
mod unreadable;
mod walk;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use millrace_contract::stages::{DataVerdict, Purpose};
use millrace_contract::{Column, Contract, Expression};
use rayon::prelude::*;

use crate::error::shown;
use crate::{DatasetError, Exclusions, Intent, Source};
use bitmap::Bitmap;
use column::{ColumnOutcome, Means};
use kept::Kept;
use quarantine::Reason;
use rules::RuleOutcome;
use table::Table;
use unique::{Ids, Repeated};

pub use profile::{
    ColumnProfile, Histogram, NumberProfile, Profile, QUANTILES, Quantile, TopValue,
};
pub use quarantine::BadRows;
pub use quarantined::{Quarantined, for_each_quarantined};
pub use report::{
    ColumnProblem, ColumnReport, Comparison, Families, FreshnessReport, QualityReport, Refusal,
    RefusalName, RuleReport, Shift, UniquenessReport,
};
pub use room::Room;

/// Where the bad rows lie, seen from the place of the report.
pub const QUARANTINE: &str = "quarantine/rows.parquet";

/// The outcome of a validation.
#[derive(Debug, PartialEq)]
pub struct Validation {
    pub report: QualityReport,
    pub profile: Profile,
    /// The bad rows, for `Request::without`.
    pub exclusions: Exclusions,
    /// The bad rows as Parquet, with what is wrong with each; absent when every row is good.
    pub quarantine: Option<BadRows>,
}

/// What was found, before it is judged.
struct Findings<'a> {
    contract: &'a Contract,
    purpose: Purpose,
    /// Targets that are there and were not looked at.
    ignored_targets: Vec<&'a str>,
    /// Targets that are not there, where any could be meant.
    absent_targets: Vec<&'a str>,
    now: Timestamp,
    table: Table,
    columns: Vec<(&'a str, &'a Column, ColumnOutcome)>,
    rules: Vec<RuleOutcome>,
    repeated: Repeated,
    /// Columns that the contract does not have, in files and in the names of folders.
    extra_columns: Vec<String>,
    extra_folders: Vec<String>,
}

/// Reads all columns of the contract once and says what is wrong. Data that must not be used gives a
/// report with the verdict `Refused`; an error means that it could not be read or judged at all.
///
/// `now` is the run's time, which freshness is measured against. For scoring no target is looked at, for training
/// only the one that is to be learned. Columns that the contract does not have are only reported when scoring.
pub fn validate<'a>(
    source: &Source,
    contract: &Contract,
    intent: impl Into<Intent<'a>>,
    now: Timestamp,
    reference: Option<&Profile>,
) -> Result<Validation, DatasetError> {
    validate_within(source, contract, intent.into(), now, reference, Room::USUAL)
}

/// The same in as much memory as there is room for. How much that is changes nothing in what is found.
pub fn validate_within<'a>(
    source: &Source,
    contract: &Contract,
    intent: impl Into<Intent<'a>>,
    now: Timestamp,
    reference: Option<&Profile>,
    room: Room,
) -> Result<Validation, DatasetError> {
    let expressions = rules::parse(contract)?;
    let table = Table::open(source, contract, room)?;
    if table.rows == 0 {
        return Err(source.empty());
    }
    let findings = find(table, contract, intent.into(), now, &expressions, room)?;
    let reasons = findings.reasons();
    let mut bad = Bitmap::new(findings.table.rows);
    reasons.iter().for_each(|reason| bad.add_all(&reason.rows));
    let profile = findings.profile();
    let comparison = reference.map(|reference| compare::compare(&profile, reference));
    let report = judge::judge(source, &findings, &bad, comparison);
    let quarantine = match bad.count() {
        0 => None,
        _ => Some(quarantine::write(&findings.table, &bad, &reasons)?),
    };
    Ok(Validation {
        report,
        profile,
        exclusions: findings.exclusions(&bad),
        quarantine,
    })
}

/// The day of a time in UTC, from 1970-01-01.
fn day_number(time: Timestamp) -> i32 {
    // A timestamp ends in the year 9999, far from the end of an i32.
    i32::try_from(time.as_second().div_euclid(86_400)).unwrap_or(i32::MAX)
}

fn find<'a>(
    table: Table,
    contract: &'a Contract,
    intent: Intent<'_>,
    now: Timestamp,
    expressions: &[Expression],
    room: Room,
) -> Result<Findings<'a>, DatasetError> {
    let targets = Targets::of(&table, contract, intent);
    let in_rules: HashSet<&str> = expressions
        .iter()
        .flat_map(Expression::columns)
        .map(String::as_str)
        .collect();
    let today = day_number(now);
    let columns: Vec<(&str, &Column)> = contract
        .columns
        .iter()
        .map(|(name, column)| (name.as_str(), column))
        .filter(|(name, column)| intent.looks_at(name, column, targets.must_be_there(name)))
        .collect();
    let columns = columns
        .into_par_iter()
        .map(|(name, column)| {
            let means = Means {
                room,
                in_rules: in_rules.contains(name).then_some(in_rules.len()),
                today,
            };
            let outcome = column::check(&table, name, column, means)?;
            Ok((name, column, outcome))
        })
        .collect::<Result<Vec<_>, DatasetError>>()?;
    let kept: HashMap<&str, &Kept> = columns
        .iter()
        .filter_map(|(name, _, outcome)| Some((*name, outcome.kept.as_ref()?)))
        .collect();
    let rules = rules::check(expressions, &kept, table.rows)?;
    let mut repeated = Repeated::default();
    for (name, column, outcome) in &columns {
        if let Some((hashes, missing)) = &outcome.hashes {
            let ids = Ids {
                name,
                column,
                hashes,
                missing,
            };
            repeated = unique::repeated(&table, ids, room)?;
        }
    }
    let (extra_columns, extra_folders) = extra(&table, contract);
    Ok(Findings {
        contract,
        purpose: intent.purpose,
        ignored_targets: targets.ignored,
        absent_targets: match intent.target {
            Some(_) => Vec::new(),
            None => targets.absent,
        },
        now,
        table,
        columns,
        rules,
        repeated,
        extra_columns,
        extra_folders,
    })
}

/// The targets of the contract by what becomes of them.
struct Targets<'a> {
    /// There, and not looked at.
    ignored: Vec<&'a str>,
    /// Not there, and not asked for.
    absent: Vec<&'a str>,
}

impl<'a> Targets<'a> {
    fn of(table: &Table, contract: &'a Contract, intent: Intent<'_>) -> Targets<'a> {
        let is_there = |target: &str| {
            let mut files = table.files.iter();
            files.any(|file| file.open.names().contains(&target))
        };
        let (there, mut absent): (Vec<&str>, Vec<&str>) =
            contract.targets().partition(|t| is_there(t));
        let asked = |target: &&str| {
            let column = &contract.columns[*target];
            intent.looks_at(target, column, true)
        };
        // With nothing to be learned at all, what is missing is said.
        if there.is_empty() || intent.target.is_some() {
            absent.retain(|target| !asked(target));
        }
        let ignored = there.into_iter().filter(|target| !asked(target));
        Targets {
            ignored: ignored.collect(),
            absent,
        }
    }

    fn must_be_there(&self, name: &str) -> bool {
        !self.absent.contains(&name)
    }
}

/// Columns that the contract does not have: of files, and of folders' names.
fn extra(table: &Table, contract: &Contract) -> (Vec<String>, Vec<String>) {
    let mut of_files = indexmap::IndexSet::new();
    let mut of_folders = indexmap::IndexSet::new();
    for file in &table.files {
        of_files.extend(file.open.names().into_iter().map(str::to_owned));
        of_folders.extend(file.source.partitions.iter().map(|(name, _)| name.clone()));
    }
    let unknown = |name: &String| !contract.columns.contains_key(name);
    of_folders.retain(|name| unknown(name) && !of_files.contains(name));
    of_files.retain(unknown);
    // From here on they are only told, and others chose them.
    let told = |names: indexmap::IndexSet<String>| names.iter().map(|name| shown(name)).collect();
    (told(of_files), told(of_folders))
}

impl Findings<'_> {
    /// Everything that makes rows bad, in the order of the contract.
    fn reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for (name, _, outcome) in &self.columns {
            for (bad, rows) in &outcome.bad {
                reasons.push(Reason {
                    words: format!("{name}: {}", bad.words()),
                    rows: rows.clone(),
                });
            }
        }
        for (rule, outcome) in self.contract.rules.iter().zip(&self.rules) {
            reasons.push(Reason {
                words: format!("rule `{}` is broken", rule.name),
                rows: outcome.violated.clone(),
            });
        }
        let id = self.contract.id().unwrap_or("id");
        reasons.push(Reason {
            words: format!("{id}: repeats that of an earlier row"),
            rows: self.repeated.ids.clone(),
        });
        reasons.push(Reason {
            words: "the whole row repeats an earlier one".to_owned(),
            rows: self.repeated.rows.clone(),
        });
        reasons.retain(|reason| reason.rows.count() > 0);
        reasons
    }

    fn profile(&self) -> Profile {
        let columns = self.columns.iter();
        let columns = columns
            .filter_map(|(name, _, outcome)| Some(((*name).to_owned(), outcome.profile.clone()?)));
        Profile {
            contract: self.contract.name.clone(),
            contract_version: self.contract.version,
            rows: self.table.rows as u64,
            columns: columns.collect(),
        }
    }

    fn exclusions(&self, bad: &Bitmap) -> Exclusions {
        let mut exclusions = Exclusions::default();
        for row in bad.iter() {
            let (file, row) = self.table.locate(row);
            if let Some(file) = self.table.files.get(file) {
                let rows = exclusions
                    .files
                    .entry(file.source.name.clone())
                    .or_default();
                rows.push(row as u64);
            }
        }
        exclusions
    }
}
