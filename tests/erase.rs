//! A customer who wants to be forgotten: gone from every file of rows, and everything else as it was.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Workshop, rows};

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

#[test]
fn a_customer_is_erased_and_nothing_else_changes() {
    let workshop = Workshop::default();
    let generated = workshop.customers("customers", 6_000);
    let data = csv_of(&workshop, &generated);
    let spec = workshop.lenient_spec();
    let arguments = ["run", "--data", &data, "--spec", &spec, "--run-id", "r"];
    workshop.millrace(&arguments).succeeded();
    let before = content(&workshop);
    let data_before = fs::read_to_string(&data).unwrap();

    let held_out = before
        .keys()
        .find(|path| path.ends_with("v1.0.0/holdout.parquet"))
        .unwrap();
    let id = id_of(&before[held_out][2]).to_owned();
    let erase = |id: &str, more: &[&str]| {
        let arguments = ["erase", "--customer-id", id, "--data", &data];
        workshop.millrace(&[&arguments[..], more].concat())
    };

    let said = erase(&id, &[]).succeeded();
    assert!(said.contains("nothing was changed: give --yes"), "{said}");
    assert!(said.contains("6 rows would be erased in 6 of"), "{said}");
    assert_eq!(content(&workshop), before);
    assert!(!workshop.path("store/erasures").exists());

    let said = erase(&id, &["--yes"]).succeeded();
    assert!(said.contains("6 rows erased in 6 of"), "{said}");
    let after = content(&workshop);
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    for (path, lines) in &before {
        let rest: Vec<&String> = lines.iter().filter(|line| !line.contains(&id)).collect();
        let now: Vec<&String> = after[path].iter().collect();
        assert_eq!(rest, now, "{}", path.display());
    }
    for (path, _) in workshop.store_files() {
        let text = match is_rows(&path) {
            true => decoded(&path).join("\n"),
            false => hex(&fs::read(&path).unwrap()),
        };
        assert!(!text.contains(&id), "{} still has {id}", path.display());
    }
    let rest: String = data_before
        .split_inclusive('\n')
        .filter(|line| !line.contains(&id))
        .collect();
    assert_eq!(fs::read_to_string(&data).unwrap(), rest);

    let said = erase(&id, &["--yes"]).succeeded();
    assert!(said.starts_with("nothing found"), "{said}");
    everything_still_works(&workshop, &generated);

    // Whoever was put aside lies in the quarantine, as a row with all its columns.
    let aside = id_of(data_before.lines().nth(2).unwrap()).to_owned();
    let document = erase(&aside, &["--yes", "--json"]).succeeded();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let changed = document["objects"].as_array().unwrap();
    let in_quarantine = |change: &&serde_json::Value| {
        change["uri"]
            .as_str()
            .unwrap()
            .contains("/validate/quarantine/")
    };
    assert_eq!(
        changed.iter().filter(in_quarantine).count(),
        2,
        "{document}"
    );
    assert!(
        content(&workshop)
            .values()
            .flatten()
            .all(|line| !line.contains(&aside))
    );
}

/// The documents that vouch for the files that were changed are believed still.
fn everything_still_works(workshop: &Workshop, data: &str) {
    let counted = ["query", "SELECT count(*) AS rows FROM predictions", "--csv"];
    assert_eq!(workshop.millrace(&counted).succeeded(), "rows\n5998\n");
    workshop.millrace(&["models", "show", "live"]).succeeded();
    workshop
        .millrace(&["runs", "show", "r-training"])
        .succeeded();
    let again = ["score", "--data", data, "--run-id", "again"];
    workshop.millrace(&again).succeeded();
    assert_eq!(workshop.millrace(&counted).succeeded(), "rows\n6000\n");
}

#[test]
fn an_erasure_excuses_no_other_change() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = workshop.lenient_spec();
    let arguments = ["run", "--data", &data, "--spec", &spec, "--run-id", "r"];
    workshop.millrace(&arguments).succeeded();
    let held_out = workshop.path("store/models/engagement/v1.0.0/holdout.parquet");
    let lines = decoded(&held_out);
    let erase = ["erase", "--customer-id", id_of(&lines[2]), "--yes"];
    workshop.millrace(&erase).succeeded();
    let score = ["score", "--data", &data];
    workshop.millrace(&score).succeeded();
    let mut bytes = fs::read(&held_out).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&held_out, bytes).unwrap();
    workshop.millrace(&score).failed_with("ModelFilesAltered");
}

#[test]
fn what_cannot_be_erased_is_refused_by_name() {
    let workshop = Workshop::default();
    workshop
        .millrace(&["erase", "--customer-id", " "])
        .failed_with("InvalidCustomerId");
    let data = workshop.customers("data/customer_id=C000000001", 10);
    let folder = Path::new(&data).parent().unwrap().to_str().unwrap();
    let erase = [
        "erase",
        "--customer-id",
        "C000000001",
        "--data",
        folder,
        "--yes",
    ];
    workshop.millrace(&erase).failed_with("IdInName");
    let strange = workshop.write("data/broken.parquet", "PAR1 and nothing more");
    let erase = ["erase", "--customer-id", "C000000001", "--data", &strange];
    workshop.millrace(&erase).failed_with("CorruptParquet");
}
