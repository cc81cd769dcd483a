//! Bad input at the door of the command: a named error, and a store that is as it was.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use support::Workshop;
use support::csv::customers as csv;

/// Trains on `data` and expects the named error, with nothing but the run's own notes in the store.
#[track_caller]
fn refused(workshop: &Workshop, spec: &str, data: &str, name: &str) -> String {
    let said = workshop
        .millrace(&["train", "--data", data, "--spec", spec])
        .failed_with(name);
    let results: Vec<_> = workshop
        .store_files()
        .into_iter()
        .filter(|(path, _)| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            ![
                "input.json",
                "error.json",
                "progress.json",
                "spec.toml",
                "contract.toml",
                "data_files.json",
            ]
            .contains(&name.as_str())
        })
        .collect();
    assert!(results.is_empty(), "{name} left {results:?}");
    said
}

#[test]
fn data_that_cannot_be_learned_from() {
    let workshop = Workshop::default();
    let spec = workshop.small_spec();
    let whole = std::fs::read(
        workshop.path("").join(
            std::path::Path::new(&workshop.customers("customers", 500))
                .join("snapshot_date=2026-11-01/part-000.parquet"),
        ),
    )
    .unwrap();
    refused(
        &workshop,
        &spec,
        &workshop.text("nowhere.parquet"),
        "DataNotFound",
    );
    let text = workshop.write(
        "text.parquet",
        "this is no Parquet at all, though it is long enough to be one",
    );
    refused(&workshop, &spec, &text, "NotParquet");
    let cut = workshop.write("cut.parquet", &whole[..whole.len() - 100]);
    let error = workshop.millrace(&["train", "--data", &cut, "--spec", &spec]);
    assert!(
        !error.success
            && (error.error.contains("CorruptParquet") || error.error.contains("NotParquet"))
    );

    let same = |_: &str, _: usize| None;
    let only = |column: &'static str, value: &'static str| {
        move |name: &str, row: usize| (name == column && row % 7 == 3).then(|| value.to_owned())
    };
    let all = |column: &'static str, value: &'static str| {
        move |name: &str, _: usize| (name == column).then(|| value.to_owned())
    };
    let header = csv(1, same).lines().next().unwrap().to_owned();
    let without = csv(50, same).replace("engagement_score", "another_score");
    for (name, content, error) in [
        ("empty.csv", format!("{header}\n"), "EmptyTable"),
        ("missing.csv", without, "MissingColumn"),
        (
            "word.csv",
            csv(50, only("app_opens_day", "many")),
            "NotANumber",
        ),
        (
            "null_target.csv",
            csv(50, all("engagement_score", "")),
            "AllNullTarget",
        ),
        (
            "nan_target.csv",
            csv(50, only("engagement_score", "NaN")),
            "TargetNotFinite",
        ),
        (
            "infinite_target.csv",
            csv(50, only("engagement_score", "inf")),
            "TargetNotFinite",
        ),
        (
            "constant_target.csv",
            csv(50, all("engagement_score", "0.5")),
            "ConstantTarget",
        ),
        (
            "duplicates.csv",
            csv(50, only("customer_id", "C000000001")),
            "DuplicateId",
        ),
    ] {
        let path = workshop.write(name, content);
        refused(&workshop, &spec, &path, error);
    }
    // Too few rows are noticed where they first hurt: by the split, or by the folds.
    for rows in [1, 2, 4, 6] {
        let path = workshop.write(&format!("{rows}_rows.csv"), csv(rows, same));
        let answer = workshop.millrace(&["train", "--data", &path, "--spec", &spec]);
        let named = ["TooFewRows", "StratumTooSmall", "ConstantTarget"]
            .iter()
            .any(|name| answer.error.contains(name));
        assert!(!answer.success && named, "{rows} rows: {}", answer.error);
    }
}

