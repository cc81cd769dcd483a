//! Every door takes S3: data, store and results, with the command as a user types it.
//!
//! Tested where `MILLRACE_TEST_S3=s3://bucket/prefix` says; `scripts/emulator run` sets it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_skip::s3_or_skip;
use millrace_store::Store;
use support::Workshop;
use support::quick::quick_spec;

#[test]
fn from_generated_data_to_answers_without_a_local_file() {
    let Some(base) = s3_or_skip() else { return };
    let workshop = Workshop::default();
    let spec = quick_spec(&workshop);
    let data = format!("{base}/command/customers");
    let store = format!("{base}/command/store");
    let out = format!("{base}/command/out/scores.parquet");
    let report = format!("{base}/command/report");

    let on_s3 = |arguments: &[&str]| workshop.millrace_in(&store, arguments);
    on_s3(&["generate", "--out", &data, "--rows", "2000"]).succeeded();
    on_s3(&["generate", "--out", &data, "--rows", "2000"]).failed_with("FolderNotEmpty");
    on_s3(&[
        "validate",
        "--data",
        &data,
        "--out",
        &report,
        "--at",
        "2026-11-02T00:00:00Z",
    ])
    .succeeded();
    on_s3(&["run", "--data", &data, "--spec", &spec, "--run-id", "t"]).succeeded();
    on_s3(&["score", "--data", &data, "--run-id", "s", "--out", &out]).succeeded();
    let counted = on_s3(&["query", "--csv", "SELECT count(*) FROM predictions"]).succeeded();
    assert_eq!(counted.lines().nth(1), Some("2000"));

    let written = |uri: &str| Store::open(uri).unwrap().list("").unwrap().len();
    assert_eq!(
        written(&report),
        2,
        "the report and the profile; nothing was quarantined"
    );
    assert_eq!(written(&format!("{base}/command/out")), 1);
}

#[test]
fn a_customer_is_erased_from_a_bucket() {
    let Some(base) = s3_or_skip() else { return };
    let workshop = Workshop::default();
    let spec = quick_spec(&workshop);
    let data = format!("{base}/erased/customers");
    let store = format!("{base}/erased/store");
    let on_s3 = |arguments: &[&str]| workshop.millrace_in(&store, arguments);
    on_s3(&["generate", "--out", &data, "--rows", "1500"]).succeeded();
    let run = ["run", "--data", &data, "--spec", &spec, "--run-id", "t"];
    on_s3(&run).succeeded();
    let count = |id: &str| {
        let sql = format!("SELECT count(*) FROM predictions WHERE customer_id = '{id}'");
        on_s3(&["query", &sql, "--csv"])
            .succeeded()
            .lines()
            .nth(1)
            .unwrap()
            .to_owned()
    };
    let id = "C000000007";
    assert_eq!(count(id), "1");
    let erase = ["erase", "--customer-id", id, "--data", &data, "--yes"];
    let said = on_s3(&erase).succeeded();
    assert!(said.contains("may still hold them"), "{said}");
    assert_eq!(count(id), "0");
    assert_eq!(count("C000000008"), "1");
    let again = on_s3(&erase).succeeded();
    assert!(again.starts_with("nothing found"), "{again}");
}

#[test]
fn a_file_uri_is_as_good_as_a_path() {
    let workshop = Workshop::default();
    let data = format!("file://{}", workshop.text("customers"));
    let store = format!("file://{}", workshop.text("store"));
    let out = format!("file://{}", workshop.text("scores.parquet"));
    let spec = workshop.small_spec();
    let run = |arguments: &[&str]| workshop.millrace_in(&store, arguments);
    run(&["generate", "--out", &data, "--rows", "1000"]).succeeded();
    run(&["train", "--data", &data, "--spec", &spec, "--run-id", "t"]).succeeded();
    let score = [
        "score",
        "--data",
        &data,
        "--version",
        "run:t",
        "--out",
        &out,
    ];
    run(&score).succeeded();
    assert!(workshop.path("scores.parquet").is_file());
    let again = run(&[&score[..], &["--run-id", "s"]].concat()).succeeded();
    assert!(again.contains("scored 1,000 rows"), "{again}");
}
