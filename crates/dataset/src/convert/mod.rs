//! From the arrays of a file to the values that a contract's column wants.

mod day;
mod number;
mod word;

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::DataType;
use millrace_contract::{Column, ColumnType, Role};

pub(crate) use day::{day_of, day_text};

use crate::Values;
use crate::error::{ValueProblem, shown};
use crate::frame::MISSING;

/// More texts than this are not kept of a column's faulty values; their rows always are.
const KEPT_TEXTS: usize = 1_000;
/// More words than this are not counted of those that a contract does not list.
const KEPT_WORDS: usize = 100;

/// What a file's column holds instead of what the contract wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub found: String,
}

/// Values that were there but could not be taken: they are missing in `values`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Faults {
    /// Positions from the first appended row, and what is wrong there.
    pub rows: Vec<(usize, ValueProblem)>,
    /// The texts of the first of them.
    pub texts: Vec<String>,
}

impl Faults {
    pub(crate) fn add(&mut self, problem: ValueProblem, row: usize, text: impl FnOnce() -> String) {
        self.rows.push((row, problem));
        if self.texts.len() < KEPT_TEXTS {
            self.texts.push(shown(&text()));
        }
    }
}

/// Takes a column's arrays, one after the other.
#[derive(Debug)]
pub(crate) struct Converter<'a> {
    form: Form<'a>,
    /// CSV and folder names hold everything as text.
    from_text: bool,
    values: Values,
    pub faults: Faults,
    /// Words that the contract does not list, with their counts.
    pub unseen: BTreeMap<String, u64>,
}

/// What the values become.
#[derive(Debug)]
enum Form<'a> {
    Number { whole: bool },
    Boolean,
    Code(word::Codes<'a>),
    Text { whole: bool },
    Day(day::Days),
}

