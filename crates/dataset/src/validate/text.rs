//! Checks and profiles columns of text and ids, without keeping the texts.

use std::collections::HashMap;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use millrace_contract::{Column, ColumnType, Role};
use regex::Regex;

use super::bitmap::Bitmap;
use super::column::{BadValue, ColumnOutcome, EXAMPLES, ScanError};
use super::hash::hash;
use super::pile::Pile;
use super::profile::{ColumnProfile, top_words};
use super::room::Room;
use super::table::Table;
use super::unreadable::Unreadable;
use crate::convert::{Converter, texts_of};
use crate::error::shown;
use crate::source::open::Place;
use crate::{DatasetError, Values};

/// Beyond this many different texts there are no top values.
const COUNTED_TEXTS: usize = 10_000;

pub(super) struct TextScan {
    rows: usize,
    /// A hash for each row so far; 0 where the text is missing.
    hashes: Pile<u64>,
    missing: Bitmap,
    pattern: Option<Regex>,
    mismatched: Option<Bitmap>,
    unreadable: Unreadable,
    examples: Vec<String>,
    /// Of columns other than ids, as long as there are not too many.
    counts: Option<HashMap<String, u64>>,
}

impl TextScan {
    pub(super) fn run(
        table: &Table,
        places: &[Place],
        name: &str,
        column: &Column,
        room: Room,
    ) -> Result<ColumnOutcome, ScanError> {
        let mut scan = TextScan {
            rows: table.rows,
            hashes: Pile::new(room.values()),
            missing: Bitmap::new(table.rows),
            pattern: whole_pattern(name, column)?,
            mismatched: None,
            unreadable: Unreadable::default(),
            examples: Vec::new(),
            counts: (column.role != Role::Id).then(HashMap::new),
        };
        for (file, place) in table.files.iter().zip(places) {
            let kind = |mismatch| ScanError::Kind {
                file: file.source.uri.clone(),
                mismatch,
            };
            // Whole numbers take the form in which they are compared; texts stay where they are.
            let mut converter = file.open.converter(column, place, 0);
            match place {
                Place::File(index) if column.column_type == ColumnType::Text => {
                    file.for_each_array(*index, |array| scan.take(array).map_err(kind))?;
                }
                Place::File(index) => file.for_each_array(*index, |array| {
                    converter.append(array).map_err(kind)?;
                    scan.take_converted(&mut converter);
                    Ok::<(), ScanError>(())
                })?,
                Place::Folder(text) => {
                    for rows in file.row_steps() {
                        converter.append_same(text.as_deref(), rows).map_err(kind)?;
                        scan.take_converted(&mut converter);
                    }
                }
                Place::Absent => {}
            }
        }
        Ok(scan.outcome(column)?)
    }

    fn take(&mut self, array: &ArrayRef) -> Result<(), crate::convert::Mismatch> {
        if array.data_type() == &DataType::Null {
            (0..array.len()).for_each(|_| self.visit(None));
            return Ok(());
        }
        texts_of(array, |text| self.visit(text))
    }

    fn take_converted(&mut self, converter: &mut Converter<'_>) {
        let before = self.hashes.len() as usize;
        let (values, faults) = converter.take();
        if let Values::Text(texts) = values {
            texts.iter().for_each(|text| self.visit(text.as_deref()));
        }
        self.unreadable.add(&faults, before, self.rows);
        let room = EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(faults.texts.into_iter().take(room));
    }

    fn visit(&mut self, text: Option<&str>) {
        let row = self.hashes.len() as usize;
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.missing.insert(row);
            self.hashes.push(0);
            return;
        };
        self.hashes.push(hash(text.as_bytes()));
        if self
            .pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.is_match(text))
        {
            self.mismatched
                .get_or_insert_with(|| Bitmap::new(self.rows))
                .insert(row);
            if self.examples.len() < EXAMPLES {
                self.examples.push(shown(text));
            }
        }
        let Some(counts) = &mut self.counts else {
            return;
        };
        if let Some(count) = counts.get_mut(text) {
            *count += 1;
        } else if counts.len() < COUNTED_TEXTS {
            counts.insert(text.to_owned(), 1);
        } else {
            self.counts = None;
        }
    }

    fn outcome(mut self, column: &Column) -> Result<ColumnOutcome, DatasetError> {
        self.hashes.settle()?;
        let unreadable_rows = self.unreadable.count();
        let mut missing = Bitmap::new(self.rows);
        let is_readable = |row: &usize| !self.unreadable.contains(*row);
        self.missing
            .iter()
            .filter(is_readable)
            .for_each(|row| missing.insert(row));
        let missing_rows = missing.count();
        let profile = ColumnProfile {
            column_type: column.column_type,
            count: self.rows as u64,
            missing: missing_rows,
            unreadable: unreadable_rows,
            infinite: 0,
            distinct: self.distinct()?,
            distinct_is_exact: true,
            numbers: None,
            days: None,
            top_values: self.counts.as_ref().map_or(Vec::new(), |counts| {
                top_words(counts.iter().map(|(text, count)| (text.as_str(), *count)))
            }),
        };
        let mismatched_rows = self.mismatched.as_ref().map_or(0, Bitmap::count);
        let mut bad = Vec::new();
        if missing_rows > 0 && !column.nullable {
            bad.push((BadValue::Missing, missing));
        }
        bad.extend(self.unreadable.into_bad());
        bad.extend(
            self.mismatched
                .map(|rows| (BadValue::PatternMismatch, rows)),
        );
        Ok(ColumnOutcome {
            profile: Some(profile),
            missing: missing_rows,
            invalid: unreadable_rows + mismatched_rows,
            bad,
            // A report names nobody: which ids they are stands in the quarantine.
            examples: match column.role {
                Role::Id => Vec::new(),
                _ => self.examples,
            },
            hashes: (column.role == Role::Id).then_some((self.hashes, self.missing)),
            ..ColumnOutcome::default()
        })
    }

    /// Different texts are counted by their hashes: two with the same are one in 10^10 pairs of columns.
    fn distinct(&self) -> Result<u64, DatasetError> {
        let mut hashes = self.hashes.counts()?;
        let mut different = 0;
        while hashes.next()?.is_some() {
            different += 1;
        }
        // Missing rows have the hash 0, which is a text's own only by chance.
        Ok(different - u64::from(self.missing.count() > 0))
    }
}

fn whole_pattern(name: &str, column: &Column) -> Result<Option<Regex>, DatasetError> {
    let Some(pattern) = &column.pattern else {
        return Ok(None);
    };
    let whole = Regex::new(&format!("^(?:{pattern})$"));
    whole.map(Some).map_err(|error| DatasetError::InvalidRule {
        name: name.to_owned(),
        detail: error.to_string(),
    })
}