#[test]
fn specs_that_mean_nothing() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 500);
    let spec = workshop.small_spec();
    let good = std::fs::read_to_string(&spec).unwrap();
    for (from, to, error, said) in [
        (
            "strategy = \"race\"",
            "strategie = \"race\"",
            "InvalidSpec",
            "strategie",
        ),
        (
            "learner = \"xgboost\"",
            "learner = \"oracle\"",
            "InvalidSpec",
            "unknown variant `oracle`",
        ),
        ("format = 2", "format = 9", "InvalidSpec", "`format` is 9"),
        (
            "max_depth = [3, 5]",
            "max_depth = [3, 50]",
            "ParameterOutOfSpace",
            "search.space.max_depth",
        ),
        (
            "max_depth = [3, 5]",
            "depth = [3, 5]",
            "ParameterUnknown",
            "xgboost has no parameter `depth`",
        ),
        (
            "learner = \"xgboost\"",
            "learner = \"linear\"",
            "ParameterUnknown",
            "linear has no parameter `n_estimators`",
        ),
        ("best = 45", "best = 450", "KTooLarge", "450"),
        (
            "target = \"engagement_score\"",
            "target = \"happiness\"",
            "InvalidSpec",
            "happiness",
        ),
        ("folds = 5", "folds = 1", "InvalidSpec", "folds"),
        (
            "max_depth = [3, 5]",
            "max_depth = { from = 3, to = 5 }",
            "InvalidSpec",
            "only the strategy `tpe` takes ranges",
        ),
        (
            "folds = 5",
            "folds = 5\ntpe.learning_rate = { from = 0.3, to = 0.1 }",
            "InvalidSpec",
            "`from` must be less than `to`",
        ),
        (
            "folds = 5",
            "folds = 5\ncontainers = 4",
            "InvalidSpec",
            "only the strategy `exhaustive` can be spread",
        ),
        (
            "strategy = \"race\"",
            "strategy = \"exhaustive\"\ncontainers = 5",
            "InvalidSpec",
            "only 4 fits to share out",
        ),
        (
            "edges = [0.3, 0.5, 0.7]",
            "edges = [0.5, 0.3, 0.7]",
            "InvalidSpec",
            "rise",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let bad = workshop.write("models/bad.toml", good.replacen(from, to, 1));
        let message = refused(&workshop, &bad, &data, error);
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn models_that_were_touched() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 1_500);
    let spec = workshop.small_spec();
    workshop.train(&data, &spec, "t");
    let out = workshop.text("scores.parquet");
    let candidate = ["score", "--data", &data, "--version", "run:t"];
    let score = || workshop.millrace(&[&candidate[..], &["--out", &out]].concat());
    score().succeeded();
    std::fs::remove_file(&out).unwrap();

    let model = "store/runs/t/train-1/model.ubj";
    let good = std::fs::read(workshop.path(model)).unwrap();
    let mut altered = good.clone();
    altered[good.len() / 2] ^= 1;
    workshop.write(model, &altered);
    score().failed_with("ObjectAltered");
    workshop.write(model, &good[..good.len() - 10]);
    let cut = score();
    assert!(!cut.success, "a model that is cut off was used");
    assert!(
        !workshop.path("scores.parquet").exists(),
        "failed runs must leave no scores"
    );
    workshop.write(model, &good);
    score().succeeded();
    let scores = support::rows::decoded(&workshop.path("scores.parquet"));
    assert_eq!(scores.len(), 1 + 1_500);
}

#[test]
fn names_that_could_leave_the_store() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 500);
    for bad in ["../x", "a/b", "a%2e", "ä"] {
        let answer = workshop.millrace(&["score", "--data", &data, "--model", bad]);
        assert!(
            !answer.success && answer.error.contains("InvalidName"),
            "{bad}: {}",
            answer.error
        );
        let answer = workshop.millrace(&["score", "--data", &data, "--run-id", bad]);
        assert!(
            !answer.success && answer.error.contains("InvalidName"),
            "{bad}: {}",
            answer.error
        );
    }
    assert!(workshop.store_files().is_empty());
}

#[test]
fn questions_that_would_change_something() {
    let workshop = Workshop::default();
    let written = workshop.text("written.csv");
    let secret = workshop.write("secret.csv", "secret\n1\n");
    for bad in [
        "DROP TABLE predictions",
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        &format!("COPY (SELECT 1) TO '{written}' STORED AS CSV"),
        &format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{secret}'"),
        &format!("SELECT * FROM '{secret}'"),
        "SET datafusion.execution.batch_size = 1",
        "SELECT 1; SELECT 2",
        "SELECT * FROM nothing",
        "SELEC",
        "",
    ] {
        let answer = workshop.millrace(&["query", bad]);
        assert!(
            !answer.success && answer.error.contains("QueryRefused"),
            "{bad}: {}",
            answer.error
        );
        assert!(!answer.error.contains("panicked"), "{}", answer.error);
    }
    assert!(!workshop.path("written.csv").exists());
    assert!(workshop.store_files().is_empty());
}
