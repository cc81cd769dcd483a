//! An erasure goes through everything, and tells what it could not clean.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use support::Workshop;

use crate::{
    content, csv_of, decoded, erase, id_of, places_of, receipts, rows_of, workshop_of_one_run,
};

#[test]
fn a_damaged_file_and_an_unreadable_spec_end_no_erasure() {
    let (workshop, data, id) = workshop_of_one_run();
    // The first of all files, a spec, and the data that is named: each of them ended an erasure at once.
    let damaged = workshop.write("store/data/a.parquet", "PAR1 and nothing more");
    let spec = workshop.path("store/runs/r-training/documents/spec.toml");
    let good = fs::read(&spec).unwrap();
    fs::write(&spec, "name = ").unwrap();
    let strange = workshop.write("broken/b.csv", "id,name\n1,2\n\"");
    let missing = workshop.text("nowhere");
    let more = [
        "--data", &missing, "--data", &strange, "--data", &data, "--json",
    ];
    let answer = erase(&workshop, &id, &more);
    assert!(
        answer.error.contains("error: ErasureIncomplete"),
        "{}",
        answer.error
    );
    let said: Value = serde_json::from_str(&answer.out).unwrap();
    let names: Vec<&str> = said["not_cleaned"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failed| failed["error"].as_str().unwrap())
        .collect();
    for name in ["CorruptParquet", "InvalidSpec", "DataNotFound"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert_eq!(places_of(&workshop, &id), Vec::<PathBuf>::new());
    let lines = rows_of(&data);
    assert!(lines.iter().all(|line| !line.contains(&id)), "{data}");
    let (path, receipt) = receipts(&workshop).pop().unwrap();
    assert_eq!(receipt["not_cleaned"], said["not_cleaned"]);
    assert_eq!(receipt["rows_erased"], 6);
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    workshop
        .millrace(&["erase", "verify", &name])
        .failed_with("ErasureIncomplete");

    // What was left is done by the same command, and the rest is not done twice.
    fs::write(&spec, good).unwrap();
    fs::remove_file(damaged).unwrap();
    let said = erase(&workshop, &id, &["--data", &data]).succeeded();
    assert!(said.starts_with("nothing found"), "{said}");
    let (path, receipt) = receipts(&workshop).pop().unwrap();
    assert_eq!(receipt["rows_erased"], 0);
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let said = workshop.millrace(&["erase", "verify", &name]).succeeded();
    assert!(said.contains("complete"), "{said}");
}

/// Ended without a word at any moment, an erasure is brought to its end by the same command.
#[test]
fn an_erasure_that_is_killed_is_taken_up() {
    let (workshop, data, id) = workshop_of_one_run();
    let learned = content(&workshop);
    let arguments = ["erase", "--customer-id", &id, "--data", &data, "--yes"];
    let mut unfinished = 0;
    for moment in 0..12 {
        let mut running = workshop.begin(&arguments);
        std::thread::sleep(Duration::from_millis(3 + 6 * moment));
        running.kill();
    }
    unfinished += receipts(&workshop)
        .iter()
        .filter(|(_, receipt)| receipt["finished_at"].is_null())
        .count();
    println!("{unfinished} of 12 were cut short");
    workshop.millrace(&arguments).succeeded();
    assert_eq!(places_of(&workshop, &id), Vec::<PathBuf>::new());
    let hidden = workshop.store_files().into_iter().map(|(path, _)| path);
    let hidden: Vec<PathBuf> = hidden
        .filter(|path| path.to_str().unwrap().contains("/.tmp-"))
        .collect();
    assert_eq!(hidden, Vec::<PathBuf>::new());
    let after = content(&workshop);
    for (path, lines) in &learned {
        let rest: Vec<&String> = lines.iter().filter(|line| !line.contains(&id)).collect();
        assert_eq!(
            rest,
            after[path].iter().collect::<Vec<_>>(),
            "{}",
            path.display()
        );
    }
    // All receipts together say what was done, each file once.
    let mut changed = Vec::new();
    for (_, receipt) in receipts(&workshop) {
        let objects = receipt["objects"].as_array().unwrap().clone();
        changed.extend(
            objects
                .into_iter()
                .filter(|object| object["before"] != object["after"]),
        );
    }
    println!("{} changes are in receipts", changed.len());
    workshop.millrace(&["score", "--data", &data]).succeeded();
    workshop.millrace(&["models", "show", "live"]).succeeded();
}

#[test]
fn whatever_can_be_read_can_be_erased_from_whatever_it_is_called() {
    let workshop = Workshop::default();
    let names = [
        "my file.csv",
        "100%20.csv",
        "a#b+c&d?.csv",
        "caf\u{e9} \u{1f600}.csv",
        "it's \"quoted\".csv",
        "~.csv",
        "[id].csv",
    ];
    for name in names {
        workshop.write(
            &format!("odd folder/{name}"),
            "customer_id,age\nC000000001,3\nC000000002,4\n",
        );
    }
    // Alone, and all of the folder.
    let one = workshop.text(&format!("odd folder/{}", names[0]));
    erase(&workshop, "C000000001", &["--data", &one]).succeeded();
    let said = erase(
        &workshop,
        "C000000001",
        &["--data", &workshop.text("odd folder")],
    )
    .succeeded();
    assert!(said.contains("6 rows erased in 6 of 7"), "{said}");
    for name in names {
        let left = fs::read_to_string(workshop.path("odd folder").join(name)).unwrap();
        assert_eq!(left, "customer_id,age\nC000000002,4\n", "{name}");
    }
    let uri = format!("file://{one}");
    let said = erase(&workshop, "C000000002", &["--data", &uri]).succeeded();
    assert!(said.contains("1 rows erased in 1 of 1"), "{said}");
    // In the store itself, where no listing shows it.
    workshop.write("store/my rows.csv", "customer_id\nC000000001\nC000000002\n");
    erase(&workshop, "C000000001", &[]).succeeded();
    let left = fs::read_to_string(workshop.path("store/my rows.csv")).unwrap();
    assert_eq!(left, "customer_id\nC000000002\n");
    // What could not be replaced is not read either.
    let line = workshop.write("lines/a\nb.csv", "customer_id,age\nC000000001,3\n");
    for data in [line.as_str(), &workshop.text("lines")] {
        let asked = ["validate", "--data", data];
        workshop.millrace(&asked).failed_with("DataUnreadable");
    }
}

#[test]
fn what_lies_half_written_is_found_and_removed() {
    let workshop = Workshop::default();
    let rows = "customer_id\nC000000001\n";
    let dead = workshop.write("store/runs/r/score-00000/.tmp-millrace-dead", rows);
    let living = workshop.write("store/tables/.tmp-millrace-living", rows);
    let held = fs::File::open(&living).unwrap();
    held.lock().unwrap();
    let said = workshop.millrace(&["erase", "--customer-id", "C000000001", "--json"]);
    said.failed_with("ErasureIncomplete");
    assert!(Path::new(&dead).exists(), "a dry run removes nothing");
    let said = erase(&workshop, "C000000001", &["--json"]);
    assert!(said.out.contains("BeingWritten"), "{}", said.out);
    said.failed_with("ErasureIncomplete");
    assert!(!Path::new(&dead).exists() && Path::new(&living).exists());
    drop(held);
    let said = erase(&workshop, "C000000001", &["--json"]).json_document();
    assert_eq!(said["removed"].as_array().unwrap().len(), 1, "{said}");
    assert!(!Path::new(&living).exists());
}

#[test]
fn a_report_loses_its_examples_with_whoever_was_set_aside() {
    let workshop = Workshop::default();
    let generated = workshop.customers("customers", 6_000);
    let data = csv_of(&workshop, &generated);
    let spec = workshop.lenient_spec();
    let arguments = ["run", "--data", &data, "--spec", &spec, "--run-id", "r"];
    workshop.millrace(&arguments).succeeded();
    let report = workshop.path("store/runs/r-training/validate/report.json");
    let examples = || {
        let report: Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
        let columns = report["columns"].as_array().unwrap().clone();
        let all = columns
            .iter()
            .map(|column| column["examples"].as_array().unwrap().len());
        all.sum::<usize>()
    };
    assert!(examples() > 0);
    let text = fs::read_to_string(&data).unwrap();
    let id = id_of(text.lines().nth(2).unwrap()).to_owned();
    erase(&workshop, &id, &[]).succeeded();
    assert_eq!(examples(), 0);
    // What vouches for the report believes it still, and no other.
    workshop.millrace(&["resume", "r"]).succeeded();
}

#[test]
fn what_names_a_customer_and_is_no_table_is_told() {
    let workshop = Workshop::default();
    workshop.write("store/notes/said.txt", "C000000001 wants to be called");
    let said = erase(&workshop, "C000000001", &[]);
    assert!(said.out.contains("IdInDocument"), "{}", said.out);
    said.failed_with("ErasureIncomplete");
    erase(&workshop, "C000000002", &[]).succeeded();
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
    let said = workshop.millrace(&erase);
    assert!(said.out.contains("IdInName"), "{}", said.out);
    // Nor does the receipt name them.
    let (path, _) = receipts(&workshop).pop().unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert!(
        !text.contains("C000000001") && text.contains("customer_id=[id]"),
        "{text}"
    );
    said.failed_with("ErasureIncomplete");
    let strange = workshop.write("data/broken.parquet", "PAR1 and nothing more");
    let erase = ["erase", "--customer-id", "C000000001", "--data", &strange];
    let said = workshop.millrace(&erase);
    assert!(said.out.contains("CorruptParquet"), "{}", said.out);
    said.failed_with("ErasureIncomplete");
}
