//! Nothing but the customer's rows changes, and whoever reads notices when something else did.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use support::Workshop;

use crate::{
    content, csv_of, decoded, erase, held_out, hex, id_of, is_rows, receipts, workshop_of_one_run,
};

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
    let document = erase(&aside, &["--yes", "--json"]).json_document();
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
fn rows_that_come_back_are_refused_and_erased_again() {
    let (workshop, data, first) = workshop_of_one_run();
    let path = held_out(&workshop);
    let second = id_of(&decoded(&path)[3]).to_owned();
    let score = ["score", "--data", &data];
    let before = fs::read(&path).unwrap();
    erase(&workshop, &first, &[]).succeeded();
    let between = fs::read(&path).unwrap();
    workshop.millrace(&score).succeeded();
    let name = |(path, _): (PathBuf, Value)| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let receipt = name(receipts(&workshop).pop().unwrap());
    let verify = ["erase", "verify", &receipt];
    workshop.millrace(&verify).succeeded();

    // From a backup: the very bytes that the manifest names, and no reader believes them.
    fs::write(&path, &before).unwrap();
    workshop.millrace(&score).failed_with("ErasedRowsReturned");
    workshop.millrace(&verify).failed_with("ErasedRowsReturned");
    erase(&workshop, &first, &[]).succeeded();
    assert_eq!(fs::read(&path).unwrap(), between);
    workshop.millrace(&score).succeeded();
    workshop.millrace(&verify).succeeded();

    // Two customers, and the rows of both come back: in another order than before nothing would fit any more.
    erase(&workshop, &second, &[]).succeeded();
    let after = fs::read(&path).unwrap();
    workshop.millrace(&verify).succeeded();
    fs::write(&path, &before).unwrap();
    let said = erase(&workshop, &second, &[]);
    assert!(said.out.contains("ErasedRowsReturned"), "{}", said.out);
    said.failed_with("ErasureIncomplete");
    assert_eq!(fs::read(&path).unwrap(), before);
    erase(&workshop, &first, &[]).succeeded();
    workshop.millrace(&score).failed_with("ErasedRowsReturned");
    erase(&workshop, &second, &[]).succeeded();
    assert_eq!(fs::read(&path).unwrap(), after);
    workshop.millrace(&score).succeeded();
}
