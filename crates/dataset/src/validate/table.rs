//! The data of one validation: opened files with their rows numbered through, read column by column.

use std::io::BufWriter;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema};
use millrace_contract::Contract;
use millrace_store::Scratch;
use rayon::prelude::*;

use super::room::Room;
use crate::DatasetError;
use crate::csv_file::CsvFile;
use crate::parquet::ParquetFile;
use crate::read::STEP_ROWS;
use crate::row_groups::RowGroups;
use crate::scratch::{no_scratch, scratch_file};
use crate::source::content::{Content, Keep};
use crate::source::open::{OpenFile, Place};
use crate::source::{Format, Source, SourceFile};

/// Up to this size, data that comes over a network is fetched once and kept.
const HELD_BYTES: u64 = 64 << 20;

#[derive(Debug)]
pub(crate) struct Table {
    pub files: Vec<TableFile>,
    pub rows: usize,
}

#[derive(Debug)]
pub(crate) struct TableFile {
    pub source: SourceFile,
    pub open: OpenFile,
    /// The number of its first row among all.
    pub first_row: usize,
    pub rows: usize,
    /// Of a CSV file, which can only be read as a whole.
    csv: Rows,
}

/// The rows of a CSV file, column by column, which it is parsed into once.
#[derive(Debug)]
pub(crate) enum Rows {
    /// In steps.
    Held(Vec<Vec<ArrayRef>>),
    /// Where they do not fit into memory: in a Parquet file without a name.
    Aside {
        columns: Box<ParquetFile>,
        _scratch: Scratch,
    },
}

/// Rows that share one value are taken in steps of so many.
const SAME_ROWS: usize = 1 << 20;

impl Table {
    pub(crate) fn open(
        source: &Source,
        contract: Option<&Contract>,
        room: Room,
    ) -> Result<Table, DatasetError> {
        let bytes: u64 = source.files().iter().map(|file| file.bytes).sum();
        let keep = if bytes <= HELD_BYTES {
            Keep::Held
        } else {
            Keep::Closed
        };
        let csv = source.files().iter();
        let csv = csv.filter(|file| file.format == Format::Csv);
        let held = room.holds_csv(csv.map(|file| file.bytes).sum());
        let mut files = source
            .files()
            .par_iter()
            .map(|file| TableFile::open(file, contract, keep, held))
            .collect::<Result<Vec<_>, DatasetError>>()?;
        let mut rows = 0usize;
        for file in &mut files {
            file.first_row = rows;
            rows = rows
                .checked_add(file.rows)
                .ok_or_else(|| DatasetError::TooLarge {
                    uri: source.uri().to_owned(),
                    detail: "it has more rows than can be counted".to_owned(),
                })?;
        }
        Ok(Table { files, rows })
    }

    /// The file of a row, and the row's number in it.
    pub(crate) fn locate(&self, row: usize) -> (usize, usize) {
        let after = self.files.partition_point(|file| file.first_row <= row);
        // Empty files share their first row with the next, which is the one that holds it.
        let index = after.saturating_sub(1);
        (
            index,
            row - self.files.get(index).map_or(0, |file| file.first_row),
        )
    }
}

impl TableFile {
    fn open(
        file: &SourceFile,
        contract: Option<&Contract>,
        keep: Keep,
        held: bool,
    ) -> Result<TableFile, DatasetError> {
        let open = file.open(contract, keep)?;
        let (rows, csv) = match &open {
            OpenFile::Parquet(parquet) => (
                parquet.row_group_rows().iter().sum(),
                Rows::Held(Vec::new()),
            ),
            OpenFile::Csv(csv) if held => steps(csv)?,
            OpenFile::Csv(csv) => put_aside(csv)?,
        };
        Ok(TableFile {
            source: file.clone(),
            open,
            first_row: 0,
            rows,
            csv,
        })
    }

    pub(crate) fn place(&self, name: &str) -> Result<Place, DatasetError> {
        self.open.place(&self.source, name)
    }

    /// Calls `take` with a column's arrays in order.
    pub(crate) fn for_each_array<E: From<DatasetError>>(
        &self,
        column: usize,
        mut take: impl FnMut(&ArrayRef) -> Result<(), E>,
    ) -> Result<(), E> {
        let parquet = match (&self.open, &self.csv) {
            (OpenFile::Parquet(parquet), _) => parquet,
            (_, Rows::Aside { columns, .. }) => columns,
            (_, Rows::Held(steps)) => {
                let arrays = steps.iter().filter_map(|step| step.get(column));
                return arrays.into_iter().try_for_each(take);
            }
        };
        for group in 0..parquet.row_group_rows().len() {
            let content = parquet.group_content(group, &[column])?;
            let mut cursor = parquet.cursor(&content, group, column, STEP_ROWS)?;
            while let Some(array) = cursor.step()? {
                take(&array)?;
            }
        }
        Ok(())
    }

    pub(crate) fn csv(&self) -> &Rows {
        &self.csv
    }

    /// The number of rows in pieces, at least one.
    pub(crate) fn row_steps(&self) -> impl Iterator<Item = usize> {
        let rows = self.rows;
        let firsts = (0..rows.max(1)).step_by(SAME_ROWS);
        firsts.map(move |first| SAME_ROWS.min(rows - first))
    }
}

fn steps(csv: &CsvFile) -> Result<(usize, Rows), DatasetError> {
    let mut reader = csv.rows((0..csv.header.len()).collect());
    let (mut rows, mut steps) = (0, Vec::new());
    loop {
        let (count, arrays) = reader.step(STEP_ROWS)?;
        if count == 0 {
            return Ok((rows, Rows::Held(steps)));
        }
        rows += count;
        steps.push(arrays);
    }
}

/// Parses the file once, into columns that are read one by one.
fn put_aside(csv: &CsvFile) -> Result<(usize, Rows), DatasetError> {
    let (scratch, file) = scratch_file()?;
    // By place: the names in a header may be there twice.
    let fields =
        (0..csv.header.len()).map(|place| Field::new(place.to_string(), DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let mut written = RowGroups::new(BufWriter::new(file), schema)?;
    let mut reader = csv.rows((0..csv.header.len()).collect());
    let mut rows = 0;
    loop {
        let (count, arrays) = reader.step(STEP_ROWS)?;
        if count == 0 {
            break;
        }
        rows += count;
        written.write(arrays)?;
    }
    let file = written.finish()?.into_inner();
    let file = file.map_err(|error| no_scratch(error.into_error()))?;
    let bytes = file.metadata().map_err(no_scratch)?.len();
    let content = Content::Local(Arc::new(file), bytes);
    let columns = ParquetFile::own(&csv.uri, content)?;
    let aside = Rows::Aside {
        columns: Box::new(columns),
        _scratch: scratch,
    };
    Ok((rows, aside))
}
