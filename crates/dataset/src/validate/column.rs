//! Checks and profiles one column over all files. A column is worked on by one core from its first row
//! to its last, so nothing depends on how many cores there are.

use std::collections::BTreeMap;

use millrace_contract::{Column, ColumnType, Role};

use super::bitmap::Bitmap;
use super::profile::{ColumnProfile, Sorted, TopValue, top_words};
use super::table::{Table, TableFile};
use super::text::TextScan;
use super::unreadable::Unreadable;
use crate::convert::{Converter, Mismatch, day_text, wanted_kind};
use crate::error::ValueProblem;
use crate::frame::{MISSING, UNSEEN};
use crate::nearest::nearest;
use crate::source::open::Place;
use crate::{DatasetError, Values};

/// What is wrong with the values of some rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BadValue {
    Missing,
    Unreadable(ValueProblem),
    Infinite,
    OutsideRange([f64; 2]),
    NotAllowed,
    PatternMismatch,
    InFuture,
}

impl BadValue {
    pub(crate) fn words(&self) -> String {
        match self {
            BadValue::Missing => "missing".to_owned(),
            BadValue::Unreadable(problem) => problem.words().to_owned(),
            BadValue::Infinite => "infinite".to_owned(),
            BadValue::OutsideRange([low, high]) => format!("outside {low} to {high}"),
            BadValue::NotAllowed => "not one of the allowed values".to_owned(),
            BadValue::PatternMismatch => "not of the agreed pattern".to_owned(),
            BadValue::InFuture => "later than the run's day and the next".to_owned(),
        }
    }
}

/// What makes a whole column useless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnFault {
    Absent {
        file: String,
        nearest: Option<String>,
    },
    WrongType {
        file: String,
        found: String,
        wanted: &'static str,
    },
}

#[derive(Debug, Default)]
pub(crate) struct ColumnOutcome {
    pub fault: Option<ColumnFault>,
    pub profile: Option<ColumnProfile>,
    pub missing: u64,
    /// Rows with a value that is there and not valid.
    pub invalid: u64,
    pub bad: Vec<(BadValue, Bitmap)>,
    /// Some of the values that are not valid.
    pub examples: Vec<String>,
    /// Of an id: a hash per row, and which rows have none.
    pub hashes: Option<(Vec<u64>, Bitmap)>,
    /// The values as numbers, where rules need them.
    pub kept: Option<Vec<f64>>,
    /// Of the column with the rows' days: all that are possible, in order.
    pub days: Vec<i32>,
}

/// A column ends early: because the data cannot be read at all, or because it is of another kind.
#[derive(Debug)]
pub(crate) enum ScanError {
    Data(DatasetError),
    Kind { file: String, mismatch: Mismatch },
}

impl From<DatasetError> for ScanError {
    fn from(error: DatasetError) -> ScanError {
        ScanError::Data(error)
    }
}

pub(crate) fn check(
    table: &Table,
    name: &str,
    column: &Column,
    keep: bool,
    today: i32,
) -> Result<ColumnOutcome, DatasetError> {
    let mut places = Vec::with_capacity(table.files.len());
    for file in &table.files {
        let place = file.place(name)?;
        if place == Place::Absent {
            let names = file.open.column_names(&file.source);
            return Ok(ColumnOutcome::useless(ColumnFault::Absent {
                file: file.source.uri.clone(),
                nearest: nearest(name, names.iter().map(String::as_str)),
            }));
        }
        places.push(place);
    }
    let is_text = column.column_type == ColumnType::Text || column.role == Role::Id;
    let scanned = match is_text {
        true => TextScan::run(table, &places, name, column),
        false => {
            values(table, &places, column).map(|scan| scan.outcome(column, table, keep, today))
        }
    };
    match scanned {
        Ok(outcome) => Ok(outcome),
        Err(ScanError::Data(error)) => Err(error),
        Err(ScanError::Kind { file, mismatch }) => {
            Ok(ColumnOutcome::useless(ColumnFault::WrongType {
                file,
                found: mismatch.found,
                wanted: wanted_kind(column.column_type),
            }))
        }
    }
}

impl ColumnOutcome {
    fn useless(fault: ColumnFault) -> ColumnOutcome {
        ColumnOutcome {
            fault: Some(fault),
            ..ColumnOutcome::default()
        }
    }
}

/// All values of a column, with what could not be taken.
struct Scan {
    values: Values,
    unreadable: Unreadable,
    examples: Vec<String>,
    unseen: BTreeMap<String, u64>,
}

