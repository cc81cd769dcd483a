//! CSV files: the header, and rows as columns of text, block by block.

use std::io::Read;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::DatasetError;
use crate::error::shown;
use crate::source::content::Content;

/// More columns than any table has; each takes memory of its own.
const MOST_COLUMNS: usize = 10_000;

/// A CSV file whose header was read.
#[derive(Debug, Clone)]
pub(crate) struct CsvFile {
    pub uri: String,
    pub content: Content,
    delimiter: u8,
    pub header: Vec<String>,
}

/// The rows of some columns, in order.
pub(crate) struct CsvRows {
    uri: String,
    reader: Reader<Box<dyn Read + Send>>,
    columns: Vec<usize>,
    record: ByteRecord,
    row: u64,
}

impl CsvFile {
    pub(crate) fn open(uri: &str, content: Content) -> Result<CsvFile, DatasetError> {
        let start = content.read(0..content.len().min(1 << 16), uri)?;
        if start.is_empty() {
            return Err(DatasetError::EmptyTable {
                uri: uri.to_owned(),
            });
        }
        if start.starts_with(b"PAR1") || start.contains(&0) {
            return Err(invalid(uri, "it holds binary data"));
        }
        let delimiter = delimiter_of(&start);
        let mut file = CsvFile {
            uri: uri.to_owned(),
            content,
            delimiter,
            header: Vec::new(),
        };
        let mut reader = file.reader();
        let header = reader.headers().map_err(|error| from_csv(uri, error))?;
        if header.len() > MOST_COLUMNS {
            let columns = header.len();
            return Err(invalid(uri, format!("its header has {columns} columns")));
        }
        file.header = header.iter().map(|name| name.trim().to_owned()).collect();
        Ok(file)
    }

    fn reader(&self) -> Reader<Box<dyn Read + Send>> {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .buffer_capacity(1 << 17)
            .from_reader(self.content.stream())
    }

    /// The rows of the columns with these positions in the header.
    pub(crate) fn rows(&self, columns: Vec<usize>) -> CsvRows {
        CsvRows {
            uri: self.uri.clone(),
            reader: self.reader(),
            columns,
            record: ByteRecord::new(),
            row: 0,
        }
    }
}

impl CsvRows {
    /// Up to so many rows; no columns at the end of the file. The number of rows is given too, as
    /// there may be no columns to tell it.
    pub(crate) fn step(&mut self, rows: usize) -> Result<(usize, Vec<ArrayRef>), DatasetError> {
        let mut builders: Vec<StringBuilder> =
            self.columns.iter().map(|_| StringBuilder::new()).collect();
        let mut count = 0;
        while count < rows && self.next_record()? {
            count += 1;
            for (builder, column) in builders.iter_mut().zip(&self.columns) {
                match self.record.get(*column) {
                    None | Some([]) => builder.append_null(),
                    Some(field) => builder.append_value(self.text(field)?),
                }
            }
        }
        let arrays = builders
            .into_iter()
            .map(|mut builder| Arc::new(builder.finish()) as ArrayRef);
        Ok((count, arrays.collect()))
    }

    fn next_record(&mut self) -> Result<bool, DatasetError> {
        let read = self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(|error| from_csv(&self.uri, error))?;
        self.row += u64::from(read);
        Ok(read)
    }

    fn text<'a>(&self, field: &'a [u8]) -> Result<&'a str, DatasetError> {
        std::str::from_utf8(field)
            .map_err(|_| invalid(&self.uri, format!("row {} is not UTF-8 text", self.row)))
    }
}

/// Whichever of the usual delimiters the header has most of, outside of quotes.
pub(crate) fn delimiter_of(start: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            byte => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(delimiter == byte);
                }
            }
        }
    }
    // Of equal counts the first wins.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    best.map_or(b',', |(delimiter, _)| *delimiter)
}

fn invalid(uri: &str, detail: impl Into<String>) -> DatasetError {
    DatasetError::InvalidCsv {
        uri: uri.to_owned(),
        detail: detail.into(),
    }
}

pub(crate) fn from_csv(uri: &str, error: csv::Error) -> DatasetError {
    let row = error.position().map_or(0, csv::Position::record);
    match error.into_kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => invalid(
            uri,
            format!("row {row} has {len} fields, the header has {expected_len}"),
        ),
        csv::ErrorKind::Utf8 { .. } => invalid(uri, "it is not UTF-8 text"),
        csv::ErrorKind::Io(error) => from_io(uri, error),
        other => invalid(uri, shown(&format!("{other:?}"))),
    }
}

/// Our own reading of the bytes says more than that a read failed.
fn from_io(uri: &str, error: std::io::Error) -> DatasetError {
    match error.downcast::<DatasetError>() {
        Ok(own) => own.at(uri),
        Err(other) => DatasetError::Unreadable {
            uri: uri.to_owned(),
            detail: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_seen_in_the_header() {
        assert_eq!(delimiter_of(b"a,b;c,d\n1;2;3;4;5"), b',');
        assert_eq!(delimiter_of(b"\"a,b,c\";d;e\n"), b';');
        assert_eq!(delimiter_of(b"a\tb\n"), b'\t');
        assert_eq!(delimiter_of(b"alone"), b',');
    }
}
