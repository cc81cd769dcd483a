//! Finds rows that repeat an earlier one: by their id, or as a whole.
//!
//! Hashes of the ids only say where to look. The rows that they point to are read and compared as they
//! are, so the answer is exact; and since equal rows have equal ids, no other row needs to be read.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, ArrayRef};
use arrow::row::{RowConverter, SortField};

use super::bitmap::Bitmap;
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

pub(crate) fn repeated(
    table: &Table,
    id: &str,
    column: &millrace_contract::Column,
    hashes: &[u64],
    missing: &Bitmap,
) -> Result<Repeated, DatasetError> {
    let mut repeated = Repeated {
        ids: Bitmap::new(table.rows),
        rows: Bitmap::new(table.rows),
    };
    let suspects = suspects(hashes, missing);
    let mut seen_ids: HashSet<String> = HashSet::new();
    // The first of equal rows, by the file's kind and the bytes of its values.
    let mut seen_rows: HashMap<String, HashSet<Vec<u8>>> = HashMap::new();
    for file in &table.files {
        let rows = file.own(&suspects);
        if rows.is_empty() {
            continue;
        }
        let Place::File(place) = file.place(id)? else {
            // The id is in the folder's name: the same for all rows, and nothing else tells them apart.
            rows.iter()
                .skip(1)
                .for_each(|row| repeated.ids.insert(file.first_row + row));
            continue;
        };
        let kind = format!("{:?} {:?}", file.whole_schema(), file.source.partitions);
        let seen_rows = seen_rows.entry(kind).or_default();
        file.for_each_of_rows(&rows, |rows, columns| {
            let mut converter = file.open.converter(column, &Place::File(place), rows.len());
            // The same arrays were taken before, when the hashes were made.
            let _ = columns.get(place).map(|array| converter.append(array));
            let bytes = row_bytes(&columns);
            for (position, (row, id)) in rows.iter().zip(ids(&mut converter)).enumerate() {
                let new_row = bytes
                    .as_ref()
                    .and_then(|bytes| bytes.get(position))
                    .is_none_or(|bytes| seen_rows.insert(bytes.clone()));
                let new_id = id.is_none_or(|id| seen_ids.insert(id));
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
    Ok(repeated)
}

/// Rows whose hash occurs more than once, in order.
fn suspects(hashes: &[u64], missing: &Bitmap) -> Vec<usize> {
    let mut sorted: Vec<u64> = hashes.to_vec();
    sorted.sort_unstable();
    let twice = |pair: &[u64]| pair[0] == pair[1];
    let repeated: HashSet<u64> = sorted
        .windows(2)
        .filter(|pair| twice(pair))
        .map(|pair| pair[0])
        .collect();
    if repeated.is_empty() {
        return Vec::new();
    }
    let rows = hashes.iter().enumerate();
    rows.filter(|(row, hash)| repeated.contains(hash) && !missing.contains(*row))
        .map(|(row, _)| row)
        .collect()
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

fn ids(converter: &mut Converter<'_>) -> Vec<Option<String>> {
    match converter.take().0 {
        crate::Values::Text(texts) => texts,
        _ => Vec::new(),
    }
}

/// Each row's values as bytes; nothing if the columns are of a kind that cannot be compared so.
fn row_bytes(columns: &[ArrayRef]) -> Option<Vec<Vec<u8>>> {
    let fields = columns
        .iter()
        .map(|array| SortField::new(array.data_type().clone()));
    let converter = RowConverter::new(fields.collect()).ok()?;
    let rows = converter.convert_columns(columns).ok()?;
    Some(rows.iter().map(|row| row.as_ref().to_vec()).collect())
}
