//! `millrace fairness`: any file of predictions, judged by its groups.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::Value;
use support::{Answer, Workshop, repository_file};

/// A group's name, its rows, and how many of them are predicted above the threshold.
type Group = (&'static str, usize, usize);

const ALIKE: [Group; 2] = [("woman", 400, 200), ("man", 400, 210)];
const UNLIKE: [Group; 2] = [("woman", 400, 124), ("man", 400, 208)];

/// Half of the selected and half of the others are truly positive; ages run from 20 to 59 in both.
fn predictions(groups: &[Group]) -> String {
    let mut text = "gender,age,truth,score\n".to_owned();
    for (name, rows, selected) in groups {
        for row in 0..*rows {
            let score = if row < *selected { 0.8 } else { 0.3 };
            let truth = row % 2;
            text += &format!("{name},{},{truth},{score}\n", 20 + row % 40);
        }
    }
    text
}

fn judge(workshop: &Workshop, rows: &str, more: &[&str]) -> Answer {
    let file = workshop.write("predictions.csv", rows);
    let asked = [
        "fairness",
        "--predictions",
        &file,
        "--truth",
        "truth",
        "--score",
        "score",
    ];
    workshop.millrace(&[&asked[..], more].concat())
}

/// The engagement spec, its fairness section changed.
fn spec(workshop: &Workshop, from: &str, to: &str) -> String {
    let spec = repository_file("models/engagement.toml");
    assert!(spec.contains(from), "{from}");
    workshop.write("models/spec.toml", spec.replace(from, to))
}

#[test]
fn groups_that_are_treated_alike_pass() {
    let workshop = Workshop::default();
    let attributes = ["--attributes", "gender,age"];
    let said = judge(&workshop, &predictions(&ALIKE), &attributes).succeeded();
    assert!(said.starts_with("Fairness: pass"), "{said}");
    let printed = judge(
        &workshop,
        &predictions(&ALIKE),
        &[&attributes[..], &["--json"]].concat(),
    );
    let report: Value = serde_json::from_str(&printed.succeeded()).unwrap();
    assert_eq!(report["verdict"], "pass");
    let gender = &report["attributes"][0];
    let groups = gender["groups"].as_array().unwrap();
    let woman = groups.iter().find(|group| group["label"] == "woman");
    let woman = woman.unwrap();
    assert_eq!(
        (&woman["count"], &woman["selection_rate"]),
        (&400.into(), &0.5.into())
    );
    let difference = &gender["between_groups"]["demographic_parity_difference"];
    assert!((difference.as_f64().unwrap() - 0.025).abs() < 1e-12);
    assert_eq!(report["attributes"][1]["groups"][0]["label"], "18-24");
    assert_eq!(report["intersections"][0]["name"], "gender*age");
}

#[test]
fn a_difference_is_said_in_one_sentence() {
    let workshop = Workshop::default();
    let said = judge(
        &workshop,
        &predictions(&UNLIKE),
        &["--attributes", "gender"],
    )
    .failed_with("FairnessRejected");
    let sentence = "gender: selection rate of `woman` is 0.31 and of `man` 0.52: a difference of 0.21, above the limit of 0.10";
    assert!(said.contains(sentence), "{said}");
}

#[test]
fn a_spec_gives_limits_attributes_bands_and_range() {
    let workshop = Workshop::default();
    let wide = spec(
        &workshop,
        "maximum_demographic_parity_difference = 0.1",
        "maximum_demographic_parity_difference = 0.3\nminimum_rows_per_group = 10",
    );
    let spec = std::fs::read_to_string(&wide).unwrap();
    let three = spec.replace(
        "attributes = [\"age\", \"gender\", \"location\"]",
        "attributes = [\"age\", \"gender\"]",
    );
    std::fs::write(&wide, three).unwrap();
    // A raw prediction just above 1 is written as 1.
    let raw = predictions(&UNLIKE).replace(",0.8\n", ",1.02\n");
    let answer = judge(&workshop, &raw, &["--spec", &wide, "--json"]);
    let report: Value = serde_json::from_str(&answer.succeeded()).unwrap();
    let labels: Vec<&str> = report["attributes"][0]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["label"].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["under 25", "25-34", "35-44", "45-54", "55+"]);
    judge(&workshop, &raw, &["--attributes", "gender"]).failed_with("NeitherLabelNorScore");
}

#[test]
fn missing_evidence_blocks_unless_the_spec_allows_it_by_name() {
    let workshop = Workshop::default();
    let few = [ALIKE[0], ALIKE[1], ("", 12, 12)];
    let gender = ["--attributes", "gender"];
    let said = judge(&workshop, &predictions(&few), &gender).failed_with("FairnessRejected");
    assert!(said.contains("not enough evidence"), "{said}");
    assert!(said.contains("12 rows of 100"), "{said}");
    let allowed = spec(
        &workshop,
        "decision = \"point_estimate\"",
        "allow_insufficient_evidence = [\"gender\"]",
    );
    let options = [&gender[..], &["--spec", &allowed]].concat();
    let said = judge(&workshop, &predictions(&few), &options).succeeded();
    assert!(said.contains("12 rows have a missing value"), "{said}");
}

#[test]
fn bad_input_is_named() {
    let workshop = Workshop::default();
    let good = predictions(&ALIKE);
    let gender = ["--attributes", "gender"];
    let refused = |rows: &str, more: &[&str], name: &str, said: &str| {
        let message = judge(&workshop, rows, more).failed_with(name);
        assert!(message.contains(said), "{said} is not in {message}");
    };
    let spec = |from: &str, to: &str| spec(&workshop, from, to);
    refused(
        &good,
        &["--attributes", "religion"],
        "MissingColumn",
        "religion",
    );
    refused(&good, &[], "NoAttributes", "--attributes");
    refused(
        &good,
        &["--attributes", "gender,gender"],
        "AttributeRepeated",
        "gender",
    );
    for value in ["1.5", "-1", "NaN", "inf", ""] {
        let wrong = good.replacen(",0.8\n", &format!(",{value}\n"), 1);
        refused(&wrong, &gender, "NeitherLabelNorScore", "row 0");
    }
    refused(
        &good.replacen(",0.8\n", ",high\n", 1),
        &gender,
        "NotANumber",
        "4 characters",
    );
    for threshold in ["1.5", "NaN"] {
        let options = [&gender[..], &["--threshold", threshold]].concat();
        refused(&good, &options, "ThresholdOutOfRange", threshold);
    }
    let beyond = spec("threshold = 0.5", "threshold = 1.5");
    refused(
        &good,
        &["--spec", &beyond],
        "InvalidSpec",
        "`threshold` is 1.5",
    );
    let misspelt = spec("threshold = 0.5", "treshold = 0.5");
    refused(&good, &["--spec", &misspelt], "InvalidSpec", "treshold");
    refused("gender,truth,score\n", &gender, "EmptyTable", "no rows");
}
