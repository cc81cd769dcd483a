//! What was fixed is what is read: any change of the data is `DataChanged`, and no row of it is handed out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::cell::Cell;
use std::fs::{File, FileTimes};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{CONTRACT, contract, folder, parquet};
use millrace_contract::stages::{DataFiles, HeldBy};
use millrace_dataset::{DatasetError, Frame, Purpose, Request, Source};
use millrace_store::faults::{Fault, Verb};
use millrace_store::{Key, Store};
use proptest::prelude::*;

const COLUMNS: [&str; 3] = ["visit_id", "minutes", "score"];
/// More than is ever held in one piece.
const MANY: usize = 200_000;

fn fix(uri: &str) -> DataFiles {
    let list = Source::open(uri).unwrap().fix().unwrap();
    // As it travels.
    serde_json::from_slice(&serde_json::to_vec(&list).unwrap()).unwrap()
}

fn read(list: &DataFiles) -> Result<Frame, DatasetError> {
    let contract = contract(CONTRACT);
    let request = Request::new(&contract, COLUMNS, Purpose::Training);
    Source::fixed(list)?.read(&request)
}

/// The ids in blocks; `meanwhile` is called after each.
fn ids(list: &DataFiles, meanwhile: impl Fn(usize)) -> Result<Vec<String>, DatasetError> {
    let contract = contract(CONTRACT);
    let request = Request::new(&contract, COLUMNS, Purpose::Scoring);
    let mut found = Vec::new();
    let mut blocks = 0;
    Source::fixed(list)?.for_each_block(&request, |block: Frame| -> Result<(), DatasetError> {
        found.extend(block.texts("visit_id").unwrap().iter().flatten().cloned());
        blocks += 1;
        meanwhile(blocks);
        Ok(())
    })?;
    Ok(found)
}

fn csv(first: usize, rows: usize) -> Vec<u8> {
    let mut text = String::from("visit_id,minutes,score\n");
    for row in first..first + rows {
        text += &format!("V{row:07},{}.5,0.25\n", row % 90 + 10);
    }
    text.into_bytes()
}

/// A file of either form.
fn written(folder: &Path, form: &str, first: usize, rows: usize) -> PathBuf {
    let path = folder.join(format!("visits.{form}"));
    let bytes = match form {
        "csv" => csv(first, rows),
        _ => parquet(first, rows),
    };
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Overwrites bytes in place; nothing that the system says of the file tells it.
fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let file = File::options().write(true).open(path).unwrap();
    let times = file.metadata().unwrap();
    file.write_all_at(bytes, at).unwrap();
    let times = FileTimes::new()
        .set_modified(times.modified().unwrap())
        .set_accessed(times.accessed().unwrap());
    file.set_times(times).unwrap();
}

#[track_caller]
fn is_changed<T>(result: Result<T, DatasetError>, what: &str) -> String {
    match result {
        Err(error @ DatasetError::DataChanged { .. }) => error.to_string(),
        Err(other) => panic!("{what}: {}: {other}", other.name()),
        Ok(_) => panic!("{what}: it was read"),
    }
}

#[test]
fn what_was_fixed_is_read_as_it_was() {
    for form in ["csv", "parquet"] {
        let folder = folder();
        let path = written(folder.path(), form, 0, MANY);
        let list = fix(path.to_str().unwrap());
        let bytes = std::fs::metadata(&path).unwrap().len();
        let HeldBy::Pieces {
            bytes: piece,
            sha256,
        } = &list.files[0].held_by
        else {
            panic!("a local file is held by its pieces")
        };
        assert_eq!(sha256.len() as u64, bytes.div_ceil(*piece));
        assert_eq!(
            list.digest(),
            Source::open(path.to_str().unwrap())
                .unwrap()
                .digest()
                .unwrap()
        );
        assert_eq!(read(&list).unwrap().rows(), MANY);
        assert_eq!(ids(&list, |_| ()).unwrap().len(), MANY);
        assert_eq!(
            Source::fixed(&list).unwrap().extent().unwrap().rows,
            MANY as u64
        );
    }
}

/// The same length and the same times: only the bytes tell.
#[test]
fn a_file_that_is_overwritten_in_place_is_noticed() {
    for form in ["csv", "parquet"] {
        let folder = folder();
        let path = written(folder.path(), form, 0, MANY);
        let list = fix(path.to_str().unwrap());
        let before = std::fs::read(&path).unwrap();
        let after = match form {
            "csv" => csv(1_000_000, MANY),
            _ => {
                let mut bytes = before.clone();
                bytes[before.len() / 2] ^= 1;
                bytes
            }
        };
        assert_eq!(before.len(), after.len());
        overwrite(&path, 0, &after);
        let said = is_changed(read(&list), form);
        assert!(said.contains(path.to_str().unwrap()), "{said}");
        is_changed(ids(&list, |_| ()), form);
        overwrite(&path, 0, &before);
        assert_eq!(read(&list).unwrap().rows(), MANY, "the file is back");
    }
}

#[test]
fn a_file_that_is_gone_shorter_longer_or_another_is_noticed() {
    let folder = folder();
    let path = written(folder.path(), "parquet", 0, 1_000);
    let list = fix(folder.path().to_str().unwrap());
    let good = std::fs::read(&path).unwrap();
    let longer = [&good[..], b" "].concat();
    let others = parquet(1_000, 1_000);
    for (what, bytes) in [
        ("shorter", &good[..good.len() - 1]),
        ("longer", &longer[..]),
        ("other rows", &others[..]),
        ("empty", &[]),
    ] {
        std::fs::write(&path, bytes).unwrap();
        is_changed(read(&list), what);
    }
    std::fs::remove_file(&path).unwrap();
    let said = is_changed(read(&list), "gone");
    assert!(said.contains("nothing was found"), "{said}");
    std::fs::write(&path, &good).unwrap();
    // What came since was not checked, and is not read.
    std::fs::write(folder.path().join("a-new.parquet"), parquet(5_000, 10)).unwrap();
    assert_eq!(read(&list).unwrap().rows(), 1_000);
}

