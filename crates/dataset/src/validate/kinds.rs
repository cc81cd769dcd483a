//! What is gathered of a column while its rows go by, by the kind of its values.

use std::collections::BTreeMap;

use millrace_contract::{Column, ColumnType};

use super::bitmap::Bitmap;
use super::column::{BadValue, ColumnOutcome, EXAMPLES};
use super::pile::Pile;
use super::profile::{ColumnProfile, Sorted, TopValue, top_words};
use super::room::Room;
use super::walk::Top;
use crate::convert::day_text;
use crate::frame::UNSEEN;
use crate::{DatasetError, Values};

#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each column, and most columns are numbers"
)]
pub(super) enum Kind {
    Numbers(Numbers),
    Words(Words),
    Days(Days),
}

impl Kind {
    /// `latest` is the last day that a row may have.
    pub(super) fn new(column: &Column, room: Room, latest: Option<i32>) -> Kind {
        match column.column_type {
            ColumnType::Date => Kind::Days(Days {
                latest,
                counts: BTreeMap::new(),
                ahead: Marked::default(),
                examples: Vec::new(),
            }),
            ColumnType::Category | ColumnType::Ordered => Kind::Words(Words {
                counts: vec![0; column.values.len()],
                not_allowed: Marked::default(),
            }),
            // Texts are looked at by `TextScan`.
            _ => Kind::Numbers(Numbers {
                range: column.range.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]),
                finite: Pile::new(room.values()),
                infinite: Marked::default(),
                outside: Marked::default(),
                examples: Vec::new(),
            }),
        }
    }

    /// Takes rows, which begin at `first`, of a table of so many.
    pub(super) fn rows(&mut self, values: &Values, first: usize, all: usize) {
        match (self, values) {
            (Kind::Numbers(kind), Values::Number(values)) => kind.rows(values, first, all),
            (Kind::Words(kind), Values::Code(codes)) => kind.rows(codes, first, all),
            (Kind::Days(kind), Values::Day(days)) => kind.rows(days, first, all),
            // The converters of one column all give the same kind.
            _ => {}
        }
    }

    pub(super) fn finish(
        self,
        column: &Column,
        unseen: &BTreeMap<String, u64>,
        outcome: &mut ColumnOutcome,
        profile: &mut ColumnProfile,
    ) -> Result<(), DatasetError> {
        match self {
            Kind::Numbers(kind) => kind.finish(column, outcome, profile)?,
            Kind::Words(kind) => kind.finish(column, unseen, outcome, profile),
            Kind::Days(kind) => kind.finish(outcome, profile),
        }
        Ok(())
    }
}

/// Rows with something wrong, if there are any.
#[derive(Default)]
struct Marked(Option<Bitmap>);

impl Marked {
    fn add(&mut self, row: usize, all: usize) {
        self.0.get_or_insert_with(|| Bitmap::new(all)).insert(row);
    }

    fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, Bitmap::count)
    }
}

pub(super) struct Numbers {
    range: [f64; 2],
    finite: Pile<f64>,
    infinite: Marked,
    outside: Marked,
    examples: Vec<String>,
}

impl Numbers {
    fn rows(&mut self, values: &[f64], first: usize, all: usize) {
        let [low, high] = self.range;
        for (row, value) in values.iter().enumerate() {
            if value.is_finite() {
                self.finite.push(*value);
            }
            // False for NaN too: what is missing is no outlier.
            let wrong = *value < low || *value > high || value.is_infinite();
            if !wrong {
                continue;
            }
            match value.is_infinite() {
                true => self.infinite.add(first + row, all),
                false => self.outside.add(first + row, all),
            }
            if self.examples.len() < EXAMPLES {
                self.examples.push(value.to_string());
            }
        }
    }

