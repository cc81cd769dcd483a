//! Reading: what is written comes back, in order, only what is asked for, and nothing that was left out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{CONTRACT, contract, folder, parquet};
use millrace_dataset::{DatasetError, Exclusions, MISSING, Purpose, Request, Source, Values};

#[test]
fn a_parquet_file_gives_the_columns_that_are_asked_for() {
    let folder = folder();
    let path = folder.path().join("visits.parquet");
    std::fs::write(&path, parquet(0, 1000)).unwrap();
    let contract = contract(CONTRACT);
    let source = Source::open(path.to_str().unwrap()).unwrap();
    let request = Request::new(
        &contract,
        ["minutes", "visit_id", "plan"],
        Purpose::Training,
    );
    let frame = source.read(&request).unwrap();
    assert_eq!(frame.rows(), 1000);
    assert_eq!(
        frame.names().collect::<Vec<_>>(),
        ["minutes", "visit_id", "plan"]
    );
    let minutes = frame.numbers("minutes").unwrap();
    assert_eq!(minutes[3], 1.5);
    assert!(minutes[10].is_nan());
    assert_eq!(frame.texts("visit_id").unwrap()[7].as_deref(), Some("V7"));
    assert_eq!(frame.codes("plan").unwrap()[..4], [0, 1, 2, MISSING]);
    assert_eq!(source.extent().unwrap().rows, 1000);
}

#[test]
fn folders_become_columns_and_files_come_in_order() {
    let folder = folder();
    for (day, first) in [("2026-11-02", 100), ("2026-11-01", 0)] {
        let place = folder.path().join(format!("day={day}"));
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("part-0.parquet"), parquet(first, 100)).unwrap();
        std::fs::write(place.join("_SUCCESS"), "").unwrap();
    }
    std::fs::write(folder.path().join("README.md"), "about").unwrap();
    let contract = contract(CONTRACT);
    let source = Source::open(folder.path().to_str().unwrap()).unwrap();
    assert_eq!(source.ignored(), ["README.md"]);
    let excluded = Exclusions {
        files: [("day=2026-11-02/part-0.parquet".to_owned(), vec![0, 99])].into(),
    };
    let request =
        Request::new(&contract, ["visit_id", "day"], Purpose::Training).without(&excluded);
    let frame = source.read(&request).unwrap();
    assert_eq!(frame.rows(), 198);
    let ids = frame.texts("visit_id").unwrap();
    assert_eq!(ids[99].as_deref(), Some("V99"));
    assert_eq!(ids[100].as_deref(), Some("V101"));
    assert_eq!(ids[197].as_deref(), Some("V198"));
    let Some(Values::Day(days)) = frame.get("day") else {
        panic!("no days")
    };
    assert_eq!((days[0], days[150]), (Some(20_758), Some(20_759)));
}

/// All blocks put together.
fn blocks(source: &Source, request: &Request<'_>) -> (Vec<usize>, Vec<Option<String>>, Vec<f64>) {
    let mut sizes = Vec::new();
    let (mut ids, mut minutes) = (Vec::new(), Vec::new());
    let rows = source
        .for_each_block(request, |frame| {
            sizes.push(frame.rows());
            ids.extend_from_slice(frame.texts("visit_id").unwrap());
            minutes.extend_from_slice(frame.numbers("minutes").unwrap());
            Ok::<(), DatasetError>(())
        })
        .unwrap();
    assert_eq!(rows as usize, ids.len());
    (sizes, ids, minutes)
}

#[test]
fn blocks_hold_the_same_rows_as_reading_at_once() {
    let folder = folder();
    let mut first = 0;
    for (file, rows) in [40_000, 3, 500, 17_000, 1, 16_384, 150_000]
        .into_iter()
        .enumerate()
    {
        let path = folder.path().join(format!("part-{file}.parquet"));
        std::fs::write(path, parquet(first, rows)).unwrap();
        first += rows;
    }
    let contract = contract(CONTRACT);
    let source = Source::open(folder.path().to_str().unwrap()).unwrap();
    let excluded = Exclusions {
        files: [
            ("part-0.parquet".to_owned(), (100..30_000).collect()),
            (
                "part-6.parquet".to_owned(),
                vec![0, 131_071, 131_072, 149_999],
            ),
        ]
        .into(),
    };
    for exclude in [None, Some(&excluded)] {
        let mut request = Request::new(&contract, ["visit_id", "minutes"], Purpose::Scoring);
        request.exclude = exclude;
        let frame = source.read(&request).unwrap();
        let (sizes, ids, minutes) = blocks(&source, &request);
        assert!(sizes.iter().all(|size| *size <= 16_384), "{sizes:?}");
        assert!(sizes.len() < 22, "small files make small blocks: {sizes:?}");
        assert_eq!(ids, frame.texts("visit_id").unwrap());
        assert_eq!(bits(&minutes), bits(frame.numbers("minutes").unwrap()));
        let inside = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(inside.install(|| blocks(&source, &request).1), ids);
    }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_consumer_that_fails_ends_the_reading() {
    let folder = folder();
    std::fs::write(folder.path().join("a.parquet"), parquet(0, 200_000)).unwrap();
    let contract = contract(CONTRACT);
    let source = Source::open(folder.path().to_str().unwrap()).unwrap();
    let request = Request::new(&contract, ["minutes"], Purpose::Scoring);
    let mut calls = 0;
    let result = source.for_each_block(&request, |_| {
        calls += 1;
        Err(DatasetError::EmptyTable { uri: "stop".into() })
    });
    assert!(result.unwrap_err().to_string().starts_with("stop"));
    assert_eq!(calls, 1);
}
