//! How data is divided into shards: parts of about the same number of bytes, from the list of its files alone.
//!
//! What cannot be divided further is a piece: a file, or a row group of a large file. A shard is a run of pieces that
//! follow each other. Every piece is in one shard, and no shard is without one.

use std::ops::Range;

use super::{DataFiles, DataFilesVersion, Shard};

/// A file, or some of its row groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// The file's place in the list.
    pub file: usize,
    /// Some row groups that follow each other; nothing for the whole file.
    pub row_groups: Option<Range<usize>>,
}

struct Piece {
    file: usize,
    row_group: Option<usize>,
    bytes: u64,
}

/// How many shards there can be: more would have nothing to do.
pub fn pieces(files: &DataFiles) -> u64 {
    files
        .files
        .iter()
        .map(|file| file.row_groups.len().max(1) as u64)
        .sum()
}

/// What belongs to a shard, in order. A shard beyond the last has nothing.
pub fn division(files: &DataFiles, shard: Shard) -> Vec<Slice> {
    let count = u64::from(shard.count.max(1));
    let index = u64::from(shard.index);
    if files.version == DataFilesVersion::First {
        let mine = (0..files.files.len()).filter(|file| *file as u64 % count == index);
        return mine.map(whole).collect();
    }
    let pieces = all(files);
    let places = places(&pieces, count, index);
    joined(files, pieces.get(places).unwrap_or_default())
}

fn whole(file: usize) -> Slice {
    Slice {
        file,
        row_groups: None,
    }
}

fn all(files: &DataFiles) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (place, file) in files.files.iter().enumerate() {
        let groups = file.row_groups.iter().enumerate();
        pieces.extend(groups.map(|(group, bytes)| Piece {
            file: place,
            row_group: Some(group),
            bytes: *bytes,
        }));
        if file.row_groups.is_empty() {
            pieces.push(Piece {
                file: place,
                row_group: None,
                bytes: file.bytes,
            });
        }
    }
    pieces
}

/// The pieces of a shard. A shard ends with the piece that reaches its share of all bytes, but takes one piece at least,
/// and leaves one for each shard after it.
fn places(pieces: &[Piece], count: u64, index: u64) -> Range<usize> {
    let total: u128 = pieces.iter().map(|piece| u128::from(piece.bytes)).sum();
    let (mut next, mut reached) = (0_usize, 0_u128);
    for shard in 0..count.min(pieces.len() as u64) {
        let begin = next;
        let left = count.min(pieces.len() as u64) - shard - 1;
        let last = pieces.len() - left as usize;
        let share = total * u128::from(shard + 1);
        while next < last && (next == begin || left == 0 || reached * u128::from(count) < share) {
            reached += u128::from(pieces[next].bytes);
            next += 1;
        }
        if shard == index {
            return begin..next;
        }
    }
    0..0
}

/// Row groups that follow each other in one file are one slice.
fn joined(files: &DataFiles, pieces: &[Piece]) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    for piece in pieces {
        let Some(group) = piece.row_group else {
            slices.push(whole(piece.file));
            continue;
        };
        match slices.last_mut() {
            Some(Slice {
                file,
                row_groups: Some(groups),
            }) if *file == piece.file => groups.end = group + 1,
            _ => slices.push(Slice {
                file: piece.file,
                row_groups: Some(group..group + 1),
            }),
        }
    }
    for slice in &mut slices {
        let groups = files
            .files
            .get(slice.file)
            .map(|file| file.row_groups.len());
        if slice.row_groups.clone() == groups.map(|groups| 0..groups) {
            slice.row_groups = None;
        }
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Digest;
    use crate::stages::{DataFile, HeldBy};
    use proptest::prelude::*;

    fn files(sizes: &[Vec<u64>]) -> DataFiles {
        let file = |(place, groups): (usize, &Vec<u64>)| DataFile {
            name: format!("{place:05}.parquet"),
            bytes: groups.iter().sum(),
            sha256: Digest::of(b""),
            held_by: HeldBy::EntityTag("e".into()),
            row_groups: if groups.len() > 1 {
                groups.clone()
            } else {
                Vec::new()
            },
        };
        DataFiles {
            version: DataFilesVersion::Second,
            uri: "d".into(),
            root: "d".into(),
            folder: String::new(),
            files: sizes.iter().enumerate().map(file).collect(),
        }
    }

    fn shards(files: &DataFiles, count: u32) -> Vec<Vec<Slice>> {
        (0..count)
            .map(|index| division(files, Shard { index, count }))
            .collect()
    }

    proptest! {
        /// Every row group of every file is in exactly one shard, in order, and no shard is empty.
        #[test]
        fn nothing_is_lost_and_nothing_is_twice(
            sizes in proptest::collection::vec(proptest::collection::vec(0..1_000u64, 1..6), 1..12),
            wanted in 1..40u32,
        ) {
            let files = files(&sizes);
            let count = wanted.min(pieces(&files) as u32);
            let mut found = Vec::new();
            for slices in shards(&files, count) {
                prop_assert!(!slices.is_empty());
                for slice in slices {
                    let groups = slice.row_groups.unwrap_or(0..sizes[slice.file].len());
                    found.extend(groups.map(|group| (slice.file, group)));
                }
            }
            let all = sizes.iter().enumerate();
            let all: Vec<_> = all.flat_map(|(file, groups)| (0..groups.len()).map(move |group| (file, group))).collect();
            prop_assert_eq!(found, all);
        }

        /// A shard exceeds its share by less than its last piece.
        #[test]
        fn shards_are_of_about_the_same_size(groups in 2..200usize, count in 1..20u32) {
            let files = files(&[vec![10; groups]]);
            let count = count.min(groups as u32);
            for slices in shards(&files, count) {
                let rows = slices[0].row_groups.clone().unwrap_or(0..groups).len() as f64;
                prop_assert!((rows - groups as f64 / f64::from(count)).abs() <= 1.0);
            }
        }
    }

    #[test]
    fn a_large_file_is_divided_and_small_ones_are_kept_whole() {
        let files = files(&[vec![5], vec![100; 4], vec![5]]);
        let groups = |file, row_groups| Slice {
            file,
            row_groups: Some(row_groups),
        };
        assert_eq!(
            shards(&files, 2),
            [
                vec![whole(0), groups(1, 0..2)],
                vec![groups(1, 2..4), whole(2)]
            ]
        );
        assert_eq!(shards(&files, 1), [vec![whole(0), whole(1), whole(2)]]);
        assert_eq!(division(&files, Shard { index: 9, count: 4 }), []);
    }

    #[test]
    fn a_list_of_an_older_build_is_divided_as_it_was() {
        let mut files = files(&[vec![5], vec![6], vec![7]]);
        files.version = DataFilesVersion::First;
        assert_eq!(
            shards(&files, 2),
            [vec![whole(0), whole(2)], vec![whole(1)]]
        );
    }
}