impl<'a> Converter<'a> {
    pub(crate) fn new(column: &'a Column, from_text: bool, rows: usize) -> Converter<'a> {
        // The number of rows is what a file claims, so it is not trusted with memory.
        let rows = rows.min(1 << 20);
        let id = column.role == Role::Id;
        let (form, values) = match column.column_type {
            ColumnType::Integer if id => (
                Form::Text { whole: true },
                Values::Text(Vec::with_capacity(rows)),
            ),
            ColumnType::Text => (
                Form::Text { whole: false },
                Values::Text(Vec::with_capacity(rows)),
            ),
            ColumnType::Float => (
                Form::Number { whole: false },
                Values::Number(Vec::with_capacity(rows)),
            ),
            ColumnType::Integer => (
                Form::Number { whole: true },
                Values::Number(Vec::with_capacity(rows)),
            ),
            ColumnType::Boolean => (Form::Boolean, Values::Number(Vec::with_capacity(rows))),
            ColumnType::Category | ColumnType::Ordered => (
                Form::Code(word::Codes::new(&column.values)),
                Values::Code(Vec::with_capacity(rows)),
            ),
            ColumnType::Date => (
                Form::Day(day::Days::default()),
                Values::Day(Vec::with_capacity(rows)),
            ),
        };
        Converter {
            form,
            from_text,
            values,
            faults: Faults::default(),
            unseen: BTreeMap::new(),
        }
    }

    pub(crate) fn append(&mut self, array: &ArrayRef) -> Result<(), Mismatch> {
        let array = plain(array)?;
        match (&mut self.form, &mut self.values) {
            (_, values) if array.data_type() == &DataType::Null => {
                append_missing(values, array.len());
                Ok(())
            }
            (Form::Number { whole }, Values::Number(values)) => {
                number::append(&array, *whole, self.from_text, values, &mut self.faults)
            }
            (Form::Boolean, Values::Number(values)) => {
                number::append_booleans(&array, self.from_text, values, &mut self.faults)
            }
            (Form::Code(codes), Values::Code(values)) => {
                codes.append(&array, values, |word, count| {
                    if self.unseen.len() < KEPT_WORDS || self.unseen.contains_key(word) {
                        *self.unseen.entry(shown(word)).or_default() += count;
                    }
                })
            }
            (Form::Text { whole }, Values::Text(values)) => {
                word::append_texts(&array, *whole, self.from_text, values, &mut self.faults)
            }
            (Form::Day(days), Values::Day(values)) => days.append(&array, values, &mut self.faults),
            // `new` pairs them: no other pair exists.
            _ => Err(Mismatch {
                found: array.data_type().to_string(),
            }),
        }
    }

    /// One value that all rows share, as text: what a folder's name gives.
    pub(crate) fn append_same(&mut self, text: Option<&str>, rows: usize) -> Result<(), Mismatch> {
        let Some(text) = text else {
            append_missing(&mut self.values, rows);
            return Ok(());
        };
        let before = self.values.len();
        let one: ArrayRef = std::sync::Arc::new(arrow::array::StringArray::from(vec![text]));
        self.append(&one)?;
        if rows == 0 {
            self.values.truncate(before);
            self.faults.rows.retain(|(row, _)| *row < before);
            return Ok(());
        }
        self.values.repeat_last(rows - 1);
        let last = self.faults.rows.last().copied();
        if let Some((_, problem)) = last.filter(|(row, _)| *row == before) {
            for row in before + 1..before + rows {
                self.faults.add(problem, row, || text.to_owned());
            }
        }
        if let Some(count) = self.unseen.get_mut(&shown(text)) {
            *count += rows as u64 - 1;
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The values so far; the converter is empty again and keeps what it has learned of words.
    pub(crate) fn take(&mut self) -> (Values, Faults) {
        let empty = self.values.empty_like();
        (
            std::mem::replace(&mut self.values, empty),
            std::mem::take(&mut self.faults),
        )
    }
}

/// Text arrays of all widths become one kind, dictionaries of all widths another.
fn plain(array: &ArrayRef) -> Result<ArrayRef, Mismatch> {
    let wanted = match array.data_type() {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Dictionary(keys, values) => match (keys.as_ref(), values.as_ref()) {
            (DataType::Int32, DataType::Utf8) => return Ok(array.clone()),
            (_, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            (_, values) => values.clone(),
        },
        _ => return Ok(array.clone()),
    };
    arrow::compute::cast(array, &wanted).map_err(|_| mismatch(array))
}

fn mismatch(array: &dyn Array) -> Mismatch {
    Mismatch {
        found: kind(array.data_type()).to_owned(),
    }
}

/// The kind of a type in words.
fn kind(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "true/false values",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Dictionary(_, values) => kind(values),
        DataType::Date32 | DataType::Date64 => "dates",
        DataType::Timestamp(..) => "timestamps",
        DataType::Null => "nothing but missing values",
        DataType::Decimal32(..) | DataType::Decimal64(..) => "decimal numbers",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "decimal numbers",
        data_type if data_type.is_integer() => "whole numbers",
        data_type if data_type.is_floating() => "numbers",
        data_type if data_type.is_nested() => "nested values",
        _ => "values of another kind",
    }
}

/// What a contract's column type wants, in words.
pub(crate) fn wanted_kind(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Float => "numbers",
        ColumnType::Integer => "whole numbers",
        ColumnType::Boolean => "true/false values",
        ColumnType::Category | ColumnType::Ordered | ColumnType::Text => "text",
        ColumnType::Date => "dates",
    }
}

/// Shows each text of an array of texts.
pub(crate) fn texts_of(
    array: &ArrayRef,
    mut visit: impl FnMut(Option<&str>),
) -> Result<(), Mismatch> {
    let array = plain(array)?;
    number::texts(&array)?.for_each(&mut visit);
    Ok(())
}

fn append_missing(values: &mut Values, rows: usize) {
    match values {
        Values::Number(values) => values.resize(values.len() + rows, f64::NAN),
        Values::Code(values) => values.resize(values.len() + rows, MISSING),
        Values::Text(values) => values.resize(values.len() + rows, None),
        Values::Day(values) => values.resize(values.len() + rows, None),
    }
}