    fn finish(
        self,
        column: &Column,
        outcome: &mut ColumnOutcome,
        profile: &mut ColumnProfile,
    ) -> Result<(), DatasetError> {
        let room = EXAMPLES.saturating_sub(outcome.examples.len());
        outcome
            .examples
            .extend(self.examples.into_iter().take(room));
        profile.infinite = self.infinite.count();
        outcome.invalid += profile.infinite + self.outside.count();
        let infinite = self.infinite.0.map(|rows| (BadValue::Infinite, rows));
        let outside = self.outside.0;
        let outside = outside.map(|rows| (BadValue::OutsideRange(self.range), rows));
        outcome.bad.extend(infinite.into_iter().chain(outside));
        let sorted = Sorted::of(self.finite)?;
        profile.distinct = sorted.distinct;
        profile.numbers = sorted.numbers;
        let text = |value: f64| match column.column_type {
            ColumnType::Boolean => (value != 0.0).to_string(),
            _ => value.to_string(),
        };
        profile.top_values = top_numbers(&sorted.top, text);
        Ok(())
    }
}

pub(super) struct Words {
    /// Of each word that the contract lists.
    counts: Vec<u64>,
    not_allowed: Marked,
}

impl Words {
    fn rows(&mut self, codes: &[i32], first: usize, all: usize) {
        for (row, code) in codes.iter().enumerate() {
            let place = usize::try_from(*code).ok();
            if let Some(count) = place.and_then(|place| self.counts.get_mut(place)) {
                *count += 1;
            } else if *code == UNSEEN {
                self.not_allowed.add(first + row, all);
            }
        }
    }

    fn finish(
        self,
        column: &Column,
        unseen: &BTreeMap<String, u64>,
        outcome: &mut ColumnOutcome,
        profile: &mut ColumnProfile,
    ) {
        let listed = column
            .values
            .iter()
            .map(String::as_str)
            .zip(self.counts.iter().copied());
        let others = unseen.iter().map(|(word, count)| (word.as_str(), *count));
        profile.top_values = top_words(listed.chain(others));
        let used = self.counts.iter().filter(|count| **count > 0).count();
        profile.distinct = (used + unseen.len()) as u64;
        let unseen_rows = self.not_allowed.count();
        profile.distinct_is_exact = unseen.values().sum::<u64>() == unseen_rows;
        outcome
            .examples
            .extend(unseen.keys().take(EXAMPLES).cloned());
        outcome.invalid += unseen_rows;
        let not_allowed = self.not_allowed.0;
        outcome
            .bad
            .extend(not_allowed.map(|rows| (BadValue::NotAllowed, rows)));
    }
}

pub(super) struct Days {
    latest: Option<i32>,
    counts: BTreeMap<i32, u64>,
    /// The rows whose day lies after the latest possible one.
    ahead: Marked,
    examples: Vec<i32>,
}

impl Days {
    fn rows(&mut self, days: &[Option<i32>], first: usize, all: usize) {
        for (row, day) in days.iter().enumerate() {
            let Some(day) = *day else { continue };
            *self.counts.entry(day).or_default() += 1;
            if self.latest.is_some_and(|latest| day > latest) {
                self.ahead.add(first + row, all);
                if self.examples.len() < EXAMPLES {
                    self.examples.push(day);
                }
            }
        }
    }

    fn finish(mut self, outcome: &mut ColumnOutcome, profile: &mut ColumnProfile) {
        let mut top = Top::default();
        let counts = self.counts.iter();
        counts.for_each(|(day, count)| top.add(f64::from(*day), *count));
        profile.distinct = self.counts.len() as u64;
        profile.top_values = top_numbers(&top.0, |day| day_text(day as i32));
        let ends = self
            .counts
            .first_key_value()
            .zip(self.counts.last_key_value());
        profile.days = ends.map(|((first, _), (last, _))| [day_text(*first), day_text(*last)]);
        let Some(latest) = self.latest else { return };
        outcome.invalid += self.ahead.count();
        outcome
            .examples
            .extend(self.examples.into_iter().map(day_text));
        let bad = self.ahead.0.map(|rows| (BadValue::InFuture, rows));
        outcome.bad.extend(bad);
        self.counts.retain(|day, _| *day <= latest);
        outcome.days = self.counts;
    }
}

fn top_numbers(top: &[(f64, u64)], text: impl Fn(f64) -> String) -> Vec<TopValue> {
    let repeated = top.iter().filter(|(_, count)| *count > 1);
    let top = repeated.map(|(value, count)| TopValue {
        value: text(*value),
        count: *count,
    });
    top.collect()
}
