//! What a Parquet file says of itself, held to its size before the decoder reserves memory for it.
//!
//! The decoder believes counts: it reserves room for as many row groups, columns, values and bytes as a
//! file claims, and it unpacks a page whatever comes out. A few bytes could so take all memory, and a
//! failed allocation ends the process without a name.

use std::io::{Read, sink};

use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;
use parquet::file::metadata::ColumnChunkMetaData;

use super::thrift::{I32, LIST, STRUCT, Walker};
use super::{MAGIC, corrupt};
use crate::DatasetError;
use crate::source::content::Content;

/// Columns of columns: more than any table that people make has.
const DEEPEST_SCHEMA: usize = 64;
/// Rows for each byte of a file. A table whose rows differ at all needs more than a bit for each.
const MOST_ROWS_PER_BYTE: u64 = 32;
/// What a file of any size may hold.
const ALWAYS_ROWS: u64 = 1 << 16;
/// What the pages of a column may unpack to, for each byte that they take in the file.
const MOST_TIMES_UNPACKED: u64 = 100;
/// What they may always unpack to: pages of a constant column shrink to almost nothing.
const ALWAYS_UNPACKED_BYTES: u64 = 64 << 20;
/// No GZIP stream gives more for each of its bytes.
const MOST_TIMES_GZIP: u64 = 1_032;
/// Of a page's header this much is read at first; statistics may make it longer.
const HEADER_BYTES: u64 = 1 << 10;
const LONGEST_HEADER_BYTES: u64 = 1 << 24;

/// Checks the shape of the footer: no count larger than the bytes that are there, no deep schema.
pub(super) fn check_footer(uri: &str, content: &Content) -> Result<(), DatasetError> {
    let length = content.len();
    let tail = content.read(length.saturating_sub(8)..length, uri)?;
    let footer = match tail[..] {
        [a, b, c, d, ..] => u64::from(u32::from_le_bytes([a, b, c, d])),
        _ => 0,
    };
    let end = length - 8;
    let start = end
        .checked_sub(footer)
        .filter(|start| *start >= MAGIC.len() as u64);
    let Some(start) = start else {
        return Err(corrupt(uri, "its footer would be longer than the file"));
    };
    let bytes = content.read(start..end, uri)?;
    let mut depth = Some(0);
    let walked = Walker::new(&bytes).fields(|walker, number, kind| match (number, kind) {
        (2, LIST) => {
            depth = schema_depth(walker);
            depth.map(|_| ())
        }
        (_, other) => walker.skip(other),
    });
    match (walked, depth) {
        (Some(()), Some(depth)) if depth > DEEPEST_SCHEMA => Err(corrupt(
            uri,
            format!("its columns are nested more than {DEEPEST_SCHEMA} deep"),
        )),
        (Some(()), Some(_)) => Ok(()),
        _ => Err(corrupt(uri, "its footer contradicts itself")),
    }
}

/// How deep the schema's elements, which come parents first, are nested.
fn schema_depth(walker: &mut Walker<'_>) -> Option<usize> {
    let (kind, count) = walker.list()?;
    if kind != STRUCT {
        return None;
    }
    let mut deepest = 0;
    // How many children each open parent still waits for.
    let mut open: Vec<usize> = Vec::new();
    for element in 0..count {
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(missing) = open.last_mut() {
            *missing -= 1;
        }
        let mut children = 0;
        walker.fields(|walker, number, kind| match (number, kind) {
            (5, I32) => {
                children = usize::try_from(walker.signed()?).ok()?;
                Some(())
            }
            (_, other) => walker.skip(other),
        })?;
        if children > count - element - 1 {
            return None;
        }
        if children > 0 {
            open.push(children);
            deepest = deepest.max(open.len());
        }
    }
    Some(deepest)
}

/// Refuses more rows than a file of this size can mean.
pub(super) fn check_rows(uri: &str, rows: u64, bytes: u64) -> Result<(), DatasetError> {
    if rows <= ALWAYS_ROWS.max(bytes.saturating_mul(MOST_ROWS_PER_BYTE)) {
        return Ok(());
    }
    Err(oversized(uri, format!("{rows} rows in {bytes} bytes")))
}

/// Walks over the headers of a column's pages and refuses those that unpack into far more than they are.
pub(super) fn check_pages(
    uri: &str,
    content: &Content,
    chunk: &ColumnChunkMetaData,
) -> Result<(), DatasetError> {
    let start = chunk
        .dictionary_page_offset()
        .unwrap_or(chunk.data_page_offset());
    let place = u64::try_from(start)
        .ok()
        .zip(u64::try_from(chunk.compressed_size()).ok());
    let (mut position, length) =
        place.ok_or_else(|| corrupt(uri, "a column lies before the start of the file"))?;
    let end = position
        .checked_add(length)
        .filter(|end| *end <= content.len())
        .ok_or_else(|| corrupt(uri, "a column lies beyond the end of the file"))?;
    let mut unpacked = 0u64;
    while position < end {
        let page = page_at(uri, content, position, end)?;
        let from = position + page.header_bytes;
        position = from
            .checked_add(page.bytes)
            .filter(|next| *next <= end)
            .ok_or_else(|| corrupt(uri, "a page reaches beyond its column"))?;
        unpacked = unpacked.saturating_add(page.unpacked_bytes);
        if unpacked > ALWAYS_UNPACKED_BYTES.max(length.saturating_mul(MOST_TIMES_UNPACKED)) {
            let column = chunk.column_path().string();
            let detail = format!(
                "the pages of column `{}` claim {unpacked} bytes or more and take {length}",
                crate::error::shown(&column)
            );
            return Err(oversized(uri, detail));
        }
        let may_lie = matches!(chunk.compression(), Compression::GZIP(_))
            && page.bytes.saturating_mul(MOST_TIMES_GZIP) > ALWAYS_UNPACKED_BYTES;
        if may_lie {
            check_gzip(uri, content, from..position, page.unpacked_bytes)?;
        }
    }
    Ok(())
}

