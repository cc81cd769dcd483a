//! The data of one validation: opened files with their rows numbered through, read column by column.

use arrow::array::ArrayRef;
use rayon::prelude::*;

use millrace_contract::Contract;

use crate::DatasetError;
use crate::read::STEP_ROWS;
use crate::source::content::Keep;
use crate::source::open::{OpenFile, Place};
use crate::source::{Source, SourceFile};

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
    /// Of a CSV file, which can only be read as a whole: its columns in steps.
    steps: Vec<Vec<ArrayRef>>,
}

impl Table {
    pub(crate) fn open(source: &Source, contract: &Contract) -> Result<Table, DatasetError> {
        let bytes: u64 = source.files().iter().map(|file| file.bytes).sum();
        let keep = if bytes <= HELD_BYTES {
            Keep::Held
        } else {
            Keep::Closed
        };
        let mut files = source
            .files()
            .par_iter()
            .map(|file| TableFile::open(file, contract, keep))
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
    fn open(file: &SourceFile, contract: &Contract, keep: Keep) -> Result<TableFile, DatasetError> {
        let open = file.open(Some(contract), keep)?;
        let mut rows = 0;
        let mut steps = Vec::new();
        match &open {
            OpenFile::Parquet(parquet) => rows = parquet.row_group_rows().iter().sum(),
            OpenFile::Csv(csv) => {
                let mut reader = csv.rows((0..csv.header.len()).collect());
                loop {
                    let (count, arrays) = reader.step(STEP_ROWS)?;
                    if count == 0 {
                        break;
                    }
                    rows += count;
                    steps.push(arrays);
                }
            }
        }
        Ok(TableFile {
            source: file.clone(),
            open,
            first_row: 0,
            rows,
            steps,
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
        let OpenFile::Parquet(parquet) = &self.open else {
            let arrays = self.steps.iter().filter_map(|step| step.get(column));
            return arrays.into_iter().try_for_each(take);
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

    pub(crate) fn steps(&self) -> &[Vec<ArrayRef>] {
        &self.steps
    }
}
