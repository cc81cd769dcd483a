//! Finds rows that repeat an earlier one: by their id, or as a whole.
//!
//! Hashes of the ids only say where to look. The rows that they point to are read and compared as they
//! are, so the answer is exact; and since equal rows have equal ids, no other row needs to be read.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, ArrayRef};
use arrow::row::{RowConverter, SortField};
use millrace_contract::Digest;

use super::bitmap::Bitmap;
use super::pile::Pile;
use super::room::Room;
use super::table::{Table, TableFile};
use crate::DatasetError;
use crate::convert::Converter;
use crate::source::open::Place;

/// The rows after the first of each kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Repeated {
    /// Rows whose id was there before, with other values.
    pub ids: Bitmap,
    /// Rows that were there before as a whole.
    pub rows: Bitmap,
}

/// The hashes of all rows, and the rows that have no id.
#[derive(Clone, Copy)]
pub(crate) struct Ids<'a> {
    pub name: &'a str,
    pub column: &'a millrace_contract::Column,
    pub hashes: &'a Pile<u64>,
    pub missing: &'a Bitmap,
}

/// Rows that share an id have the same hash. So where too many rows must be compared to do so at once, they are
/// compared in shares, by what their hashes leave when they are divided.
pub(crate) fn repeated(table: &Table, ids: Ids<'_>, room: Room) -> Result<Repeated, DatasetError> {
    let mut repeated = Repeated {
        ids: Bitmap::new(table.rows),
        rows: Bitmap::new(table.rows),
    };
    let shares = ids.suspects()?.div_ceil(room.suspects());
    for share in 0..shares {
        let hashes = ids.repeated(|hash| hash % shares == share)?;
        compare(table, &ids, &ids.rows(&hashes)?, &mut repeated)?;
    }
    Ok(repeated)
}

fn compare(
    table: &Table,
    ids: &Ids<'_>,
    suspects: &[usize],
    repeated: &mut Repeated,
) -> Result<(), DatasetError> {
    let mut seen_ids: HashSet<Digest> = HashSet::new();
    // The first of equal rows, by the file's kind and the digest of its values.
    let mut seen_rows: HashMap<String, HashSet<Digest>> = HashMap::new();
    for file in &table.files {
        let rows = file.own(suspects);
        if rows.is_empty() {
            continue;
        }
        let Place::File(place) = file.place(ids.name)? else {
            // The id is in the folder's name: the same for all rows, and nothing else tells them apart.
            rows.iter()
                .skip(1)
                .for_each(|row| repeated.ids.insert(file.first_row + row));
            continue;
        };
        let kind = format!("{:?} {:?}", file.whole_schema(), file.source.partitions);
        let seen_rows = seen_rows.entry(kind).or_default();
        file.for_each_of_rows(&rows, |rows, columns| {
            let place_in_file = Place::File(place);
            let mut converter = file.open.converter(ids.column, &place_in_file, rows.len());
            // The same arrays were taken before, when the hashes were made.
            let _ = columns.get(place).map(|array| converter.append(array));
            let digests = row_digests(&columns);
            for (position, (row, id)) in rows.iter().zip(texts(&mut converter)).enumerate() {
                let digest = digests.as_ref().and_then(|digests| digests.get(position));
                let new_row = digest.is_none_or(|digest| seen_rows.insert(digest.clone()));
                let new_id = id.is_none_or(|id| seen_ids.insert(Digest::of(id.as_bytes())));
                let row = file.first_row + row;
                match (new_row, new_id) {
                    (false, false) => repeated.rows.insert(row),
                    (true, false) => repeated.ids.insert(row),
                    _ => {}
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

impl Ids<'_> {
    /// How many rows share their hash with another.
    fn suspects(&self) -> Result<u64, DatasetError> {
        let mut counts = self.hashes.counts()?;
        let mut rows = 0;
        while let Some((_, count)) = counts.next()? {
            rows += if count > 1 { count } else { 0 };
        }
        Ok(rows)
    }

    /// The wanted hashes that occur more than once.
    fn repeated(&self, wanted: impl Fn(u64) -> bool) -> Result<HashSet<u64>, DatasetError> {
        let mut counts = self.hashes.counts()?;
        let mut found = HashSet::new();
        while let Some((hash, count)) = counts.next()? {
            if count > 1 && wanted(hash) {
                found.insert(hash);
            }
        }
        Ok(found)
    }

    /// The rows with these hashes, in order.
    fn rows(&self, hashes: &HashSet<u64>) -> Result<Vec<usize>, DatasetError> {
        let mut rows = Vec::new();
        let mut row = 0;
        self.hashes.for_each_in_order(|values| {
            for hash in values {
                if hashes.contains(hash) && !self.missing.contains(row) {
                    rows.push(row);
                }
                row += 1;
            }
        })?;
        Ok(rows)
    }
}

impl TableFile {
    /// Those of the sorted rows that are in this file, numbered within it.
    pub(crate) fn own(&self, rows: &[usize]) -> Vec<usize> {
        let from = rows.partition_point(|row| *row < self.first_row);
        let to = rows.partition_point(|row| *row < self.first_row + self.rows);
        rows[from..to]
            .iter()
            .map(|row| row - self.first_row)
            .collect()
    }
}

fn texts(converter: &mut Converter<'_>) -> Vec<Option<String>> {
    match converter.take().0 {
        crate::Values::Text(texts) => texts,
        _ => Vec::new(),
    }
}

/// A digest of each row's values; nothing if the columns are of a kind that cannot be compared so.
fn row_digests(columns: &[ArrayRef]) -> Option<Vec<Digest>> {
    let fields = columns
        .iter()
        .map(|array| SortField::new(array.data_type().clone()));
    let converter = RowConverter::new(fields.collect()).ok()?;
    let rows = converter.convert_columns(columns).ok()?;
    Some(rows.iter().map(|row| Digest::of(row.as_ref())).collect())
}
