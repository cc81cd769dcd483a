//! Whether what was asked for is possible, and what it means: days, rows, shifts.

use jiff::{Span, ToSpan};

use crate::error::GenerateError;
use crate::options::Options;
use crate::population::{ColumnPlan, Kind};
use crate::prepare::Day;
use crate::random::{Purpose, stream, uniform};

const USUAL_ROWS: u64 = 100_000;
/// How many rows a day brings when several days are asked for.
const DAILY_ROWS: (u64, u64) = (800, 1_300);
const LARGEST_ID: u64 = 999_999_999;

pub(crate) fn check_numbers(options: &Options) -> Result<(), GenerateError> {
    for (option, value) in [("missing", options.missing), ("outliers", options.outliers)] {
        if !(0.0..1.0).contains(&value) {
            return Err(GenerateError::InvalidShare { option, value });
        }
    }
    if !(0.0..=10.0).contains(&options.noise) {
        return Err(GenerateError::InvalidNoise {
            value: options.noise,
        });
    }
    if options.rows == Some(0) {
        return Err(GenerateError::NothingToGenerate { option: "rows" });
    }
    if options.days == Some(0) {
        return Err(GenerateError::NothingToGenerate { option: "days" });
    }
    Ok(())
}

pub(crate) fn days(options: &Options) -> Result<Vec<Day>, GenerateError> {
    let count = options.days.unwrap_or(1);
    let mut random = stream(options.seed, 0, 0, Purpose::Rows);
    let mut first_id = options.first_id;
    (0..count)
        .map(|index| {
            let (fewest, most) = DAILY_ROWS;
            let drawn = fewest + (uniform(&mut random) * (most - fewest + 1) as f64) as u64;
            let rows = match (options.rows, options.days) {
                (Some(rows), _) => rows,
                (None, Some(_)) => drawn,
                (None, None) => USUAL_ROWS,
            };
            let after: Span = i64::from(index).days();
            let date =
                options
                    .date
                    .checked_add(after)
                    .map_err(|_| GenerateError::DateOutOfRange {
                        date: options.date,
                        days: count,
                    })?;
            let day = Day {
                index: u64::from(index),
                date,
                rows,
                first_id,
            };
            first_id = first_id.saturating_add(rows);
            if first_id.saturating_sub(1) > LARGEST_ID {
                return Err(GenerateError::TooManyRows {
                    largest: LARGEST_ID,
                });
            }
            Ok(day)
        })
        .collect()
}

pub(crate) fn shifts(
    options: &Options,
    plans: &[ColumnPlan],
) -> Result<Vec<(usize, f64)>, GenerateError> {
    let table = options.table.as_str();
    let numeric = |plan: &&ColumnPlan| matches!(plan.kind, Kind::Number { .. });
    let mut shifts: Vec<(usize, f64)> = Vec::new();
    for shift in &options.shift {
        let column = shift.name.clone();
        let Some(index) = plans.iter().position(|plan| plan.name == column) else {
            let known = plans
                .iter()
                .filter(numeric)
                .map(|plan| plan.name.to_owned())
                .collect();
            return Err(GenerateError::UnknownColumn {
                table,
                column,
                known,
            });
        };
        if !numeric(&&plans[index]) {
            return Err(GenerateError::ColumnNotNumeric { table, column });
        }
        if !(-10.0..=10.0).contains(&shift.amount) {
            return Err(GenerateError::InvalidShift {
                column,
                amount: shift.amount,
            });
        }
        if shifts.iter().any(|(other, _)| *other == index) {
            return Err(GenerateError::NamedTwice {
                option: "shift",
                name: column,
            });
        }
        shifts.push((index, shift.amount));
    }
    Ok(shifts)
}