fn values(table: &Table, places: &[Place], column: &Column) -> Result<Scan, ScanError> {
    let mut scan = Scan {
        values: Values::Number(Vec::new()),
        unreadable: Unreadable::default(),
        examples: Vec::new(),
        unseen: BTreeMap::new(),
    };
    for (file, place) in table.files.iter().zip(places) {
        let mut converter = file.open.converter(column, place, table.rows);
        append(file, place, &mut converter)?;
        for (word, count) in std::mem::take(&mut converter.unseen) {
            *scan.unseen.entry(word).or_default() += count;
        }
        let (values, faults) = converter.take();
        scan.unreadable.add(&faults, file.first_row, table.rows);
        scan.examples
            .extend(faults.texts.into_iter().take(EXAMPLES));
        if file.first_row == 0 && scan.values.is_empty() {
            scan.values = values;
        } else {
            // The converters of one column all give the same kind.
            let _ = scan.values.append(values);
        }
    }
    Ok(scan)
}

fn append(file: &TableFile, place: &Place, converter: &mut Converter<'_>) -> Result<(), ScanError> {
    let kind = |mismatch| ScanError::Kind {
        file: file.source.uri.clone(),
        mismatch,
    };
    match place {
        Place::File(index) => {
            file.for_each_array(*index, |array| converter.append(array).map_err(kind))
        }
        Place::Folder(text) => converter
            .append_same(text.as_deref(), file.rows)
            .map_err(kind),
        Place::Absent => converter.append_same(None, file.rows).map_err(kind),
    }
}

pub(super) const EXAMPLES: usize = 3;
/// A row may be dated the day after the run's: somewhere it is tomorrow already.
const GRACE_DAYS: i32 = 1;

impl Scan {
    fn outcome(mut self, column: &Column, table: &Table, keep: bool, today: i32) -> ColumnOutcome {
        let rows = table.rows;
        let mut outcome = ColumnOutcome {
            examples: std::mem::take(&mut self.examples),
            ..ColumnOutcome::default()
        };
        outcome.examples.truncate(EXAMPLES);
        let unreadable_rows = self.unreadable.count();
        let missing = self.missing(rows, column.nullable);
        outcome.missing = missing.0;
        outcome.invalid = unreadable_rows;
        outcome
            .bad
            .extend(missing.1.map(|rows| (BadValue::Missing, rows)));
        outcome
            .bad
            .extend(std::mem::take(&mut self.unreadable).into_bad());
        let mut profile = ColumnProfile {
            column_type: column.column_type,
            count: rows as u64,
            missing: outcome.missing,
            unreadable: unreadable_rows,
            infinite: 0,
            distinct: 0,
            distinct_is_exact: true,
            numbers: None,
            days: None,
            top_values: Vec::new(),
        };
        match self.values {
            Values::Number(values) => numbers(values, column, keep, &mut outcome, &mut profile),
            Values::Code(codes) => {
                words(
                    codes,
                    &self.unseen,
                    column,
                    keep,
                    &mut outcome,
                    &mut profile,
                );
            }
            Values::Day(days) => {
                // Only the row's own day cannot lie ahead: a contract may well end next year.
                let latest = (column.role == Role::Date).then_some(today + GRACE_DAYS);
                self::days(days, keep, latest, &mut outcome, &mut profile);
            }
            Values::Text(_) => {}
        }
        outcome.profile = Some(profile);
        outcome
    }

    /// How many values are missing, and the rows if they may not be.
    fn missing(&self, rows: usize, nullable: bool) -> (u64, Option<Bitmap>) {
        let is_missing: Box<dyn Fn(usize) -> bool + '_> = match &self.values {
            Values::Number(values) => Box::new(|row| values[row].is_nan()),
            Values::Code(values) => Box::new(|row| values[row] == MISSING),
            Values::Text(values) => Box::new(|row| values[row].is_none()),
            Values::Day(values) => Box::new(|row| values[row].is_none()),
        };
        let missing = (0..self.values.len())
            .filter(|row| is_missing(*row) && !self.unreadable.contains(*row));
        if nullable {
            return (missing.count() as u64, None);
        }
        let mut found = None;
        for row in missing {
            found.get_or_insert_with(|| Bitmap::new(rows)).insert(row);
        }
        (found.as_ref().map_or(0, Bitmap::count), found)
    }
}

