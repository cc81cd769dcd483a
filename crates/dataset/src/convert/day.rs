//! Dates, timestamps and ISO texts as days since 1970-01-01.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimeUnit};
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;

use super::number::{is_text, texts};
use super::{Faults, Mismatch, mismatch};
use crate::error::ValueProblem;

const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// Remembers the last text, since neighbouring rows mostly have the same day.
#[derive(Debug, Default)]
pub(super) struct Days {
    last: Option<(String, Option<i32>)>,
}

impl Days {
    pub(super) fn append(
        &mut self,
        array: &ArrayRef,
        values: &mut Vec<Option<i32>>,
        faults: &mut Faults,
    ) -> Result<(), Mismatch> {
        match array.data_type() {
            DataType::Date32 => values.extend(array.as_primitive::<Date32Type>().iter()),
            DataType::Date64 => append_ticks(array, MILLISECONDS_PER_DAY, values, faults)?,
            DataType::Timestamp(unit, _) => {
                append_ticks(array, ticks_per_day(*unit), values, faults)?
            }
            data_type if is_text(data_type) => {
                for text in texts(array)? {
                    let text = text.map(str::trim).filter(|text| !text.is_empty());
                    let day = text.and_then(|text| self.parse(text));
                    if let (Some(text), None) = (text, day) {
                        faults.add(ValueProblem::NotADate, values.len(), || text.to_owned());
                    }
                    values.push(day);
                }
            }
            _ => return Err(mismatch(array)),
        }
        Ok(())
    }

    fn parse(&mut self, text: &str) -> Option<i32> {
        if let Some((last, day)) = &self.last
            && last == text
        {
            return *day;
        }
        let day = day_of(text);
        self.last = Some((text.to_owned(), day));
        day
    }
}

fn append_ticks(
    array: &ArrayRef,
    per_day: i64,
    values: &mut Vec<Option<i32>>,
    faults: &mut Faults,
) -> Result<(), Mismatch> {
    let ticks = arrow::compute::cast(array, &DataType::Int64).map_err(|_| mismatch(array))?;
    for ticks in ticks.as_primitive::<Int64Type>() {
        let day = ticks.and_then(|ticks| i32::try_from(ticks.div_euclid(per_day)).ok());
        if let (Some(ticks), None) = (ticks, day) {
            faults.add(ValueProblem::NotADate, values.len(), || ticks.to_string());
        }
        values.push(day);
    }
    Ok(())
}

fn ticks_per_day(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 86_400,
        TimeUnit::Millisecond => MILLISECONDS_PER_DAY,
        TimeUnit::Microsecond => MILLISECONDS_PER_DAY * 1_000,
        TimeUnit::Nanosecond => MILLISECONDS_PER_DAY * 1_000_000,
    }
}

/// The day of `2026-11-01`, alone or as the start of a whole time such as `2026-11-01T08:00:00Z`.
pub(crate) fn day_of(text: &str) -> Option<i32> {
    let (date, time) = text.split_at_checked(10)?;
    let with_time = time.is_empty() || time.starts_with(['T', ' ']) && is_time(text);
    let shape = date.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !with_time || !shape {
        return None;
    }
    let date: Date = date.parse().ok()?;
    let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    i32::try_from(days).ok()
}

/// Whether the text is a date with a time, and nothing else.
fn is_time(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|pieces| pieces.time().is_some())
}

/// The day as `2026-11-01`.
pub(crate) fn day_text(day: i32) -> String {
    let span = jiff::SignedDuration::from_hours(i64::from(day) * 24);
    match Date::constant(1970, 1, 1).checked_add(span) {
        Ok(date) => date.to_string(),
        Err(_) => format!("day {day}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(day_of("1970-01-01"), Some(0));
        assert_eq!(day_of("2026-11-01"), Some(20_758));
        assert_eq!(day_text(20_758), "2026-11-01");
        assert_eq!(day_text(i32::MAX), "day 2147483647");
        for same in [
            "1969-12-31T23:59:59Z",
            "1969-12-31 23:59",
            "1969-12-31T23:59:59.123456+02:00",
            "1969-12-31T23:59:59[Europe/Berlin]",
        ] {
            assert_eq!(day_of(same), Some(-1), "{same}");
        }
        for bad in [
            "",
            "2026-13-01",
            "2026-02-30",
            "01.11.2026",
            "2026-11-1",
            "2026-11-01x",
            "2026/11/01",
            "2026-11-01Tomorrow",
            "2026-11-01 ",
            "2026-11-01T",
            "2026-11-01T25:00",
            "2026-11-01T08:00:00Z and later",
        ] {
            assert_eq!(day_of(bad), None, "{bad}");
        }
    }
}