/// A page as its header describes it.
#[derive(Debug, Default)]
struct Page {
    header_bytes: u64,
    bytes: u64,
    unpacked_bytes: u64,
}

fn page_at(uri: &str, content: &Content, position: u64, end: u64) -> Result<Page, DatasetError> {
    let mut window = HEADER_BYTES;
    loop {
        let to = end.min(position.saturating_add(window));
        let bytes = content.read(position..to, uri)?;
        match page(&bytes) {
            Some(page) => return Ok(page),
            None if to < end && window < LONGEST_HEADER_BYTES => window *= 16,
            None => return Err(corrupt(uri, "the header of a page contradicts itself")),
        }
    }
}

fn page(bytes: &[u8]) -> Option<Page> {
    let mut page = Page::default();
    let mut words = 0u64;
    let mut walker = Walker::new(bytes);
    walker.fields(|walker, number, kind| {
        match (number, kind) {
            (2, I32) => page.unpacked_bytes = u64::try_from(walker.signed()?).ok()?,
            (3, I32) => page.bytes = u64::try_from(walker.signed()?).ok()?,
            (7, STRUCT) => words = count(walker)?,
            (_, other) => walker.skip(other)?,
        }
        Some(())
    })?;
    page.header_bytes = walker.position() as u64;
    // Every word takes a byte at least, and the decoder reserves room for each.
    (words <= page.unpacked_bytes).then_some(page)
}

/// The number of words, which is the first field of a dictionary's own header.
fn count(walker: &mut Walker<'_>) -> Option<u64> {
    let mut words = 0;
    walker.fields(|walker, number, kind| match (number, kind) {
        (1, I32) => {
            words = u64::try_from(walker.signed()?).ok()?;
            Some(())
        }
        (_, other) => walker.skip(other),
    })?;
    Some(words)
}

/// The decoder of GZIP takes no limit, so a page that could be a bomb is unpacked into nothing first.
fn check_gzip(
    uri: &str,
    content: &Content,
    place: std::ops::Range<u64>,
    claimed: u64,
) -> Result<(), DatasetError> {
    match unpacks_to(&content.read(place, uri)?, claimed) {
        true => Ok(()),
        false => Err(corrupt(uri, "a page does not unpack to what it claims")),
    }
}

fn unpacks_to(packed: &[u8], claimed: u64) -> bool {
    let mut stream = MultiGzDecoder::new(packed).take(claimed.saturating_add(1));
    std::io::copy(&mut stream, &mut sink()).is_ok_and(|found| found == claimed)
}

fn oversized(uri: &str, detail: String) -> DatasetError {
    DatasetError::Oversized {
        uri: uri.to_owned(),
        detail,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A schema whose elements have so many children each, as a footer holds it.
    fn schema(children: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0xfc];
        number(children.len() as u64, &mut bytes);
        for count in children {
            bytes.push(0x55);
            number(u64::from(*count) << 1, &mut bytes);
            bytes.push(0);
        }
        bytes
    }

    fn number(mut value: u64, bytes: &mut Vec<u8>) {
        while value > 0x7f {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
    }

    #[test]
    fn the_depth_of_a_schema_is_counted_without_recursion() {
        let depth = |children: &[u32]| schema_depth(&mut Walker::new(&schema(children)));
        assert_eq!(depth(&[2, 0, 0]), Some(1));
        assert_eq!(depth(&[2, 1, 0, 0]), Some(2));
        assert_eq!(depth(&[2, 0, 2, 0, 0]), Some(2));
        let mut deep = vec![1; 200_000];
        deep.push(0);
        assert_eq!(depth(&deep), Some(200_000));
        assert_eq!(depth(&[u32::MAX >> 1, 0]), None);
    }

    #[test]
    fn rows_are_held_to_the_size_of_the_file() {
        check_rows("f", 65_536, 100).unwrap();
        check_rows("f", 32_000_000, 1_000_000).unwrap();
        for (rows, bytes) in [(65_537, 100), (u64::MAX, 1 << 40)] {
            assert_eq!(
                check_rows("f", rows, bytes).unwrap_err().name(),
                "Oversized"
            );
        }
    }

    #[test]
    fn the_header_of_a_page_is_understood() {
        // type 0, unpacked 100, packed 20, {values 7, encoding 0}
        let data = [
            0x15, 0, 0x15, 200, 1, 0x15, 40, 0x2c, 0x15, 14, 0x15, 0, 0, 0,
        ];
        let read = page(&data).unwrap();
        assert_eq!((read.unpacked_bytes, read.bytes), (100, 20));
        assert_eq!(read.header_bytes, data.len() as u64);
        // A dictionary of more words than its bytes could hold.
        let words = [0x15, 4, 0x15, 200, 1, 0x15, 40, 0x4c, 0x15, 202, 1, 0, 0];
        assert!(page(&words).is_none());
    }
    #[test]
    fn a_page_of_gzip_unpacks_to_what_it_claims() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, &[0; 1_000]).unwrap();
        let packed = packed.finish().unwrap();
        assert!(unpacks_to(&packed, 1_000));
        for claimed in [0, 999, 1_001] {
            assert!(!unpacks_to(&packed, claimed), "{claimed}");
        }
        assert!(!unpacks_to(&packed[..packed.len() / 2], 1_000));
    }
}
