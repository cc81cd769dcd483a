//! A second learner goes the whole way: searched, judged, registered, published and explained like the first.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use support::{Workshop, repository_file};

/// Gemstones priced by a linear model: weak limits, for stones are not priced by a straight line.
fn spec(workshop: &Workshop, search: &str) -> String {
    let spec = repository_file("models/gemstones.toml");
    let start = spec.find("[search]").unwrap();
    let end = spec.find("[scores]").unwrap();
    let spec = spec
        .replace(&spec[start..end], search)
        .replace(
            "name = \"gemstones\"",
            "name = \"gemstones\"\nlearner = \"linear\"",
        )
        // A straight line prices the smallest stones below nothing.
        .replace(
            "minimum_r2 = 0.90",
            "maximum_clipped_share = 1.0\nminimum_r2 = 0.5",
        )
        .replace("maximum_rmse = 1200.0", "maximum_rmse = 9000.0")
        .replace(
            "missing_category",
            "missing_number = \"median\"\nmissing_category",
        )
        .replace(
            "[scores.tiers]",
            "[scores.reasons]\ncount = 2\n[scores.tiers]",
        );
    workshop.write(
        "contracts/gemstones.toml",
        repository_file("contracts/gemstones.toml"),
    );
    workshop.write("models/gemstones.toml", spec)
}

fn stones(workshop: &Workshop) -> String {
    let options = millrace_generator::Options {
        table: millrace_generator::Table::Gemstones,
        rows: Some(2_000),
        ..Default::default()
    };
    workshop.generate("gemstones", &options)
}

fn ask(workshop: &Workshop, sql: &str) -> Vec<String> {
    let answer = workshop.millrace(&["query", sql, "--csv"]).succeeded();
    answer.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_linear_model_goes_through_both_machines() {
    let workshop = Workshop::default();
    let data = stones(&workshop);
    for (strategy, version) in [
        ("race", "v1.0.0"),
        ("exhaustive", "v1.1.0"),
        ("tpe", "v1.2.0"),
    ] {
        let search = format!(
            "[search]\nstrategy = \"{strategy}\"\nfolds = 3\n[search.space]\nalpha = [0.001, 0.1]\nl1_share = [0.0, 0.5]\n[search.tpe]\ntrials = 6\nfinalists = 2\n"
        );
        let spec = spec(&workshop, &search);
        let run = [
            "run", "--data", &data, "--spec", &spec, "--run-id", strategy,
        ];
        let said = workshop.millrace(&run).succeeded();
        assert!(said.contains("best: penalty "), "{said}");
        assert!(said.contains(version), "{said}");
    }
    let rows = ask(
        &workshop,
        "SELECT count(*), count(reason_1), min(price_usd_pred) >= 100 FROM gemstone_prices WHERE run_id = 'tpe-inference'",
    );
    assert_eq!(rows, ["2000,2000,true"]);

    // The model is what its own document says, and no XGBoost took part.
    let folder = workshop.path("store/models/gemstones/v1.0.0");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
    };
    assert_eq!(read("model.json")["kind"], "linear");
    assert!(read("linear.json")["outputs"].is_array());
    assert!(!folder.join("model.ubj").exists());
    let metadata = read("metadata.json");
    assert_eq!(metadata["learner"], "linear");
    assert!(metadata["versions"].get("xgboost").is_none());
    assert!(metadata["metrics"]["r2"].as_f64().unwrap() > 0.5);
}

/// What was judged is what scores: the held-out predictions of training and those of the registered model.
#[test]
fn the_registered_model_scores_as_the_trained_one() {
    let workshop = Workshop::default();
    let data = stones(&workshop);
    let spec = spec(
        &workshop,
        "[search]\nfolds = 3\n[search.space]\nalpha = [0.01]\nl1_share = [0.0]\n",
    );
    workshop
        .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", "one"])
        .succeeded();
    let store = millrace_store::Store::open(&workshop.text("store")).unwrap();
    let key =
        |name: &str| millrace_store::Key::new(format!("runs/one-training/train-1/{name}")).unwrap();
    let bytes = store.get(&key("holdout.parquet")).unwrap().bytes.to_vec();
    workshop.write("holdout.parquet", bytes);
    let held = workshop.text("holdout.parquet");
    let source = millrace_dataset::Source::open(&held).unwrap();
    let contract = millrace_contract::Contract::parse(
        "name = \"h\"\nversion = 1\n[columns]\ngem_id = { role = \"id\", type = \"text\" }\nprediction = { role = \"feature\", type = \"float\" }\n",
        "held",
    )
    .unwrap();
    let request = millrace_dataset::Request::all(&contract, millrace_dataset::Purpose::Training);
    let frame = source.read(&request).unwrap();
    let (ids, predictions) = (
        frame.texts("gem_id").unwrap(),
        frame.numbers("prediction").unwrap(),
    );
    assert!(ids.len() > 300);
    for (id, prediction) in ids.iter().flatten().zip(predictions).take(25) {
        let sql = format!("SELECT price_usd_pred FROM gemstone_prices WHERE gem_id = '{id}'");
        let written: f64 = ask(&workshop, &sql)[0].parse().unwrap();
        let expected = prediction.clamp(100.0, 25_000.0);
        assert!(
            (written - expected).abs() <= 0.0051,
            "{id}: {written} and {expected}"
        );
    }
}

#[test]
fn what_a_linear_model_cannot_take_is_refused_by_name() {
    let workshop = Workshop::default();
    let data = stones(&workshop);
    let good = std::fs::read_to_string(spec(&workshop, "[search]\nfolds = 3\n")).unwrap();
    for (from, to, error, said) in [
        (
            "\"median\"",
            "\"keep\"",
            "InvalidSpec",
            "linear takes no missing values",
        ),
        (
            "folds = 3",
            "folds = 3\n[search.space]\nmax_depth = [3]",
            "ParameterUnknown",
            "it has alpha, l1_share",
        ),
        (
            "folds = 3",
            "folds = 3\n[search.space]\nl1_share = [1.5]",
            "ParameterOutOfSpace",
            "numbers in 0 to 1",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let spec = workshop.write("models/gemstones.toml", good.replace(from, to));
        let answer = workshop.millrace(&["train", "--data", &data, "--spec", &spec]);
        let answer = answer.failed_with(error);
        assert!(answer.contains(said), "{answer}");
    }
}
