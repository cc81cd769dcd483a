//! A customer who wants to be forgotten: gone from every file of rows, and everything else as it was.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use millrace_contract::Digest;
use serde_json::Value;
use support::{Answer, Workshop, program, rows};

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

#[test]
fn a_receipt_is_signed_names_nobody_and_can_be_checked() {
    let (workshop, data, id) = workshop_of_one_run();
    let keys = workshop.text("keys");
    workshop
        .millrace(&["keys", "make", "--out", &keys])
        .succeeded();
    let key = |name: &str| fs::read_to_string(workshop.path("keys").join(name)).unwrap();
    let with = |variables: &[(&str, String)], arguments: &[&str]| {
        let output = Command::new(program("millrace"))
            .args(["--store", &workshop.text("store")])
            .args(arguments)
            .envs(
                variables
                    .iter()
                    .map(|(name, value)| (*name, value.as_str())),
            )
            .output()
            .unwrap();
        Answer::of(&output)
    };
    let signing = [("MILLRACE_SIGNING_KEY", key("signing.key"))];
    let trusted = [("MILLRACE_VERIFY_KEYS", key("verify.key"))];
    let asked = [
        "erase",
        "--customer-id",
        &id,
        "--data",
        &data,
        "--yes",
        "--json",
    ];
    let said: Value = serde_json::from_str(&with(&signing, &asked).succeeded()).unwrap();
    let (name, proof) = (
        said["erasure"].as_str().unwrap(),
        said["proof"].as_str().unwrap(),
    );
    let (path, receipt) = receipts(&workshop).pop().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&id) && !text.contains(proof), "{text}");

    // Every file of rows of the store and of the data, with what it was and is.
    let objects = receipt["objects"].as_array().unwrap();
    let files = workshop
        .store_files()
        .into_iter()
        .filter(|(path, _)| is_rows(path));
    for (file, _) in files {
        let is_it = |object: &&Value| {
            let uri = object["uri"].as_str().unwrap();
            uri.ends_with(file.to_str().unwrap())
        };
        let object = objects
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{}", file.display()));
        let digest = Digest::of(&fs::read(&file).unwrap());
        assert_eq!(object["after"]["sha256"], digest.as_str());
        let changed = object["before"] != object["after"];
        assert_eq!(changed, object["rows_erased"] != 0, "{object}");
    }
    let held: Vec<&str> = receipt["may_still_hold"]
        .as_array()
        .unwrap()
        .iter()
        .map(|held| held["what"].as_str().unwrap())
        .collect();
    assert!(held.contains(&"backups"), "{held:?}");
    let models = receipt["models"].as_array().unwrap();
    let version = models
        .iter()
        .find(|model| model["place"] == "models/engagement/v1.0.0");
    assert_eq!(version.unwrap()["influence"], "held_out", "{models:?}");

    // Whoever has the public key can check it; whoever has the proof and the id, whose it is.
    let verify = ["erase", "verify", name];
    let said = with(&trusted, &verify).succeeded();
    assert!(said.contains("signature holds"), "{said}");
    let whose = |id: &str, proof: &str| {
        let more = ["--customer-id", id, "--proof", proof];
        with(&trusted, &[&verify[..], &more].concat())
    };
    whose(&id, proof).succeeded();
    whose("C000000000", proof).failed_with("ReceiptOfAnother");
    whose(&id, &"0".repeat(64)).failed_with("ReceiptOfAnother");
    with(&trusted, &[&verify[..], &["--customer-id", &id]].concat()).failed_with("ProofMissing");
    // Wherever it is kept.
    let kept = workshop.write("kept/receipt.json", &text);
    let signature = path.with_extension("sig");
    workshop.write("kept/receipt.sig", fs::read(&signature).unwrap());
    with(&trusted, &["erase", "verify", &kept]).succeeded();
    // Nobody can change it, or do without the signature.
    fs::write(&path, text.replace("held_out", "none")).unwrap();
    with(&trusted, &verify).failed_with("SignatureInvalid");
    fs::write(&path, &text).unwrap();
    fs::remove_file(signature).unwrap();
    with(&trusted, &verify).failed_with("SignatureMissing");
    let said = with(&[], &verify).succeeded();
    assert!(said.contains("signature none"), "{said}");
}

#[test]
fn models_that_learned_from_a_customer_are_named() {
    let (workshop, data, held_out) = workshop_of_one_run();
    let learned: Vec<String> = rows_of(&data)
        .iter()
        .skip(1)
        .filter_map(|line| line.split(',').find(|cell| is_id(cell)))
        .map(str::to_owned)
        .collect();
    let aside = |id: &String| {
        let places = places_of(&workshop, id);
        let is = |name: &str| {
            places
                .iter()
                .any(|path| path.to_str().unwrap().contains(name))
        };
        is("holdout") || is("quarantine")
    };
    let learned = learned.into_iter().find(|id| !aside(id)).unwrap();
    let influence = |id: &str| {
        let asked = ["erase", "--customer-id", id, "--json"];
        let said = workshop.millrace(&asked).json_document();
        let models = said["models"].as_array().unwrap().clone();
        let of = |place: &str| {
            let model = models.iter().find(|model| model["place"] == place);
            model.map(|model| model["influence"].as_str().unwrap().to_owned())
        };
        [
            of("models/engagement/v1.0.0"),
            of("runs/r-training/train-1"),
        ]
    };
    assert_eq!(
        influence(&learned),
        [Some("trained".into()), Some("trained".into())]
    );
    assert_eq!(
        influence(&held_out),
        [Some("held_out".into()), Some("held_out".into())]
    );
    assert_eq!(influence("C999999999"), [None, None]);
    // When the data is no longer what it was, nobody can tell.
    erase(&workshop, &learned, &["--data", &data]).succeeded();
    assert_eq!(
        influence(&learned),
        [Some("unknown".into()), Some("unknown".into())]
    );
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
