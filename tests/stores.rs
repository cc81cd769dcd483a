//! Stores that earlier versions left: documents outlive builds.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use support::Workshop;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(std::fs::copy(from, to).unwrap()),
        }
    }
}

/// A copy of what lies in `tests/stores`.
fn kept(version: &str) -> Workshop {
    let workshop = Workshop::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stores");
    for part in ["store", "gemstones", "others", "models", "contracts"] {
        copy(&folder.join(version).join(part), &workshop.path(part));
    }
    workshop
}

#[track_caller]
fn ask(workshop: &Workshop, sql: &str) -> Vec<String> {
    let answer = workshop.millrace(&["query", sql, "--csv"]).succeeded();
    answer.lines().skip(1).map(str::to_owned).collect()
}

#[track_caller]
fn gemstones(workshop: &Workshop, arguments: &[&str]) -> String {
    let all = [&["models", "--model", "gemstones"], arguments].concat();
    workshop.millrace(&all).succeeded()
}

#[test]
fn a_store_of_the_first_version_is_listed_and_asked() {
    let workshop = kept("v1");
    let listed = gemstones(&workshop, &["list"]);
    assert!(
        listed.contains("v2.0.0") && listed.contains("v1.0.0"),
        "{listed}"
    );
    for version in ["v1.0.0", "v2.0.0"] {
        assert!(gemstones(&workshop, &["show", version]).contains(version));
    }
    gemstones(&workshop, &["history"]);
    gemstones(&workshop, &["diff", "v1.0.0", "v2.0.0"]);
    for run in [
        "first-training",
        "first-inference",
        "second-training",
        "second-inference",
    ] {
        workshop.millrace(&["runs", "show", run]).succeeded();
    }
    let days =
        "SELECT scored_on, model_version, count(*) FROM gemstone_prices GROUP BY 1, 2 ORDER BY 1";
    assert_eq!(
        ask(&workshop, days),
        ["2026-11-02,v1.0.0,600", "2026-11-03,v2.0.0,600"]
    );
    for table in [
        "runs",
        "model_versions",
        "gate_verdicts",
        "data_quality",
        "served",
    ] {
        let rows = ask(&workshop, &format!("SELECT count(*) FROM {table}"));
        assert_ne!(rows, ["0"], "{table}");
    }
}

#[test]
fn models_of_the_first_version_score_as_they_did() {
    let workshop = kept("v1");
    for (version, data, day) in [
        ("v1.0.0", "gemstones", "2026-11-02"),
        ("v2.0.0", "others", "2026-11-03"),
    ] {
        let (data, run) = (workshop.text(data), format!("again-{day}"));
        let at = day.replace("11-0", "11-1") + "T06:00:00Z";
        workshop
            .millrace(&[
                "score",
                "--data",
                &data,
                "--model",
                "gemstones",
                "--version",
                version,
                "--run-id",
                &run,
                "--at",
                &at,
            ])
            .succeeded();
        let same = format!(
            "SELECT count(*) FROM gemstone_prices then_ JOIN gemstone_prices now_ ON then_.gem_id = now_.gem_id \
             AND then_.price_usd_pred = now_.price_usd_pred AND then_.price_tier = now_.price_tier \
             WHERE then_.scored_on = '{day}' AND now_.run_id = '{run}'"
        );
        assert_eq!(ask(&workshop, &same), ["600"], "{version}");
    }
}

#[test]
fn one_rolls_back_to_a_model_of_the_first_version() {
    let workshop = kept("v1");
    gemstones(
        &workshop,
        &["rollback", "--with-predictions", "--why", "a test"],
    );
    let listed = gemstones(&workshop, &["list"]);
    assert!(listed.contains("live: v1.0.0"), "{listed}");
    let data = workshop.text("gemstones");
    workshop
        .millrace(&[
            "score",
            "--data",
            &data,
            "--model",
            "gemstones",
            "--run-id",
            "back",
            "--at",
            "2026-11-12T06:00:00Z",
        ])
        .succeeded();
    let by = "SELECT DISTINCT model_version FROM gemstone_prices WHERE run_id = 'back'";
    assert_eq!(ask(&workshop, by), ["v1.0.0"]);
}

#[test]
fn training_goes_on_in_a_store_of_the_first_version() {
    let workshop = kept("v1");
    let (data, spec) = (
        workshop.text("others"),
        workshop.text("models/gemstones.toml"),
    );
    // The live model held other rows out than are held out now: of 600 rows too few are new to both.
    let written = std::fs::read_to_string(&spec).unwrap();
    let allowed = "[quality]\nallow_insufficient_evidence = [\"live_too_few_rows\"]";
    workshop.write(
        "models/gemstones.toml",
        written.replace("[quality]", allowed),
    );
    workshop
        .millrace(&[
            "run",
            "--data",
            &data,
            "--spec",
            &spec,
            "--run-id",
            "third",
            "--at",
            "2026-11-14T06:00:00Z",
        ])
        .succeeded();
    let versions = "SELECT count(*) FROM model_versions";
    assert_eq!(ask(&workshop, versions), ["3"]);
}
