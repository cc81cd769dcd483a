//! Validating as the state machines do it.
#![allow(clippy::unwrap_used, clippy::panic)]

use millrace_contract::stages::{DataVerdict, Documents, Purpose, Run};
use millrace_contract::{NamedError, RunId};
use millrace_store::{Key, Store};
use millrace_trail::{Text, freeze_documents};

use super::*;

const SPEC: &str = r#"
name = "small"
contract = "c.toml"
target = "score"
[scores]
table = "predictions"
column = "predicted"
decimals = 4
"#;

const CONTRACT: &str = r#"
name = "people"
version = 1
[limits]
minimum_quality = 0.0
maximum_bad_row_share = 0.4
[columns]
id = { role = "id", type = "text" }
age = { role = "feature", type = "integer", range = [0, 120] }
score = { role = "target", type = "float" }
"#;

fn documents(store: &Store, run: &RunId) -> Documents {
    let text = |origin: &str, text: &str| Text {
        origin: origin.into(),
        text: text.into(),
    };
    freeze_documents(store, run, &text("s.toml", SPEC), &text("c.toml", CONTRACT)).unwrap()
}

fn input(store: &Store, run: &str, folder: &std::path::Path, rows: &str) -> ValidateInput {
    let file = folder.join(format!("{run}.csv"));
    std::fs::write(&file, rows).unwrap();
    let run_id = RunId::new(run).unwrap();
    ValidateInput {
        documents: documents(store, &run_id),
        run: Run {
            run_id,
            started_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        },
        data: file.display().to_string(),
        purpose: Purpose::Training,
        reference: None,
    }
}

const GOOD: &str = "id,age,score\na,30,0.5\nb,40,0.25\nc,50,1\n";
const ONE_BAD: &str = "id,age,score\na,30,0.5\nb,-4,0.25\nc,50,1\n";
const MOSTLY_BAD: &str = "id,age,score\na,-30,0.5\nb,-4,0.25\nc,50,1\n";

#[test]
fn good_rows_are_accepted_and_bad_ones_put_aside() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let good = run(
        &Context::unsigned(&store),
        input(&store, "good", folder.path(), GOOD),
    )
    .unwrap();
    assert_eq!(good.verdict, DataVerdict::Accepted);
    assert_eq!(
        (good.files, good.rows_read, good.rows_quarantined),
        (1, 3, 0)
    );
    assert!(good.exclusions.is_none() && good.quarantine.is_none());
    let bad = run(
        &Context::unsigned(&store),
        input(&store, "bad", folder.path(), ONE_BAD),
    )
    .unwrap();
    assert_eq!(bad.verdict, DataVerdict::Accepted);
    assert_eq!(
        (bad.rows_read, bad.rows_accepted, bad.rows_quarantined),
        (3, 2, 1)
    );
    let quarantine = bad.quarantine.as_ref().unwrap();
    assert_eq!(quarantine.key, "runs/bad/validate/quarantine/rows.parquet");
    for object in [
        Some(bad.report),
        Some(bad.profile),
        bad.exclusions,
        bad.quarantine,
    ] {
        let key = Key::new(object.unwrap().key).unwrap();
        assert!(key.as_ref().starts_with("runs/bad/validate/"));
        store.get(&key).unwrap();
    }
}

#[test]
fn a_refusal_is_an_answer_with_reasons() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let refused = run(
        &Context::unsigned(&store),
        input(&store, "r", folder.path(), MOSTLY_BAD),
    )
    .unwrap();
    assert_eq!(refused.verdict, DataVerdict::Refused);
    assert!(!refused.reasons.is_empty());
}

#[test]
fn a_second_call_gives_the_first_answer_and_reads_nothing() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let input = input(&store, "r", folder.path(), GOOD);
    let first = run(&Context::unsigned(&store), input.clone()).unwrap();
    std::fs::remove_file(&input.data).unwrap();
    assert_eq!(run(&Context::unsigned(&store), input).unwrap(), first);
}

#[test]
fn the_files_are_fixed_with_an_absolute_place_and_the_digest_of_each() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let input = input(&store, "r", folder.path(), GOOD);
    let output = run(&Context::unsigned(&store), input.clone()).unwrap();
    let list: DataFiles = fetch_json(&store, &output.data_files, "a list").unwrap();
    assert_eq!(output.data_files.key, "runs/r/validate/data_files.json");
    assert_eq!(list.uri, input.data);
    assert_eq!(list.root, folder.path().to_str().unwrap());
    let [file] = list.files.as_slice() else {
        panic!("one file was given: {list:?}")
    };
    assert_eq!(file.name, "r.csv");
    assert_eq!(file.sha256, millrace_contract::Digest::of(GOOD.as_bytes()));
    assert_eq!(list.digest(), output.data_digest);
}

/// Its documents say less than is needed now: it is refused by name and nothing is guessed.
#[test]
fn a_run_that_an_older_build_began_is_refused_by_name() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let input = input(&store, "r", folder.path(), GOOD);
    run(&Context::unsigned(&store), input.clone()).unwrap();
    let key = Key::new("runs/r/validate/output.json").unwrap();
    let bytes = store.get(&key).unwrap().bytes;
    let mut record: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let output = record["output"].as_object_mut().unwrap();
    output.remove("data_files").unwrap();
    store.put(&key, record.to_string()).unwrap();
    let error = run(&Context::unsigned(&store), input).unwrap_err();
    assert_eq!(error.name(), "ObjectUnreadable");
    assert!(error.to_string().contains("data_files"), "{error}");
}

#[test]
fn data_that_cannot_fit_or_is_not_there_is_refused_by_name() {
    let (store, folder) = (Store::memory(), tempfile::tempdir().unwrap());
    let mut input = input(&store, "r", folder.path(), GOOD);
    let large = run_within(&Context::unsigned(&store), input.clone(), Some(64 << 20)).unwrap_err();
    assert_eq!(large.name(), "InputTooLarge");
    assert!(run_within(&Context::unsigned(&store), input.clone(), Some(512 << 20)).is_ok());
    input.run.run_id = RunId::new("other").unwrap();
    input.data.push_str(".missing");
    assert_eq!(
        run(&Context::unsigned(&store), input).unwrap_err().name(),
        "DataNotFound"
    );
}
