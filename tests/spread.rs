//! A search that is spread over containers makes the very model that one container makes.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use support::Workshop;

const TIME: [&str; 2] = ["--at", "2026-11-02T00:00:00Z"];

/// An exhaustive search over four containers; its gates let everything through.
fn spread_spec(workshop: &Workshop) -> String {
    let spec = fs::read_to_string(workshop.lenient_spec()).unwrap();
    let race = "strategy = \"race\"";
    assert!(spec.contains(race));
    let spread = "strategy = \"exhaustive\"\ncontainers = 4";
    workshop.write("models/engagement.toml", spec.replace(race, spread))
}

/// Every file that a training stage makes; what it is asked, and how it went, differs.
fn made(workshop: &Workshop, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(workshop.path(folder)).unwrap();
    let named = files.map(|file| {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        (name, fs::read(file.path()).unwrap())
    });
    let about_the_work = ["input.json", "output.json", "progress.json"];
    named
        .filter(|(name, _)| !about_the_work.contains(&name.as_str()))
        .collect()
}

#[test]
fn four_containers_make_the_model_that_one_makes() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = spread_spec(&workshop);
    let asked = ["--data", &data, "--spec", &spec];
    let spread = [&["run", "--run-id", "s"], &asked[..], &TIME].concat();
    workshop.millrace(&spread).succeeded();
    let whole = [&["train", "--run-id", "s-training"], &asked[..], &TIME].concat();
    workshop
        .millrace_in(&workshop.text("other"), &whole)
        .succeeded();

    let by_four = made(&workshop, "store/runs/s-training/train-1");
    let by_one = made(&workshop, "other/runs/s-training/train-1");
    let names: Vec<&String> = by_four.keys().collect();
    for name in [
        "model.ubj",
        "metadata.json",
        "recipe.json",
        "holdout.parquet",
    ] {
        assert!(names.contains(&&name.to_owned()), "{names:?}");
    }
    assert_eq!(names, by_one.keys().collect::<Vec<_>>());
    for (name, bytes) in &by_four {
        assert!(*bytes == by_one[name], "{name} differs");
    }

    let shown = workshop.millrace(&["--json", "runs", "show", "s-training"]);
    let shown: Value = serde_json::from_str(&shown.succeeded()).unwrap();
    let states = shown["executions"][0]["states"].as_array().unwrap();
    let parts = states.iter().filter(|state| state["state"] == "SearchPart");
    let folders: Vec<&str> = parts
        .map(|state| state["written"].as_str().unwrap())
        .collect();
    assert_eq!(
        folders,
        [0, 1, 2, 3].map(|part| format!("runs/s-training/search-1-{part:05}/"))
    );
    for folder in folders {
        let left = made(&workshop, &format!("store/{folder}"));
        assert_eq!(left.keys().collect::<Vec<_>>(), ["standings.json"]);
    }

    // A part that is gone is done again, and nothing else is.
    fs::remove_dir_all(workshop.path("store/runs/s-training/search-1-00002")).unwrap();
    fs::remove_dir_all(workshop.path("store/runs/s-training/train-1")).unwrap();
    workshop.millrace(&spread).succeeded();
    assert!(made(&workshop, "store/runs/s-training/train-1") == by_one);
}

#[test]
fn a_race_is_not_spread_and_its_metadata_says_who_left_when_and_why() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = spread_spec(&workshop);
    let asked = ["--data", &data, "--spec", &spec];
    let raced = ["run", "--run-id", "r", "--strategy", "race"];
    workshop
        .millrace(&[&raced, &asked[..], &TIME].concat())
        .succeeded();
    let folder = workshop.path("store/runs/r-training");
    assert!(!folder.join("search-1-00000").exists());
    let metadata = fs::read(folder.join("train-1/metadata.json")).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let candidates = metadata["search"]["candidates"].as_array().unwrap();
    let (left, finished): (Vec<&Value>, Vec<&Value>) = candidates
        .iter()
        .partition(|candidate| candidate["dropped"].is_object());
    assert!(!left.is_empty() && !finished.is_empty(), "{metadata}");
    let folds = |candidate: &Value| candidate["fold_scores"].as_array().unwrap().len();
    assert!(finished.iter().all(|candidate| folds(candidate) == 5));
    for candidate in left {
        let dropped = &candidate["dropped"];
        assert_eq!(dropped["after_folds"], folds(candidate));
        let rounds = &candidate["hyperparameters"]["n_estimators"];
        assert_eq!(dropped["after_rounds"], *rounds);
        let reason = dropped["reason"].as_str().unwrap();
        assert!(
            reason.contains("behind") || reason.contains("worse"),
            "{reason}"
        );
    }
}
