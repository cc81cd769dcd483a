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
}

/// Some columns of a table, all of the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    rows: usize,
    columns: IndexMap<String, Values>,
}

impl Frame {
    pub fn new(rows: usize) -> Frame {
        Frame { rows, columns: IndexMap::new() }
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
