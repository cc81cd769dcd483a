//! What cannot be generated is refused by name before anything is written.
#![allow(clippy::unwrap_used)]

mod common;

use common::contract;
use jiff::civil::date;
use millrace_contract::Contract;
use millrace_generator::{Directory, GenerateError, Options, Setting, Table, generate};

fn setting(name: &str, amount: f64) -> Vec<Setting> {
    vec![Setting {
        name: name.to_owned(),
        amount,
    }]
}

fn refusal(options: &Options, contract: &Contract) -> GenerateError {
    let mut written = 0;
    let mut sink = |_: &str, _: Vec<u8>| {
        written += 1;
        Ok(())
    };
    let error = generate(options, contract, &mut sink, &|_| ()).unwrap_err();
    assert_eq!(written, 0, "something was written before: {error}");
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}: ", error.name())),
        "{error}"
    );
    error
}

#[test]
fn impossible_options_are_refused_by_name() {
    let usual = || Options {
        rows: Some(10),
        ..Options::default()
    };
    for (options, name, word) in [
        (
            Options {
                shift: setting("no_such", 0.5),
                ..usual()
            },
            "UnknownColumn",
            "no_such",
        ),
        (
            Options {
                shift: setting("engagement_score", 0.5),
                ..usual()
            },
            "UnknownColumn",
            "engagement_score",
        ),
        (
            Options {
                shift: setting("plan", 0.5),
                ..usual()
            },
            "ColumnNotNumeric",
            "plan",
        ),
        (
            Options {
                shift: setting("age", f64::NAN),
                ..usual()
            },
            "InvalidShift",
            "age",
        ),
        (
            Options {
                shift: [setting("age", 1.0), setting("age", 2.0)].concat(),
                ..usual()
            },
            "NamedTwice",
            "age",
        ),
        (
            Options {
                bias: setting("device", 0.2),
                ..usual()
            },
            "UnknownAttribute",
            "age, gender, location",
        ),
        (
            Options {
                bias: setting("gender", 0.9),
                ..usual()
            },
            "InvalidBias",
            "0.4",
        ),
        (
            Options {
                bias: setting("gender", f64::NAN),
                ..usual()
            },
            "InvalidBias",
            "gender",
        ),
        (
            Options {
                bias: [setting("age", 0.1), setting("age", 0.2)].concat(),
                ..usual()
            },
            "NamedTwice",
            "age",
        ),
        (
            Options {
                missing: 1.0,
                ..usual()
            },
            "InvalidShare",
            "missing",
        ),
        (
            Options {
                outliers: -0.1,
                ..usual()
            },
            "InvalidShare",
            "outliers",
        ),
        (
            Options {
                noise: f64::INFINITY,
                ..usual()
            },
            "InvalidNoise",
            "noise",
        ),
        (
            Options {
                rows: Some(0),
                ..usual()
            },
            "NothingToGenerate",
            "rows",
        ),
        (
            Options {
                days: Some(0),
                ..usual()
            },
            "NothingToGenerate",
            "days",
        ),
        (
            Options {
                date: date(9999, 12, 31),
                days: Some(2),
                ..usual()
            },
            "DateOutOfRange",
            "9999-12-31",
        ),
        (
            Options {
                first_id: 999_999_999,
                ..usual()
            },
            "TooManyRows",
            "999999999",
        ),
    ] {
        let error = refusal(&options, &contract(options.table));
        assert_eq!(error.name(), name, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn gemstones_have_nobody_to_be_unfair_to() {
    let options = Options {
        table: Table::Gemstones,
        bias: setting("gender", 0.2),
        ..Options::default()
    };
    let error = refusal(&options, &contract(Table::Gemstones));
    assert!(error.to_string().contains("none at all"), "{error}");
}

#[test]
fn a_contract_of_another_table_is_refused() {
    let customers = Table::Customers.contract_toml();
    for (from, to, word) in [
        ("friends_count ", "friend_count ", "friend_count"),
        (
            r#"["ios", "android", "web", "tablet"]"#,
            r#"["ios", "android"]"#,
            "device",
        ),
        (
            r#"creator_followers   = { role = "feature", type = "integer""#,
            r#"creator_followers   = { role = "feature", type = "boolean", unit = "x" } #"#,
            "creator_followers",
        ),
        (
            r#"engagement_score    = { role = "target""#,
            r#"happiness = { role = "target""#,
            "engagement_score",
        ),
        (
            r#"snapshot_date = { role = "date", type = "date" }"#,
            "",
            "date",
        ),
        (
            r#"dark_mode          = { role = "feature", type = "boolean", nullable = true }"#,
            "",
            "dark_mode",
        ),
    ] {
        let text = customers.replace(from, to);
        assert_ne!(text, customers, "{from}");
        let other = Contract::parse(&text, "other").unwrap();
        let error = refusal(
            &Options {
                rows: Some(10),
                ..Options::default()
            },
            &other,
        );
        assert_eq!(error.name(), "ContractMismatch");
        assert!(error.to_string().contains(word), "{error}");
    }
    let error = refusal(&Options::default(), &contract(Table::Gemstones));
    assert_eq!(error.name(), "ContractMismatch");
}

#[test]
fn words_that_name_nothing_are_refused() {
    assert_eq!(
        "diamonds".parse::<Table>().unwrap_err().name(),
        "UnknownTable"
    );
    for text in [
        "gender",
        "gender=",
        "=0.2",
        "gender=much",
        "gender=NaN",
        "gender=inf",
    ] {
        assert_eq!(
            text.parse::<Setting>().unwrap_err().name(),
            "InvalidSetting",
            "{text}"
        );
    }
    let read: Setting = "gender = 0.2".parse().unwrap();
    assert_eq!(
        read,
        Setting {
            name: "gender".into(),
            amount: 0.2
        }
    );
}

#[test]
fn a_directory_gets_whole_files_and_a_failure_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        rows: Some(50),
        ..Options::default()
    };
    let mut directory = Directory(folder.path().join("out"));
    let mut told = std::cell::Cell::new(0);
    let summary = generate(
        &options,
        &contract(options.table),
        &mut directory,
        &|rows| told.set(rows),
    )
    .unwrap();
    let folder_of_day = folder.path().join("out/snapshot_date=2026-11-01");
    let names: Vec<_> = std::fs::read_dir(&folder_of_day)
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    assert_eq!(names, ["part-000.parquet"]);
    assert_eq!((summary.rows, *told.get_mut()), (50, 50));

    let occupied = folder.path().join("file");
    std::fs::write(&occupied, "x").unwrap();
    let error = generate(
        &options,
        &contract(options.table),
        &mut Directory(occupied),
        &|_| (),
    )
    .unwrap_err();
    assert_eq!(error.name(), "WriteFailed");
}
