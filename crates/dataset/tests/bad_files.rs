//! Bad files give errors with names, never a panic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::path::Path;

use common::{CONTRACT, contract, folder, parquet};
use millrace_dataset::{DatasetError, Exclusions, Purpose, Request, Source, validate};

fn read(path: &Path) -> Result<usize, DatasetError> {
    let contract = contract(CONTRACT);
    let source = Source::open(path.to_str().unwrap())?;
    let columns = ["visit_id", "minutes", "visits", "member", "plan", "score"];
    let request = Request::new(&contract, columns, Purpose::Training);
    let blocks = source.for_each_block(&request, |_| Ok::<(), DatasetError>(()));
    let rows = source.read(&request)?.rows();
    assert_eq!(blocks? as usize, rows);
    Ok(rows)
}

fn refused(name: &str, content: &[u8]) -> DatasetError {
    let folder = folder();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    read(&path).expect_err(name)
}

#[test]
fn a_parquet_file_that_is_cut_off_is_refused_wherever_it_ends() {
    let whole = parquet(0, 20_000);
    let places = (0..whole.len())
        .step_by(whole.len() / 60)
        .chain(whole.len() - 40..whole.len());
    for length in places {
        let error = refused("visits.parquet", &whole[..length]);
        let wanted = if length < 4 {
            "NotParquet"
        } else {
            "CorruptParquet"
        };
        assert_eq!(error.name(), wanted, "{length}: {error}");
        let said = error.to_string();
        assert!(said.contains("visits.parquet"), "{said}");
        // What the decoder makes of it helps nobody.
        assert!(length < 4 || said.contains("its end is missing"), "{said}");
    }
}

#[test]
fn damage_anywhere_is_an_error_or_harmless_but_never_a_panic() {
    let whole = parquet(0, 5_000);
    let folder = folder();
    let path = folder.path().join("visits.parquet");
    let contract = contract(CONTRACT);
    let mut refused = 0;
    for step in 0..400usize {
        let mut bytes = whole.clone();
        // The footer, which is at the end, is hit as often as the pages.
        let place = match step % 2 {
            0 => (step * 7_919) % bytes.len(),
            _ => bytes.len() - 1 - (step * 31) % 2_000,
        };
        bytes[place] ^= 1 << (step % 8) | 1;
        std::fs::write(&path, &bytes).unwrap();
        if let Err(error) = read(&path) {
            refused += 1;
            assert!(!error.name().is_empty());
        }
        if step % 8 == 0 {
            let source = Source::open(path.to_str().unwrap()).unwrap();
            let now = jiff::Timestamp::UNIX_EPOCH;
            let _ = validate(&source, &contract, Purpose::Training, now, None);
        }
    }
    assert!(refused > 100, "only {refused} of 400 were noticed");
}

#[test]
fn what_is_not_a_table_is_named() {
    assert_eq!(refused("a.parquet", b"").name(), "NotParquet");
    assert_eq!(
        refused("a.parquet", b"name,score\nx,1\n").name(),
        "NotParquet"
    );
    assert_eq!(refused("a.parquet", &[0; 4096]).name(), "NotParquet");
    assert_eq!(refused("a.csv", b"").name(), "EmptyTable");
    assert_eq!(refused("a.csv", &parquet(0, 10)).name(), "InvalidCsv");
    assert_eq!(refused("a.xlsx", b"PK\x03\x04").name(), "UnknownFormat");
    assert_eq!(refused("a.parquet", &parquet(0, 0)).name(), "EmptyTable");
    let missing = Source::open("/no/such/file.parquet").unwrap_err();
    assert_eq!(missing.name(), "DataNotFound");
    let empty = folder();
    assert_eq!(
        Source::open(empty.path().to_str().unwrap())
            .unwrap_err()
            .name(),
        "DataNotFound"
    );
    // Found by its first bytes, without an ending.
    let folder = folder();
    std::fs::write(folder.path().join("part-0000"), parquet(0, 10)).unwrap();
    assert_eq!(read(folder.path()).unwrap(), 10);
}

#[test]
fn bad_csv_says_where() {
    let header = "visit_id,minutes,visits,member,plan,score\n";
    for (rows, name, place) in [
        (
            "V1,1,1,true,free,0.5\nV2,many,1,true,free,0.5\n",
            "NotANumber",
            "row 2",
        ),
        (
            "V1,1,1.5,true,free,0.5\n",
            "NotAWholeNumber",
            "column `visits`",
        ),
        ("V1,1,1,perhaps,free,0.5\n", "NotABoolean", "7 characters"),
        ("V1,1,1,true,free\n", "InvalidCsv", "row 1"),
        ("", "EmptyTable", "a.csv"),
        ("V1,1,1,true,\"fr\u{7}ee,0.5\n", "InvalidCsv", "row 1"),
    ] {
        let error = refused("a.csv", format!("{header}{rows}").as_bytes());
        assert_eq!(error.name(), name, "{error}");
        assert!(error.to_string().contains(place), "{error}");
    }
    let error = refused(
        "a.csv",
        b"visit_id,minutes,visits,member,plan,score\nV1,1,1,true,fr\xffee,0.5\n",
    );
    assert_eq!(error.name(), "InvalidCsv");
}

#[test]
fn columns_that_do_not_fit_are_named() {
    let bytes = parquet(0, 10);
    let folder = folder();
    let path = folder.path().join("visits.parquet");
    std::fs::write(&path, &bytes).unwrap();
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let read = |text: String, column: &str| {
        let contract = contract(&text);
        let request = Request::new(&contract, [column], Purpose::Training);
        source.read(&request).unwrap_err()
    };
    let renamed = read(CONTRACT.replace("minutes", "minuts"), "minuts");
    assert_eq!(renamed.name(), "MissingColumn");
    assert!(renamed.to_string().contains("`minutes`"), "{renamed}");
    let stranger = read(CONTRACT.to_owned(), "mintes");
    assert_eq!(stranger.name(), "NotInContract");
    assert!(stranger.to_string().contains("`minutes`"), "{stranger}");
    let text = CONTRACT.replace(
        "\"ordered\", values = [\"free\", \"plus\", \"pro\"]",
        "\"float\"",
    );
    let wrong = read(text, "plan");
    assert_eq!(wrong.name(), "WrongType");
    assert!(wrong.to_string().contains("holds text"), "{wrong}");
}

#[test]
fn rows_to_leave_out_of_other_data_are_refused() {
    let folder = folder();
    std::fs::write(folder.path().join("a.parquet"), parquet(0, 10)).unwrap();
    let source = Source::open(folder.path().to_str().unwrap()).unwrap();
    let contract = contract(CONTRACT);
    for (file, rows) in [("b.parquet", vec![0]), ("a.parquet", vec![2, 1])] {
        let excluded = Exclusions {
            files: [(file.to_owned(), rows)].into(),
        };
        let request = Request::new(&contract, ["minutes"], Purpose::Training).without(&excluded);
        assert_eq!(
            source.read(&request).unwrap_err().name(),
            "ForeignExclusions"
        );
    }
}
