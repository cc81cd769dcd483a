//! The same data in another form, or in another place, gives the same rows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Int16Array,
    LargeStringArray, RecordBatch, StringViewArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{Int8Type, Schema};
use common::{CONTRACT, contract, folder, parquet, values};
use millrace_contract::Contract;
use millrace_dataset::{
    DatasetError, Frame, OutputValues, Purpose, Request, Source, Values, validate,
};
use millrace_store::{Key, Location, Store};

const COLUMNS: [&str; 6] = ["visit_id", "minutes", "visits", "member", "plan", "score"];

fn read(source: &Source) -> Frame {
    let contract = contract(CONTRACT);
    let request = Request::new(&contract, COLUMNS, Purpose::Training);
    source.read(&request).unwrap()
}

/// Equal, with missing numbers equal to each other.
fn assert_same(one: &Frame, other: &Frame) {
    assert_eq!(
        one.names().collect::<Vec<_>>(),
        other.names().collect::<Vec<_>>()
    );
    for name in one.names() {
        match (one.get(name).unwrap(), other.get(name).unwrap()) {
            (Values::Number(one), Values::Number(other)) => {
                let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(one), bits(other), "{name}");
            }
            (one, other) => assert_eq!(one, other, "{name}"),
        }
    }
}

fn csv(first: usize, rows: usize, delimiter: char) -> String {
    let mut lines = vec![COLUMNS.join(&delimiter.to_string())];
    let columns = values(first, rows);
    for row in 0..rows {
        let cell = |column: &OutputValues| match column {
            OutputValues::Text(texts) => format!("\"{}\"", texts[row].clone().unwrap_or_default()),
            OutputValues::Double(numbers) if numbers[row].is_nan() => String::new(),
            OutputValues::Double(numbers) => numbers[row].to_string(),
            OutputValues::Integer(numbers) => numbers[row].unwrap().to_string(),
            OutputValues::Boolean(values) => values[row].unwrap().to_string(),
            OutputValues::Words { words, codes } => {
                usize::try_from(codes[row]).map_or(String::new(), |code| words[code].clone())
            }
            _ => unreachable!(),
        };
        lines.push(
            columns
                .iter()
                .map(cell)
                .collect::<Vec<_>>()
                .join(&delimiter.to_string()),
        );
    }
    lines.join("\r\n")
}

#[test]
fn csv_gives_what_parquet_gives() {
    let folder = folder();
    let wanted_path = folder.path().join("wanted.parquet");
    std::fs::write(&wanted_path, parquet(0, 40_000)).unwrap();
    let parquet_source = Source::open(wanted_path.to_str().unwrap()).unwrap();
    let wanted = read(&parquet_source);
    let contract = contract(CONTRACT);
    for (name, delimiter) in [("a.csv", ','), ("b b.csv", ';'), ("c.tsv", '\t')] {
        let path = folder.path().join(name);
        std::fs::write(&path, csv(0, 40_000, delimiter)).unwrap();
        let source = Source::open(path.to_str().unwrap()).unwrap();
        assert_same(&read(&source), &wanted);
        assert_eq!(source.extent().unwrap().rows, 40_000);
        assert_eq!(source.column_names().unwrap(), COLUMNS);
        let request = Request::new(&contract, COLUMNS, Purpose::Training);
        let mut rows = 0;
        source
            .for_each_block(&request, |frame| {
                assert_same(
                    &frame,
                    &wanted.take(&(rows..rows + frame.rows()).collect::<Vec<_>>()),
                );
                rows += frame.rows();
                Ok::<(), DatasetError>(())
            })
            .unwrap();
        assert_eq!(rows, 40_000);
    }
}

#[test]
fn a_store_that_is_read_by_range_gives_what_files_give() {
    let store = Store::memory();
    let folder = folder();
    for (name, first, rows) in [
        ("day=2026-11-01/a.parquet", 0, 150_000),
        ("day=2026-11-02/b.parquet", 150_000, 10),
    ] {
        let bytes = parquet(first, rows);
        store
            .put(&Key::new(format!("data/{name}")).unwrap(), bytes.clone())
            .unwrap();
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    store.put(&Key::new("data/_SUCCESS").unwrap(), "").unwrap();
    let location = Location {
        store,
        key: Some(Key::new("data").unwrap()),
    };
    let stored = Source::at(&location).unwrap();
    let local = Source::open(folder.path().to_str().unwrap()).unwrap();
    assert_same(&read(&stored), &read(&local));
    assert_eq!(stored.digest().unwrap(), local.digest().unwrap());
    assert_eq!(stored.extent().unwrap().rows, 150_010);
    let names: Vec<_> = stored
        .files()
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["day=2026-11-01/a.parquet", "day=2026-11-02/b.parquet"]
    );
    let contract = contract(CONTRACT);
    let now = "2026-11-03T00:00:00Z".parse().unwrap();
    let of = |source: &Source| validate(source, &contract, Purpose::Training, now, None).unwrap();
    let (one, other) = (of(&stored), of(&local));
    assert_eq!(one.profile, other.profile);
    assert!(one.report.is_accepted(), "{}", one.report.render_text());
}

