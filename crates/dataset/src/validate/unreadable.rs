//! The rows whose value could not be taken, by what was wrong with it.

use std::collections::BTreeMap;

use super::bitmap::Bitmap;
use super::column::BadValue;
use crate::convert::Faults;
use crate::error::ValueProblem;

#[derive(Debug, Default)]
pub(super) struct Unreadable(BTreeMap<ValueProblem, Bitmap>);

impl Unreadable {
    /// Takes the faults of rows that begin at `first`, in a table of so many rows.
    pub(super) fn add(&mut self, faults: &Faults, first: usize, rows: usize) {
        for (row, problem) in &faults.rows {
            let of_problem = self.0.entry(*problem);
            let marked = of_problem.or_insert_with(|| Bitmap::new(rows));
            marked.insert(first + row);
        }
    }

    pub(super) fn contains(&self, row: usize) -> bool {
        self.0.values().any(|rows| rows.contains(row))
    }

    pub(super) fn count(&self) -> u64 {
        self.0.values().map(Bitmap::count).sum()
    }

    pub(super) fn into_bad(self) -> impl Iterator<Item = (BadValue, Bitmap)> {
        let named = |(problem, rows)| (BadValue::Unreadable(problem), rows);
        self.0.into_iter().map(named)
    }
}
