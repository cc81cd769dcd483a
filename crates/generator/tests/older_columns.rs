//! The values of the columns that older versions drew, by their digests: whoever generated data before finds the
//! same. `golden/columns.json` was made by `golden/make.py` from the command of commit 618489e.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use common::Rows;
use millrace_contract::Digest;
use millrace_generator::{Options, Setting, Table};

type Digests = BTreeMap<String, String>;

fn setting(name: &str, amount: f64) -> Vec<Setting> {
    vec![Setting {
        name: name.to_owned(),
        amount,
    }]
}

/// The tables of `make.py`.
fn tables() -> Vec<(&'static str, Options)> {
    let plain = Options {
        rows: Some(12_000),
        ..Options::default()
    };
    vec![
        ("customers", plain.clone()),
        (
            "planted",
            Options {
                seed: 7,
                days: Some(2),
                missing: 0.1,
                outliers: 0.05,
                bias: setting("gender", 0.2),
                shift: setting("feed_time_minutes_day", 0.5),
                ..plain.clone()
            },
        ),
        (
            "gemstones",
            Options {
                table: Table::Gemstones,
                ..plain
            },
        ),
    ]
}

/// Each value after a byte that says whether it is there; numbers by their bits, words with a line's end.
fn digest(rows: &Rows, name: &str) -> String {
    let mut bytes = Vec::new();
    for batch in &rows.batches {
        let array = batch.column_by_name(name).unwrap();
        for row in 0..array.len() {
            bytes.push(u8::from(array.is_valid(row)));
            if array.is_null(row) {
                continue;
            }
            match array.data_type() {
                DataType::Float64 => {
                    bytes.extend(array.as_primitive::<Float64Type>().value(row).to_le_bytes());
                }
                DataType::Int64 => {
                    bytes.extend(array.as_primitive::<Int64Type>().value(row).to_le_bytes());
                }
                DataType::Boolean => bytes.push(u8::from(array.as_boolean().value(row))),
                _ => {
                    bytes.extend(array.as_string::<i32>().value(row).as_bytes());
                    bytes.push(b'\n');
                }
            }
        }
    }
    Digest::of(&bytes).to_string()
}

#[test]
fn the_columns_of_older_versions_keep_their_values() {
    let golden: BTreeMap<String, Digests> =
        serde_json::from_str(include_str!("golden/columns.json")).unwrap();
    assert_eq!(golden["customers"].len(), 74, "all but the date");
    for (name, options) in tables() {
        let rows = Rows::of(&options);
        for (column, then) in &golden[name] {
            assert_eq!(digest(&rows, column), *then, "{name}: {column}");
        }
    }
}