#[test]
fn the_digest_is_of_names_and_contents() {
    let folder = folder();
    let digest = || {
        Source::open(folder.path().to_str().unwrap())
            .unwrap()
            .digest()
            .unwrap()
    };
    std::fs::write(folder.path().join("a.parquet"), parquet(0, 10)).unwrap();
    let first = digest();
    assert_eq!(first, digest());
    std::fs::rename(
        folder.path().join("a.parquet"),
        folder.path().join("b.parquet"),
    )
    .unwrap();
    let renamed = digest();
    std::fs::write(folder.path().join("b.parquet"), parquet(1, 10)).unwrap();
    assert!(first != renamed && renamed != digest());
}

#[test]
fn other_types_that_mean_the_same_are_taken() {
    let text = r#"
name = "t"
version = 1
[columns]
id = { role = "id", type = "integer" }
small = { role = "feature", type = "float" }
price = { role = "feature", type = "float" }
count = { role = "feature", type = "integer" }
plan = { role = "feature", type = "category", values = ["a", "b"] }
kind = { role = "feature", type = "category", values = ["x", "y"] }
place = { role = "feature", type = "ordered", values = ["low", "high"] }
day = { role = "date", type = "date" }
"#;
    let contract = Contract::parse(text, "t.toml").unwrap();
    let dictionary: DictionaryArray<Int8Type> =
        vec![Some("a"), None, Some("zz")].into_iter().collect();
    let arrays: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(UInt64Array::from(vec![1, u64::MAX, 3]))),
        (
            "small",
            Arc::new(Float32Array::from(vec![Some(0.5), None, Some(f32::NAN)])),
        ),
        (
            "price",
            Arc::new(
                Decimal128Array::from(vec![125, 250, 1])
                    .with_precision_and_scale(9, 2)
                    .unwrap(),
            ),
        ),
        ("count", Arc::new(Int16Array::from(vec![1, 2, 3]))),
        ("plan", Arc::new(dictionary)),
        ("kind", Arc::new(StringViewArray::from(vec!["y", "x", "y"]))),
        (
            "place",
            Arc::new(LargeStringArray::from(vec!["high", "low", ""])),
        ),
        (
            "day",
            Arc::new(TimestampMicrosecondArray::from(vec![-1, 0, 86_400_000_000])),
        ),
    ];
    let frame = of_arrays(&contract, &arrays).unwrap();
    let ids = ["1", "18446744073709551615", "3"].map(|id| Some(id.to_owned()));
    assert_eq!(frame.texts("id").unwrap(), ids);
    let small = frame.numbers("small").unwrap();
    assert!(small[0] == 0.5 && small[1].is_nan() && small[2].is_nan());
    assert_eq!(frame.numbers("price").unwrap(), [1.25, 2.5, 0.01]);
    assert_eq!(frame.codes("plan").unwrap(), [0, -1, -2]);
    assert_eq!(frame.codes("kind").unwrap(), [1, 0, 1]);
    assert_eq!(frame.codes("place").unwrap(), [1, 0, -1]);
    assert_eq!(frame.days("day").unwrap(), [Some(-1), Some(0), Some(1)]);

    let mut wrong = arrays.clone();
    wrong[3].1 = Arc::new(Float32Array::from(vec![1.0, 2.5, 3.0]));
    let error = of_arrays(&contract, &wrong).unwrap_err();
    assert_eq!(error.name(), "NotAWholeNumber");
    wrong[3].1 = Arc::new(Date32Array::from(vec![1, 2, 3]));
    assert_eq!(
        of_arrays(&contract, &wrong).unwrap_err().name(),
        "WrongType"
    );
    wrong[3] = ("small", arrays[1].1.clone());
    let error = of_arrays(&contract, &wrong).unwrap_err();
    assert_eq!(error.name(), "DuplicateColumn");
}

fn of_arrays(contract: &Contract, arrays: &[(&str, ArrayRef)]) -> Result<Frame, DatasetError> {
    let fields: Vec<_> = arrays
        .iter()
        .map(|(name, array)| arrow::datatypes::Field::new(*name, array.data_type().clone(), true))
        .collect();
    let columns = arrays.iter().map(|(_, array)| array.clone()).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    let folder = folder();
    let path = folder.path().join("t.parquet");
    std::fs::write(&path, writer.into_inner().unwrap()).unwrap();
    let source = Source::open(path.to_str().unwrap())?;
    let request = Request::new(contract, contract.columns.keys(), Purpose::Training);
    source.read(&request)
}
