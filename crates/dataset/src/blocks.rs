//! Rows in blocks, in order, in memory that does not grow with the data: what scoring reads.
//!
//! One thread leads the decoding, whose columns run in parallel, a few blocks ahead of the consumer.

use std::sync::mpsc::sync_channel;

use rayon::prelude::*;

use crate::exclusions::within;
use crate::parquet::{Group, ParquetFile};
use crate::read::{Part, STEP_ROWS};
use crate::request::{Request, Wanted};
use crate::source::content::Keep;
use crate::source::open::{OpenFile, Place};
use crate::source::{Source, SourceFile};
use crate::{DatasetError, Frame, Values};

/// The most rows of a block.
pub const BLOCK_ROWS: usize = STEP_ROWS;
/// Blocks that wait for the consumer.
const BLOCKS_AHEAD: usize = 2;
/// Files that are opened together, unless they are large.
const FILES_TOGETHER: usize = 16;
const BYTES_TOGETHER: u64 = 64 << 20;

/// Takes a block; false when no more are wanted.
type Send<'s> = &'s mut dyn FnMut(Frame) -> bool;

impl Source {
    /// Calls `consume` with blocks of up to 16,384 rows, in the order of files and rows, and returns
    /// the number of rows. The first error, of either side, ends it.
    pub fn for_each_block<E: From<DatasetError>>(
        &self,
        request: &Request<'_>,
        mut consume: impl FnMut(Frame) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut rows = 0u64;
        let mut failure = None;
        let mut take = |frame: Frame| {
            rows += frame.rows() as u64;
            failure = consume(frame).err();
            failure.is_none()
        };
        // Inside of a rayon task, waiting for a thread that itself waits for rayon could never end.
        let produced = if rayon::current_thread_index().is_some() {
            self.produce(request, &mut take)
        } else {
            std::thread::scope(|scope| {
                let (sender, receiver) = sync_channel(BLOCKS_AHEAD);
                let producer = scope
                    .spawn(move || self.produce(request, &mut |frame| sender.send(frame).is_ok()));
                for frame in receiver {
                    if !take(frame) {
                        break;
                    }
                }
                producer
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        };
        if let Some(failure) = failure {
            return Err(failure);
        }
        produced?;
        if rows == 0 {
            return Err(self.empty().into());
        }
        Ok(rows)
    }

    fn produce(&self, request: &Request<'_>, send: Send<'_>) -> Result<(), DatasetError> {
        let wanted = request.wanted()?;
        let excluded = self.excluded(request)?;
        let mut joiner = Joiner::new(&wanted, send);
        let mut from = 0;
        while from < self.files().len() && joiner.open {
            let to = together(self.files(), from);
            let parts = self.files()[from..to]
                .par_iter()
                .zip(&excluded[from..to])
                .map(|(file, excluded)| Part::open(file, request, &wanted, excluded, Keep::Open))
                .collect::<Result<Vec<_>, DatasetError>>()?;
            produce_parts(&parts, &mut joiner)?;
            from = to;
        }
        joiner.finish();
        Ok(())
    }
}

/// The end of the files from `from` that are opened together.
fn together(files: &[SourceFile], from: usize) -> usize {
    let mut bytes = 0;
    let mut to = from;
    while to < files.len() && to < from + FILES_TOGETHER {
        bytes += files[to].bytes;
        if to > from && bytes > BYTES_TOGETHER {
            break;
        }
        to += 1;
    }
    to
}

/// Small row groups are decoded side by side, large ones step by step with their columns in parallel.
fn produce_parts(parts: &[Part<'_>], joiner: &mut Joiner<'_, '_>) -> Result<(), DatasetError> {
    let groups = parts
        .iter()
        .flat_map(|part| part.groups().into_iter().map(move |group| (part, group)));
    let mut small: Vec<(&Part<'_>, Group)> = Vec::new();
    let mut small_rows = 0;
    for (part, group) in groups {
        let is_small = matches!(part.file, OpenFile::Parquet(_)) && group.rows <= BLOCK_ROWS;
        if is_small {
            small_rows += group.rows;
            small.push((part, group));
        }
        if !is_small || small_rows >= BLOCK_ROWS * BLOCKS_AHEAD {
            produce_small(&std::mem::take(&mut small), joiner)?;
            small_rows = 0;
        }
        if !joiner.open {
            return Ok(());
        }
        match &part.file {
            _ if is_small => {}
            OpenFile::Parquet(file) => produce_large(part, file, &group, joiner)?,
            OpenFile::Csv(_) => produce_csv(part, joiner)?,
        }
    }
    produce_small(&small, joiner)
}

fn produce_small(
    groups: &[(&Part<'_>, Group)],
    joiner: &mut Joiner<'_, '_>,
) -> Result<(), DatasetError> {
    let decoded = groups
        .par_iter()
        .map(|(part, group)| part.read_group(group))
        .collect::<Result<Vec<_>, DatasetError>>()?;
    for (rows, values) in decoded {
        joiner.add(rows, values);
    }
    Ok(())
}

fn produce_large(
    part: &Part<'_>,
    file: &ParquetFile,
    group: &Group,
    joiner: &mut Joiner<'_, '_>,
) -> Result<(), DatasetError> {
    let content = file.group_content(group.row_group, &part.file_columns())?;
    let mut columns = part
        .columns
        .iter()
        .map(|(wanted, place)| {
            let cursor = match place {
                Place::File(column) => {
                    Some(file.cursor(&content, group.row_group, *column, BLOCK_ROWS)?)
                }
                _ => None,
            };
            let converter = part.file.converter(wanted.column, place, BLOCK_ROWS);
            Ok((wanted, place, cursor, converter))
        })
        .collect::<Result<Vec<_>, DatasetError>>()?;
    let mut done = 0;
    while done < group.rows && joiner.open {
        let first_row = group.first_row + done as u64;
        let rows = BLOCK_ROWS.min(group.rows - done);
        let removed = within(part.excluded, first_row, rows);
        let values = columns
            .par_iter_mut()
            .map(|(wanted, place, cursor, converter)| {
                let appended = match (cursor, place) {
                    (Some(cursor), _) => match cursor.step()? {
                        Some(array) => converter.append(&array),
                        None => Ok(()),
                    },
                    (None, Place::Folder(text)) => converter.append_same(text.as_deref(), rows),
                    (None, _) => converter.append_same(None, rows),
                };
                appended.map_err(|m| part.file.wrong_type(wanted.name, wanted.column, m))?;
                if converter.len() != rows {
                    return Err(file.uneven());
                }
                part.accept(wanted, converter, first_row, &removed)
            })
            .collect::<Result<Vec<_>, DatasetError>>()?;
        joiner.add(rows - removed.len(), values);
        done += rows;
    }
    Ok(())
}

fn produce_csv(part: &Part<'_>, joiner: &mut Joiner<'_, '_>) -> Result<(), DatasetError> {
    let OpenFile::Csv(file) = &part.file else {
        return Ok(());
    };
    let mut rows = file.rows(part.file_columns());
    let mut converters = part.converters();
    let mut first_row = 0;
    while joiner.open {
        let (count, arrays) = rows.step(BLOCK_ROWS)?;
        if count == 0 {
            break;
        }
        part.convert(&mut converters, &arrays, count)?;
        let removed = within(part.excluded, first_row, count);
        let values = part.accept_all(&mut converters, first_row, &removed)?;
        joiner.add(count - removed.len(), values);
        first_row += count as u64;
    }
    Ok(())
}

/// Puts small pieces together, so that many small files do not make many small blocks.
struct Joiner<'a, 's> {
    wanted: &'a [Wanted<'a>],
    send: Send<'s>,
    rows: usize,
    values: Vec<Values>,
    /// False when the consumer wants no more.
    open: bool,
}

impl<'a, 's> Joiner<'a, 's> {
    fn new(wanted: &'a [Wanted<'a>], send: Send<'s>) -> Joiner<'a, 's> {
        Joiner {
            wanted,
            send,
            rows: 0,
            values: Vec::new(),
            open: true,
        }
    }

    fn add(&mut self, rows: usize, values: Vec<Values>) {
        if rows == 0 {
            return;
        }
        if self.rows + rows > BLOCK_ROWS {
            self.finish();
        }
        if self.rows == 0 {
            self.values = values;
        } else {
            for (before, more) in self.values.iter_mut().zip(values) {
                // Both come from the same column of the contract, so they are of one kind.
                let _ = before.append(more);
            }
        }
        self.rows += rows;
    }

    /// Sends what is there.
    fn finish(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let values = std::mem::take(&mut self.values);
        if rows == 0 || !self.open {
            return;
        }
        let mut frame = Frame::new(rows);
        for (wanted, values) in self.wanted.iter().zip(values) {
            let _ = frame.insert(wanted.name, values);
        }
        self.open = (self.send)(frame);
    }
}
