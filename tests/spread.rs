//! A search that is spread over containers makes the very model that one container makes.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use support::Workshop;

const TIME: [&str; 2] = ["--at", "2026-11-02T00:00:00Z"];

/// An exhaustive search over four containers; its gates let everything through.
fn spread_spec(workshop: &Workshop) -> String {
    let mut spec = fs::read_to_string(workshop.small_spec()).unwrap();
    for (from, to) in [
        (
            "strategy = \"race\"",
            "strategy = \"exhaustive\"\ncontainers = 4",
        ),
        ("parity_difference = 0.1", "parity_difference = 0.5"),
    ] {
        assert!(spec.contains(from), "{from}");
        spec = spec.replace(from, to);
    }
    workshop.write("models/engagement.toml", spec)
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
    let data = workshop.customers("customers", 3_000);
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
fn a_run_that_searches_in_another_way_is_not_spread() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 3_000);
    let spec = spread_spec(&workshop);
    let raced = [
        &[
            "run",
            "--run-id",
            "r",
            "--strategy",
            "race",
            "--data",
            &data,
            "--spec",
            &spec,
        ][..],
        &TIME,
    ];
    workshop.millrace(&raced.concat()).succeeded();
    assert!(
        workshop
            .path("store/runs/r-training/train-1/model.ubj")
            .is_file()
    );
    assert!(
        !workshop
            .path("store/runs/r-training/search-1-00000")
            .exists()
    );
}
