//! The way of a newcomer, on one machine: data, a model, scores, answers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use millrace_contract::Digest;
use millrace_generator::{Options, Setting, Table};
use support::quick::quick_spec;
use support::rows::{cells, csv};
use support::{Workshop, repository_file};

#[test]
fn from_a_data_file_to_an_answer() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = workshop.small_spec();
    let said = workshop
        .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", "r1"])
        .succeeded();
    assert!(said.contains("R2 0."), "{said}");
    let counted = workshop
        .millrace(&["query", "SELECT count(*) AS rows FROM predictions", "--csv"])
        .succeeded();
    assert_eq!(counted, "rows\n6000\n");
    let tiers = "SELECT count(*) FROM predictions WHERE engagement_tier IS NULL OR churn_risk_tier IS NULL \
                 OR churn_probability <> round(1 - engagement_score_pred, 3)";
    let wrong = workshop.millrace(&["query", tiers, "--csv"]).succeeded();
    assert_eq!(
        wrong.lines().nth(1),
        Some("0"),
        "every row has a tier, and churn mirrors engagement"
    );
    let columns = workshop
        .millrace(&["query", "SELECT * FROM predictions LIMIT 1", "--csv"])
        .succeeded();
    assert_eq!(
        columns.lines().next(),
        Some(
            "customer_id,engagement_score_pred,confidence,engagement_tier,churn_probability,churn_risk_tier,\
             model_name,model_version,scored_at,run_id,model,scored_on"
        ),
        "protected attributes never reach the table"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 3_000);
    let spec = workshop.small_spec();
    let train = |run: &str| {
        let arguments = [
            "--json", "train", "--data", &data, "--spec", &spec, "--run-id", run,
        ];
        let at = ["--at", "2026-11-02T00:00:00Z"];
        workshop
            .millrace(&[&arguments[..], &at[..]].concat())
            .json()
    };
    let (first, second) = (train("a"), train("b"));
    for file in ["model", "recipe", "holdout", "holdout_rows"] {
        assert_eq!(
            first["files"][file]["sha256"], second["files"][file]["sha256"],
            "{file}"
        );
    }
}

#[test]
fn a_run_that_is_started_again_does_nothing_twice() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 3_000);
    let spec = workshop.small_spec();
    let arguments = [
        "train",
        "--data",
        &data,
        "--spec",
        &spec,
        "--run-id",
        "again",
        "--at",
        "2026-11-02T00:00:00Z",
    ];
    workshop.millrace(&arguments).succeeded();
    let model = workshop.path("store/runs/again/train-1/model.ubj");
    let written = std::fs::metadata(&model).unwrap().modified().unwrap();
    workshop.millrace(&arguments).succeeded();
    assert_eq!(
        std::fs::metadata(&model).unwrap().modified().unwrap(),
        written
    );
    let other = workshop.customers("others", 2_000);
    let changed = [
        "train",
        "--data",
        &other,
        "--spec",
        &spec,
        "--run-id",
        "again",
        "--at",
        "2026-11-02T00:00:00Z",
    ];
    workshop.millrace(&changed).failed_with("RunInputChanged");
}

#[test]
fn a_quite_different_table_needs_no_code() {
    let workshop = Workshop::default();
    let options = Options {
        table: Table::Gemstones,
        rows: Some(4_000),
        ..Options::default()
    };
    let data = workshop.generate("gemstones", &options);
    workshop.write(
        "contracts/gemstones.toml",
        repository_file("contracts/gemstones.toml"),
    );
    let spec = workshop.write(
        "models/gemstones.toml",
        repository_file("models/gemstones.toml"),
    );
    workshop
        .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", "g1"])
        .succeeded();
    let shown = workshop
        .millrace(&["query", "SHOW TABLES", "--csv"])
        .succeeded();
    // Catalogue, schema, name and type of each.
    let tables: BTreeSet<&str> = shown
        .lines()
        .filter_map(|line| line.strip_prefix("datafusion,public,")?.split(',').next())
        .collect();
    let expected = [
        "data_quality",
        "gate_verdicts",
        "gemstone_prices",
        "gemstone_prices_by_run",
        "model_versions",
        "quarantine",
        "runs",
        "served",
    ];
    assert_eq!(tables, BTreeSet::from(expected), "{shown}");
}

/// The very rows of a Parquet file as CSV, missing values and all: every document that is made of rows, and every
/// score that a reader sees.
#[test]
fn csv_serves_as_well_as_parquet() {
    let workshop = Workshop::default();
    let parquet = workshop.customers("customers", 2_500);
    let table = cells(&parquet);
    assert!(
        table.iter().flatten().any(String::is_empty),
        "nothing is missing in it"
    );
    let csv = workshop.write("customers.csv", csv(&table));
    let spec = quick_spec(&workshop);
    let run = |data: &str, store: &str| {
        let store = workshop.text(store);
        let asked = ["--run-id", "r", "--at", "2026-11-02T00:00:00Z"];
        let run = [&["run", "--data", data, "--spec", &spec][..], &asked].concat();
        workshop.millrace_in(&store, &run).succeeded();
        let made = ["model.ubj", "recipe.json", "holdout.parquet"];
        let digests = made.map(|file| {
            Digest::of(&std::fs::read(format!("{store}/runs/r-training/train-1/{file}")).unwrap())
        });
        let seen = [
            "query",
            "SELECT * FROM predictions ORDER BY customer_id",
            "--csv",
        ];
        (digests, workshop.millrace_in(&store, &seen).succeeded())
    };
    let (of_parquet, of_csv) = (run(&parquet, "of-parquet"), run(&csv, "of-csv"));
    assert_eq!(of_csv.0, of_parquet.0, "model, recipe and held-out scores");
    assert!(of_parquet.1.lines().count() > 2_000, "{}", of_parquet.1);
    assert_eq!(of_csv.1, of_parquet.1, "every score of every customer");
}

#[test]
fn unfair_data_is_planted_and_seen() {
    let workshop = Workshop::default();
    let bias = vec![Setting {
        name: "gender".into(),
        amount: 0.2,
    }];
    let options = Options {
        rows: Some(6_000),
        bias,
        ..Options::default()
    };
    let data = workshop.generate("unfair", &options);
    let spec = workshop.small_spec();
    workshop.train(&data, &spec, "u");
    let holdout = workshop.text("store/runs/u/train-1/holdout.parquet");
    let judged = workshop.millrace(&[
        "fairness",
        "--predictions",
        &holdout,
        "--truth",
        "truth",
        "--score",
        // A raw prediction may lie outside of 0 to 1; what was planted is in the truth.
        "truth",
        "--attributes",
        "gender",
    ]);
    let said = judged.failed_with("FairnessRejected");
    assert!(said.contains("woman"), "{said}");
}
