//! What a table holds, seen without a contract: from this a contract can be proposed.

mod gather;
mod mend;

use indexmap::IndexSet;
use rayon::prelude::*;

pub use gather::{Form, Numbers, Seen};
pub use mend::{Mending, Origin, mended};

use crate::source::open::Place;
use crate::validate::{Room, Table};
use crate::{DatasetError, Format, Source};
use gather::Gather;

/// Every column of a table, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    pub rows: u64,
    pub columns: Vec<Seen>,
}

impl Survey {
    /// Reads the whole table once. A column that one of several files lacks is missing in its rows.
    pub fn of(source: &Source) -> Result<Survey, DatasetError> {
        let table = Table::open(source, None, Room::USUAL)?;
        if table.rows == 0 {
            return Err(source.empty());
        }
        let mut names: IndexSet<String> = IndexSet::new();
        for file in &table.files {
            names.extend(file.open.column_names(&file.source));
        }
        let names: Vec<String> = names.into_iter().collect();
        let columns = names.into_par_iter().map(|name| see(&table, name));
        Ok(Survey {
            rows: table.rows as u64,
            columns: columns.collect::<Result<_, DatasetError>>()?,
        })
    }

    pub fn column(&self, name: &str) -> Option<&Seen> {
        self.columns.iter().find(|seen| seen.name == name)
    }
}

fn see(table: &Table, name: String) -> Result<Seen, DatasetError> {
    let mut gather = Gather::default();
    for file in &table.files {
        let from_text = file.source.format == Format::Csv;
        match file.place(&name)? {
            Place::File(column) => file.for_each_array(column, |array| {
                gather.take(array, from_text);
                Ok::<(), DatasetError>(())
            })?,
            Place::Folder(value) => gather.repeat(value.as_deref(), file.rows),
            Place::Absent => gather.repeat(None, file.rows),
        }
    }
    Ok(gather.seen(name))
}
