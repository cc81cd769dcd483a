//! A customer who wants to be forgotten: gone from every file of rows, and everything else as it was.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod everything;
mod receipt;
mod unchanged;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Answer, Workshop, rows};

/// The columns, then the rows as lines of CSV with their header.
fn decoded(path: &Path) -> Vec<String> {
    let mut lines = vec![rows::schema(path)];
    lines.extend(rows::decoded(path));
    lines
}

fn is_rows(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "parquet")
}

/// What every file of the store says, but for the notes of erasures.
fn content(workshop: &Workshop) -> BTreeMap<PathBuf, Vec<String>> {
    let files = workshop.store_files().into_iter().map(|(path, _)| path);
    let files = files.filter(|path| !path.starts_with(workshop.path("store/erasures")));
    let with_content = files.map(|path| {
        let lines = match is_rows(&path) {
            true => decoded(&path),
            false => vec![hex(&fs::read(&path).unwrap())],
        };
        (path, lines)
    });
    with_content.collect()
}

fn hex(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The customers as CSV; in the row of the second one stands something that is no number.
fn csv_of(workshop: &Workshop, folder: &str) -> String {
    let mut table = rows::cells(folder);
    let age = table[0].iter().position(|name| name == "age").unwrap();
    table[2][age] = "old".to_owned();
    workshop.write("data/customers.csv", rows::csv(&table))
}

fn id_of(line: &str) -> &str {
    line.split(',').find(|cell| is_id(cell)).unwrap()
}

fn is_id(cell: &str) -> bool {
    cell.len() == 10 && cell.starts_with('C')
}

/// A store with a run, and the id of somebody who was held out.
fn workshop_of_one_run() -> (Workshop, String, String) {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = workshop.lenient_spec();
    let arguments = ["run", "--data", &data, "--spec", &spec, "--run-id", "r"];
    workshop.millrace(&arguments).succeeded();
    let id = id_of(&decoded(&held_out(&workshop))[2]).to_owned();
    (workshop, data, id)
}

fn held_out(workshop: &Workshop) -> PathBuf {
    workshop.path("store/models/engagement/v1.0.0/holdout.parquet")
}

fn erase(workshop: &Workshop, id: &str, more: &[&str]) -> Answer {
    let arguments = ["erase", "--customer-id", id, "--yes"];
    workshop.millrace(&[&arguments[..], more].concat())
}

/// The receipts of the store, the newest last.
fn receipts(workshop: &Workshop) -> Vec<(PathBuf, Value)> {
    let files = workshop.store_files().into_iter().map(|(path, _)| path);
    let folder = workshop.path("store/erasures");
    let receipts = files.filter(|path| {
        path.parent() == Some(&folder) && path.extension().is_some_and(|ending| ending == "json")
    });
    let read = |path: PathBuf| {
        let receipt = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        (path, receipt)
    };
    receipts.map(read).collect()
}

/// Where the id stands in the store: in a row, or in a document.
fn places_of(workshop: &Workshop, id: &str) -> Vec<PathBuf> {
    let files = workshop.store_files().into_iter().map(|(path, _)| path);
    let has_it = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        match bytes.ends_with(b"PAR1") {
            true => decoded(path).iter().any(|line| line.contains(id)),
            false => hex(&bytes).contains(id),
        }
    };
    files.filter(has_it).collect()
}

/// All rows of generated data, whatever its files are called.
fn rows_of(data: &str) -> Vec<String> {
    let mut folders = vec![PathBuf::from(data)];
    let mut lines = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => lines.extend(decoded(&path)),
            }
        }
    }
    lines
}
