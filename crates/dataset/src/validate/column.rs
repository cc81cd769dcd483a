//! Checks and profiles one column over all files. A column is worked on by one core from its first row
//! to its last, so nothing depends on how many cores there are.

use std::collections::BTreeMap;

use millrace_contract::{Column, ColumnType, Role};

use super::bitmap::Bitmap;
use super::kept::Kept;
use super::kinds::Kind;
use super::pile::Pile;
use super::profile::ColumnProfile;
use super::room::Room;
use super::table::{Table, TableFile};
use super::text::TextScan;
use super::unreadable::Unreadable;
use crate::convert::{Converter, Faults, Mismatch, wanted_kind};
use crate::error::ValueProblem;
use crate::frame::MISSING;
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
    pub hashes: Option<(Pile<u64>, Bitmap)>,
    /// The values as numbers, where rules need them.
    pub kept: Option<Kept>,
    /// Of the column with the rows' days: how many rows each possible one has.
    pub days: BTreeMap<i32, u64>,
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

/// What a column is checked with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Means {
    pub room: Room,
    /// Whether rules read it, and how many columns they read.
    pub in_rules: Option<usize>,
    pub today: i32,
}

pub(crate) fn check(
    table: &Table,
    name: &str,
    column: &Column,
    means: Means,
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
        true => TextScan::run(table, &places, name, column, means.room),
        false => values(table, &places, column, means),
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

pub(super) const EXAMPLES: usize = 3;
/// A row may be dated the day after the run's: somewhere it is tomorrow already.
const GRACE_DAYS: i32 = 1;

/// What is known of a column after some of its rows.
struct Scan<'a> {
    column: &'a Column,
    /// All rows of the table, and the number of the next.
    rows: usize,
    next: usize,
    kind: Kind,
    kept: Option<Kept>,
    missing: u64,
    /// The rows, if they may not be missing.
    missing_rows: Option<Bitmap>,
    unreadable: Unreadable,
    examples: Vec<String>,
    unseen: BTreeMap<String, u64>,
}

fn values(
    table: &Table,
    places: &[Place],
    column: &Column,
    means: Means,
) -> Result<ColumnOutcome, ScanError> {
    // Only the row's own day cannot lie ahead: a contract may well end next year.
    let latest = (column.role == Role::Date).then_some(means.today + GRACE_DAYS);
    let mut scan = Scan {
        column,
        rows: table.rows,
        next: 0,
        kind: Kind::new(column, means.room, latest),
        kept: means
            .in_rules
            .map(|columns| Kept::new(means.room.kept(columns))),
        missing: 0,
        missing_rows: None,
        unreadable: Unreadable::default(),
        examples: Vec::new(),
        unseen: BTreeMap::new(),
    };
    for (file, place) in table.files.iter().zip(places) {
        scan.file(file, place)?;
    }
    Ok(scan.outcome()?)
}

impl Scan<'_> {
    fn file(&mut self, file: &TableFile, place: &Place) -> Result<(), ScanError> {
        let kind = |mismatch| ScanError::Kind {
            file: file.source.uri.clone(),
            mismatch,
        };
        let mut converter = file.open.converter(self.column, place, 0);
        match place {
            Place::File(index) => file.for_each_array(*index, |array| {
                converter.append(array).map_err(kind)?;
                Ok::<(), ScanError>(self.take(&mut converter)?)
            })?,
            Place::Folder(text) => self.same(file, text.as_deref(), &mut converter)?,
            Place::Absent => self.same(file, None, &mut converter)?,
        }
        for (word, count) in std::mem::take(&mut converter.unseen) {
            *self.unseen.entry(word).or_default() += count;
        }
        Ok(())
    }

    /// The value of a folder's name, in all rows of the file.
    fn same(
        &mut self,
        file: &TableFile,
        text: Option<&str>,
        converter: &mut Converter<'_>,
    ) -> Result<(), ScanError> {
        for rows in file.row_steps() {
            converter
                .append_same(text, rows)
                .map_err(|mismatch| ScanError::Kind {
                    file: file.source.uri.clone(),
                    mismatch,
                })?;
            self.take(converter)?;
        }
        Ok(())
    }

    fn take(&mut self, converter: &mut Converter<'_>) -> Result<(), DatasetError> {
        let (values, faults) = converter.take();
        self.rows(&values, faults)
    }

    /// The next rows of the column.
    fn rows(&mut self, values: &Values, faults: Faults) -> Result<(), DatasetError> {
        let first = self.next;
        self.unreadable.add(&faults, first, self.rows);
        let room = EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(faults.texts.into_iter().take(room));
        for row in missing(values) {
            if self.unreadable.contains(first + row) {
                continue;
            }
            self.missing += 1;
            if !self.column.nullable {
                let rows = self.rows;
                self.missing_rows
                    .get_or_insert_with(|| Bitmap::new(rows))
                    .insert(first + row);
            }
        }
        self.kind.rows(values, first, self.rows);
        if let Some(kept) = &mut self.kept {
            match values {
                Values::Number(values) => kept.add(values.iter().copied())?,
                Values::Code(codes) => kept.add(codes.iter().map(|code| number_of(*code)))?,
                Values::Day(days) => {
                    kept.add(days.iter().map(|day| day.map_or(f64::NAN, f64::from)))?;
                }
                Values::Text(_) => {}
            }
        }
        self.next += values.len();
        Ok(())
    }

    fn outcome(mut self) -> Result<ColumnOutcome, DatasetError> {
        let unreadable_rows = self.unreadable.count();
        let mut outcome = ColumnOutcome {
            examples: self.examples,
            missing: self.missing,
            invalid: unreadable_rows,
            ..ColumnOutcome::default()
        };
        let missing = self.missing_rows.take();
        outcome
            .bad
            .extend(missing.map(|rows| (BadValue::Missing, rows)));
        outcome.bad.extend(self.unreadable.into_bad());
        let mut profile = ColumnProfile {
            column_type: self.column.column_type,
            count: self.rows as u64,
            missing: self.missing,
            unreadable: unreadable_rows,
            infinite: 0,
            distinct: 0,
            distinct_is_exact: true,
            numbers: None,
            days: None,
            top_values: Vec::new(),
        };
        self.kind
            .finish(self.column, &self.unseen, &mut outcome, &mut profile)?;
        outcome.profile = Some(profile);
        if let Some(kept) = &mut self.kept {
            kept.settle()?;
        }
        outcome.kept = self.kept;
        Ok(outcome)
    }
}

/// The positions of missing values, those that could not be taken among them.
fn missing(values: &Values) -> Box<dyn Iterator<Item = usize> + '_> {
    fn places<'a, T>(
        values: &'a [T],
        is_missing: impl Fn(&T) -> bool + 'a,
    ) -> Box<dyn Iterator<Item = usize> + 'a> {
        let found = values.iter().enumerate();
        Box::new(found.filter_map(move |(row, value)| is_missing(value).then_some(row)))
    }
    match values {
        Values::Number(values) => places(values, |value| value.is_nan()),
        Values::Code(values) => places(values, |code| *code == MISSING),
        Values::Text(values) => places(values, Option::is_none),
        Values::Day(values) => places(values, Option::is_none),
    }
}

/// A word's code as rules see it.
fn number_of(code: i32) -> f64 {
    if code < 0 { f64::NAN } else { f64::from(code) }
}