/// The overwrite comes while rows are being handed out: those of before and those of after never meet.
#[test]
fn an_overwrite_in_the_middle_of_a_read_is_an_error_and_no_mixture() {
    for form in ["csv", "parquet"] {
        let folder = folder();
        let path = written(folder.path(), form, 0, 3 * MANY);
        let list = fix(path.to_str().unwrap());
        let other = match form {
            "csv" => csv(1_000_000, 3 * MANY),
            _ => vec![0; std::fs::metadata(&path).unwrap().len() as usize],
        };
        let seen = Cell::new(0);
        let result = ids(&list, |blocks| {
            if blocks == 1 {
                overwrite(&path, 0, &other);
            }
            seen.set(blocks);
        });
        is_changed(result, form);
        assert!(seen.get() > 0, "{form}: it began to read");
    }
}

/// The same on a store: each request asks for the object that was fixed.
#[test]
fn an_object_that_is_replaced_in_the_middle_of_a_read_is_an_error_and_no_mixture() {
    let key = Key::new("visits.csv").unwrap();
    // Longer than what is fetched with one request.
    let rows = 2_000_000;
    let (before, after) = (csv(0, rows), csv(4_000_000, rows));
    assert!(before.len() == after.len() && before.len() > 33 << 20);
    for nth in [1, 2, 5] {
        let store = Store::memory();
        store.put(&key, before.clone()).unwrap();
        let list = fix(&store.uri());
        assert!(matches!(list.files[0].held_by, HeldBy::EntityTag(_)));
        let (reads, other, place) = (AtomicUsize::new(0), store.clone(), key.clone());
        let rows = after.clone();
        let _faulty = store.clone().with_faults_as(
            store.uri().strip_prefix("memory:").unwrap(),
            move |operation| {
                let now = operation.verb == Verb::ReadRange;
                if now && reads.fetch_add(1, Ordering::SeqCst) + 1 == nth {
                    other.put(&place, rows.clone()).unwrap();
                }
                Fault::None
            },
        );
        is_changed(ids(&list, |_| ()), &format!("read {nth}"));
    }
}

/// Two files, and the second is replaced between the reads of the two.
#[test]
fn two_files_of_different_times_do_not_meet() {
    let store = Store::memory();
    let put = |name: &str, first: usize| {
        let key = Key::new(name).unwrap();
        store.put(&key, csv(first, 100)).unwrap();
    };
    put("a.csv", 0);
    put("b.csv", 100);
    let list = fix(&store.uri());
    assert_eq!(read(&list).unwrap().rows(), 200);
    put("b.csv", 300);
    is_changed(read(&list), "b.csv");
    store.delete(&Key::new("b.csv").unwrap()).unwrap();
    is_changed(read(&list), "b.csv is gone");
}

#[test]
fn a_list_that_is_unsound_is_refused() {
    let folder = folder();
    written(folder.path(), "parquet", 0, 100);
    let good = fix(folder.path().to_str().unwrap());
    let mut few = good.clone();
    few.files[0].bytes += 1 << 30;
    let mut another = good.clone();
    another.files[0].held_by = HeldBy::EntityTag("1".into());
    let mut none = good.clone();
    none.files.clear();
    let mut twice = good.clone();
    twice.files.extend(good.files.clone());
    for list in [few, another, none, twice] {
        assert_eq!(read(&list).unwrap_err().name(), "DataUnreadable");
    }
}

/// Opening a pipe would wait for ever for somebody who writes.
#[test]
fn a_pipe_is_refused_by_name_and_without_waiting() {
    let folder = folder();
    for name in ["pipe.csv", "pipe.parquet", "pipe"] {
        let path = folder.path().join(name);
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let error = Source::open(path.to_str().unwrap()).unwrap_err();
        assert_eq!(error.name(), "DataNotAFile", "{error}");
        assert!(error.to_string().contains("a pipe"), "{error}");
        // A folder with one in it is no better: somebody meant its rows.
        let error = Source::open(folder.path().to_str().unwrap()).unwrap_err();
        assert_eq!(error.name(), "DataNotAFile", "{error}");
        std::fs::remove_file(path).unwrap();
    }
    let error = Source::open("/dev/zero").unwrap_err();
    assert_eq!(error.name(), "DataNotAFile", "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Wherever a byte changes, the rows are those of before or there are none.
    #[test]
    fn any_byte_that_changes_is_noticed_or_not_read(
        place in 0.0..1.0f64,
        mask in 1u8..,
        form in prop::sample::select(vec!["csv", "parquet"]),
    ) {
        let folder = folder();
        let path = written(folder.path(), form, 0, 60_000);
        let list = fix(path.to_str().unwrap());
        let good = ids(&list, |_| ()).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let at = (bytes.len() as f64 * place) as usize;
        overwrite(&path, at as u64, &[bytes[at] ^ mask]);
        match ids(&list, |_| ()) {
            Ok(found) => prop_assert_eq!(found, good),
            Err(DatasetError::DataChanged { .. }) => {}
            Err(other) => prop_assert!(false, "{}: {}", other.name(), other),
        }
    }
}
