//! Tables that nobody has described: what is seen in them, and the copy that fits a contract.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{folder, parquet};
use millrace_contract::OutputType;
use millrace_dataset::survey::{Form, Mending, Origin, mended};
use millrace_dataset::{Purpose, Request, Source, Survey};

fn survey(name: &str, content: impl AsRef<[u8]>) -> (Survey, Source, tempfile::TempDir) {
    let folder = folder();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let source = Source::open(path.to_str().unwrap()).unwrap();
    (Survey::of(&source).unwrap(), source, folder)
}

const STRANGERS: &str = "\u{feff}Order No;\"Amount, net\";Paid;Day;City;Note;;Gone\n\
    1;3.5;true;2026-01-01;Bern;\"said \"\"no\"\"; left\";a;\n\
    2;NA;false;2026-02-01;;\"two\nlines\";b;\n\
    3;-1;TRUE;2026-03-01T08:00:00;N/A;x;c;NA\n";

#[test]
fn every_column_of_a_strangers_file_is_seen() {
    let (survey, ..) = survey("strangers.csv", STRANGERS);
    assert_eq!(survey.rows, 3);
    let names: Vec<&str> = survey
        .columns
        .iter()
        .map(|seen| seen.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Order No",
            "Amount, net",
            "Paid",
            "Day",
            "City",
            "Note",
            "",
            "Gone"
        ]
    );
    let seen = |name: &str| survey.column(name).unwrap();
    assert!(
        matches!(&seen("Order No").form, Form::Number(n) if n.whole && n.as_written && n.high == 3.0)
    );
    assert!(matches!(&seen("Amount, net").form, Form::Number(n) if !n.whole && n.low == -1.0));
    assert_eq!(
        (seen("Amount, net").missing, seen("Amount, net").marked),
        (1, 1)
    );
    assert_eq!(seen("Paid").form, Form::Boolean);
    assert!(matches!(seen("Day").form, Form::Day { .. }));
    assert_eq!((seen("City").missing, seen("City").marked), (2, 1));
    assert!(
        matches!(&seen("Note").form, Form::Words(words) if words.contains_key("said \"no\"; left"))
    );
    assert_eq!(seen("Gone").form, Form::Empty);
}

#[test]
fn parquet_is_seen_by_its_types() {
    let (survey, ..) = survey("visits.parquet", parquet(0, 3_000));
    let form = |name: &str| &survey.column(name).unwrap().form;
    assert!(matches!(form("visit_id"), Form::Text { dates: false }));
    assert!(matches!(form("minutes"), Form::Number(n) if !n.whole));
    assert!(matches!(form("visits"), Form::Number(n) if n.whole && n.as_written));
    assert_eq!(*form("member"), Form::Boolean);
    assert!(matches!(form("plan"), Form::Words(words) if words.len() == 3));
    assert_eq!(survey.column("visit_id").unwrap().distinct, Some(3_000));
    assert_eq!(survey.column("minutes").unwrap().missing, 300);
}

#[test]
fn folders_are_columns_and_a_file_may_lack_one() {
    let folder = folder();
    for (day, text) in [("2026-01-01", "a,b\n1,2\n"), ("2026-01-02", "a\n3\n4\n")] {
        let inner = folder.path().join(format!("day={day}"));
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join("part.csv"), text).unwrap();
    }
    let survey = Survey::of(&Source::open(folder.path().to_str().unwrap()).unwrap()).unwrap();
    assert_eq!(survey.rows, 3);
    assert!(matches!(
        survey.column("day").unwrap().form,
        Form::Day { .. }
    ));
    assert_eq!(survey.column("b").unwrap().missing, 2);
}

#[test]
fn what_is_no_table_is_refused_by_name() {
    for (name, content, wanted) in [
        ("empty.csv", "", "EmptyTable"),
        ("header.csv", "a,b\n", "EmptyTable"),
        ("ragged.csv", "a,b\n1,2\n3\n", "InvalidCsv"),
        ("twice.csv", "a,a\n1,2\n", "DuplicateColumn"),
        ("not.parquet", "a,b\n1,2\n", "NotParquet"),
    ] {
        let folder = folder();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let refused = Source::open(path.to_str().unwrap()).and_then(|source| Survey::of(&source));
        assert_eq!(refused.unwrap_err().name(), wanted, "{name}");
    }
}

#[test]
fn a_copy_has_numbered_rows_and_nothing_that_stands_for_nothing() {
    let (_, source, _folder) = survey("strangers.csv", STRANGERS);
    let column = |name: &str, origin, output_type| Mending {
        name: name.to_owned(),
        origin,
        output_type,
    };
    let from = |name: &str| Origin::Column(name.to_owned());
    let copy = mended(
        &source,
        &[
            column("row_id", Origin::RowNumber, OutputType::Integer),
            column("amount", from("Amount, net"), OutputType::Double),
            column("paid", from("Paid"), OutputType::Boolean),
            column("day", from("Day"), OutputType::Date),
            column("city", from("City"), OutputType::Text),
            column(
                "is_a",
                Origin::Is {
                    column: String::new(),
                    word: "a".to_owned(),
                },
                OutputType::Integer,
            ),
        ],
    )
    .unwrap();
    let folder = folder();
    let path = folder.path().join("copy.parquet");
    std::fs::write(&path, copy).unwrap();
    let contract = common::contract(
        "name = \"c\"\nversion = 1\n[columns]\n\
         row_id = { role = \"id\", type = \"integer\" }\n\
         amount = { role = \"feature\", type = \"float\", nullable = true }\n\
         paid = { role = \"feature\", type = \"boolean\" }\n\
         day = { role = \"date\", type = \"date\" }\n\
         city = { role = \"feature\", type = \"category\", values = [\"Bern\"], nullable = true }\n\
         is_a = { role = \"target\", type = \"integer\" }\n",
    );
    let read = Source::open(path.to_str().unwrap()).unwrap();
    let frame = read
        .read(&Request::all(&contract, Purpose::Training))
        .unwrap();
    let ids: Vec<&str> = frame
        .texts("row_id")
        .unwrap()
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    assert_eq!(ids, ["1", "2", "3"]);
    let amounts = frame.numbers("amount").unwrap();
    assert!(
        amounts[0] == 3.5 && amounts[1].is_nan() && amounts[2] == -1.0,
        "{amounts:?}"
    );
    assert_eq!(frame.numbers("paid").unwrap(), [1.0, 0.0, 1.0]);
    assert_eq!(frame.numbers("is_a").unwrap(), [1.0, 0.0, 0.0]);
}