fn numbers(
    values: Vec<f64>,
    column: &Column,
    keep: bool,
    outcome: &mut ColumnOutcome,
    profile: &mut ColumnProfile,
) {
    let rows = values.len();
    let mut infinite = None;
    let mut outside = None;
    let [low, high] = column.range.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
    for (row, value) in values.iter().enumerate() {
        // False for NaN too: what is missing is no outlier.
        let wrong = *value < low || *value > high || value.is_infinite();
        if !wrong {
            continue;
        }
        let kind = if value.is_infinite() {
            &mut infinite
        } else {
            &mut outside
        };
        kind.get_or_insert_with(|| Bitmap::new(rows)).insert(row);
        if outcome.examples.len() < EXAMPLES {
            outcome.examples.push(value.to_string());
        }
    }
    let finite: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    profile.infinite = infinite.as_ref().map_or(0, Bitmap::count);
    outcome.invalid += profile.infinite + outside.as_ref().map_or(0, Bitmap::count);
    outcome
        .bad
        .extend(infinite.map(|rows| (BadValue::Infinite, rows)));
    outcome
        .bad
        .extend(outside.map(|rows| (BadValue::OutsideRange([low, high]), rows)));
    outcome.kept = keep.then_some(values);
    let sorted = Sorted::of(finite);
    profile.distinct = sorted.distinct;
    profile.numbers = sorted.numbers;
    let text = |value: f64| match column.column_type {
        ColumnType::Boolean => (value != 0.0).to_string(),
        _ => value.to_string(),
    };
    profile.top_values = top_numbers(&sorted.top, text);
}

fn words(
    codes: Vec<i32>,
    unseen: &BTreeMap<String, u64>,
    column: &Column,
    keep: bool,
    outcome: &mut ColumnOutcome,
    profile: &mut ColumnProfile,
) {
    let mut counts = vec![0u64; column.values.len()];
    let mut not_allowed = None;
    for (row, code) in codes.iter().enumerate() {
        if let Some(count) = usize::try_from(*code)
            .ok()
            .and_then(|code| counts.get_mut(code))
        {
            *count += 1;
        } else if *code == UNSEEN {
            not_allowed
                .get_or_insert_with(|| Bitmap::new(codes.len()))
                .insert(row);
        }
    }
    let listed = column
        .values
        .iter()
        .map(String::as_str)
        .zip(counts.iter().copied());
    let others = unseen.iter().map(|(word, count)| (word.as_str(), *count));
    profile.top_values = top_words(listed.chain(others));
    let used = counts.iter().filter(|count| **count > 0).count();
    profile.distinct = (used + unseen.len()) as u64;
    let unseen_rows = not_allowed.as_ref().map_or(0, Bitmap::count);
    profile.distinct_is_exact = unseen.values().sum::<u64>() == unseen_rows;
    outcome
        .examples
        .extend(unseen.keys().take(EXAMPLES).cloned());
    outcome.invalid += unseen_rows;
    outcome
        .bad
        .extend(not_allowed.map(|rows| (BadValue::NotAllowed, rows)));
    let number = |code: i32| if code < 0 { f64::NAN } else { f64::from(code) };
    outcome.kept = keep.then(|| codes.into_iter().map(number).collect());
}

fn days(
    days: Vec<Option<i32>>,
    keep: bool,
    latest: Option<i32>,
    outcome: &mut ColumnOutcome,
    profile: &mut ColumnProfile,
) {
    let ahead = in_future(&days, latest);
    if let Some(rows) = &ahead {
        outcome.invalid += rows.count();
        let some = rows.iter().take(EXAMPLES).filter_map(|row| days[row]);
        outcome.examples.extend(some.map(day_text));
    }
    let numbers: Vec<f64> = days
        .iter()
        .map(|day| day.map_or(f64::NAN, f64::from))
        .collect();
    let sorted = Sorted::of(
        numbers
            .iter()
            .copied()
            .filter(|day| !day.is_nan())
            .collect(),
    );
    profile.distinct = sorted.distinct;
    let text = |day: f64| day_text(day as i32);
    profile.top_values = top_numbers(&sorted.top, text);
    profile.days = sorted
        .numbers
        .map(|numbers| [text(numbers.minimum), text(numbers.maximum)]);
    outcome.days = latest.map_or(Vec::new(), |latest| possible(&days, latest));
    let bad = ahead.map(|rows| (BadValue::InFuture, rows));
    outcome.bad.extend(bad);
    outcome.kept = keep.then_some(numbers);
}

/// The rows whose day lies after the latest possible one.
fn in_future(days: &[Option<i32>], latest: Option<i32>) -> Option<Bitmap> {
    let latest = latest?;
    let mut found = None;
    for (row, day) in days.iter().enumerate() {
        if day.is_some_and(|day| day > latest) {
            found
                .get_or_insert_with(|| Bitmap::new(days.len()))
                .insert(row);
        }
    }
    found
}

/// The days up to the latest possible one, in order.
fn possible(days: &[Option<i32>], latest: i32) -> Vec<i32> {
    let days = days.iter().flatten().copied();
    let mut days: Vec<i32> = days.filter(|day| *day <= latest).collect();
    days.sort_unstable();
    days
}

fn top_numbers(top: &[(f64, u64)], text: impl Fn(f64) -> String) -> Vec<TopValue> {
    let repeated = top.iter().filter(|(_, count)| *count > 1);
    let top = repeated.map(|(value, count)| TopValue {
        value: text(*value),
        count: *count,
    });
    top.collect()
}
