//! Rows in memory, column by column, in the form in which the science uses them.
//!
//! Numbers are `f64` with NaN for missing; words of a category are indices into the contract's list.

use indexmap::IndexMap;

/// The code of a missing word.
pub const MISSING: i32 = -1;
/// The code of a word that the contract does not list.
pub const UNSEEN: i32 = -2;

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Float, integer and boolean columns; NaN is missing.
    Number(Vec<f64>),
    /// Category and ordered columns: an index into the contract's `values`, `MISSING` or `UNSEEN`.
    Code(Vec<i32>),
    /// Text columns, and ids of either type.
    Text(Vec<Option<String>>),
    /// Days since 1970-01-01.
    Day(Vec<Option<i32>>),
}

impl Values {
    pub fn len(&self) -> usize {
        match self {
            Values::Number(values) => values.len(),
            Values::Code(values) => values.len(),
            Values::Text(values) => values.len(),
            Values::Day(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn empty_like(&self) -> Values {
        match self {
            Values::Number(_) => Values::Number(Vec::new()),
            Values::Code(_) => Values::Code(Vec::new()),
            Values::Text(_) => Values::Text(Vec::new()),
            Values::Day(_) => Values::Day(Vec::new()),
        }
    }

    /// Adds the values of another of the same kind; one of another kind is given back.
    pub fn append(&mut self, other: Values) -> Result<(), Values> {
        match (self, other) {
            (Values::Number(values), Values::Number(more)) => values.extend(more),
            (Values::Code(values), Values::Code(more)) => values.extend(more),
            (Values::Text(values), Values::Text(more)) => values.extend(more),
            (Values::Day(values), Values::Day(more)) => values.extend(more),
            (_, other) => return Err(other),
        }
        Ok(())
    }

    /// The values at some rows, in the order given; rows beyond the end are left out.
    pub fn take(&self, rows: &[usize]) -> Values {
        fn pick<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter()
                .filter_map(|row| values.get(*row))
                .cloned()
                .collect()
        }
        match self {
            Values::Number(values) => Values::Number(pick(values, rows)),
            Values::Code(values) => Values::Code(pick(values, rows)),
            Values::Text(values) => Values::Text(pick(values, rows)),
            Values::Day(values) => Values::Day(pick(values, rows)),
        }
    }

    pub(crate) fn reserve(&mut self, rows: usize) {
        match self {
            Values::Number(values) => values.reserve_exact(rows),
            Values::Code(values) => values.reserve_exact(rows),
            Values::Text(values) => values.reserve_exact(rows),
            Values::Day(values) => values.reserve_exact(rows),
        }
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        match self {
            Values::Number(values) => values.truncate(rows),
            Values::Code(values) => values.truncate(rows),
            Values::Text(values) => values.truncate(rows),
            Values::Day(values) => values.truncate(rows),
        }
    }

    /// The last value, some times more.
    pub(crate) fn repeat_last(&mut self, times: usize) {
        fn repeat<T: Clone>(values: &mut Vec<T>, times: usize) {
            if let Some(last) = values.last().cloned() {
                values.resize(values.len() + times, last);
            }
        }
        match self {
            Values::Number(values) => repeat(values, times),
            Values::Code(values) => repeat(values, times),
            Values::Text(values) => repeat(values, times),
            Values::Day(values) => repeat(values, times),
        }
    }

    /// Leaves out the rows at these sorted positions.
    pub(crate) fn remove(&mut self, rows: &[usize]) {
        fn without<T>(values: &mut Vec<T>, rows: &[usize]) {
            let mut rows = rows.iter().peekable();
            let mut position = 0;
            values.retain(|_| {
                let removed = rows.next_if(|row| **row == position).is_some();
                position += 1;
                !removed
            });
        }
        if rows.is_empty() {
            return;
        }
        match self {
            Values::Number(values) => without(values, rows),
            Values::Code(values) => without(values, rows),
            Values::Text(values) => without(values, rows),
            Values::Day(values) => without(values, rows),
        }
    }
}

/// Some columns of a table, all of the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    rows: usize,
    columns: IndexMap<String, Values>,
}

impl Frame {
    pub fn new(rows: usize) -> Frame {
        Frame {
            rows,
            columns: IndexMap::new(),
        }
    }

    /// Adds a column; one of another length is refused by giving it back.
    pub fn insert(&mut self, name: impl Into<String>, values: Values) -> Result<(), Values> {
        if values.len() != self.rows {
            return Err(values);
        }
        self.columns.insert(name.into(), values);
        Ok(())
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Some rows of all columns, in the order given; rows beyond the end are left out.
    pub fn take(&self, rows: &[usize]) -> Frame {
        let count = rows.iter().filter(|row| **row < self.rows).count();
        let columns = self
            .columns
            .iter()
            .map(|(name, values)| (name.clone(), values.take(rows)));
        Frame {
            rows: count,
            columns: columns.collect(),
        }
    }

    /// Some rows of some columns, both in the order given; what does not exist is left out.
    pub fn take_columns(&self, names: &[&str], rows: &[usize]) -> Frame {
        let count = rows.iter().filter(|row| **row < self.rows).count();
        let columns = names.iter().filter_map(|name| {
            let values = self.columns.get(*name)?;
            Some(((*name).to_owned(), values.take(rows)))
        });
        Frame {
            rows: count,
            columns: columns.collect(),
        }
    }

    /// Adds the rows of another frame with the same columns; one with others is given back.
    pub fn append(&mut self, more: Frame) -> Result<(), Frame> {
        if self.columns.is_empty() && self.rows == 0 {
            *self = more;
            return Ok(());
        }
        let fits = self.columns.len() == more.columns.len()
            && self.columns.iter().zip(&more.columns).all(|(own, other)| {
                own.0 == other.0 && std::mem::discriminant(own.1) == std::mem::discriminant(other.1)
            });
        if !fits {
            return Err(more);
        }
        self.rows += more.rows;
        for (values, (_, more)) in self.columns.values_mut().zip(more.columns) {
            // They are of one kind.
            let _ = values.append(more);
        }
        Ok(())
    }

    /// Takes a column out.
    pub fn remove(&mut self, name: &str) -> Option<Values> {
        self.columns.shift_remove(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    pub fn get(&self, name: &str) -> Option<&Values> {
        self.columns.get(name)
    }

    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        match self.columns.get(name)? {
            Values::Number(values) => Some(values),
            _ => None,
        }
    }

    pub fn codes(&self, name: &str) -> Option<&[i32]> {
        match self.columns.get(name)? {
            Values::Code(values) => Some(values),
            _ => None,
        }
    }

    pub fn texts(&self, name: &str) -> Option<&[Option<String>]> {
        match self.columns.get(name)? {
            Values::Text(values) => Some(values),
            _ => None,
        }
    }

    pub fn days(&self, name: &str) -> Option<&[Option<i32>]> {
        match self.columns.get(name)? {
            Values::Day(values) => Some(values),
            _ => None,
        }
    }
}
