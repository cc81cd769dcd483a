//! CSV: the bytes of the other rows are copied as they stand, quotes and line ends included.

use csv::{ByteRecord, ReaderBuilder};

use super::{IdColumn, Remaining};
use crate::DatasetError;
use crate::csv_file::{delimiter_of, from_csv};

pub(super) fn without(
    uri: &str,
    content: &[u8],
    columns: &[IdColumn],
    ids: &[String],
) -> Result<Option<Remaining>, DatasetError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter_of(content))
        .flexible(true)
        .from_reader(content);
    let failed = |error: csv::Error| from_csv(uri, error);
    let header = reader.byte_headers().map_err(failed)?;
    let places: Vec<(usize, &IdColumn)> = header
        .iter()
        .enumerate()
        .filter_map(|(place, name)| {
            let name = String::from_utf8_lossy(name);
            let column = columns.iter().find(|column| column.name == name.trim())?;
            Some((place, column))
        })
        .collect();
    let mut record = ByteRecord::new();
    let mut rest = Vec::with_capacity(content.len());
    let mut copied = 0;
    let mut rows_removed = 0;
    loop {
        let from = offset(&reader);
        if !reader.read_byte_record(&mut record).map_err(failed)? {
            break;
        }
        let is_theirs = places.iter().any(|(place, column)| {
            let value = record.get(*place).map(String::from_utf8_lossy);
            value.is_some_and(|value| column.holds(&value, ids))
        });
        if is_theirs {
            rest.extend_from_slice(content.get(copied..from).unwrap_or_default());
            copied = offset(&reader);
            rows_removed += 1;
        }
    }
    if rows_removed == 0 {
        return Ok(None);
    }
    rest.extend_from_slice(content.get(copied..).unwrap_or_default());
    Ok(Some(Remaining {
        bytes: rest.into(),
        rows_removed,
    }))
}

/// How far the reader has come.
fn offset(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}
