//! Scores whose ids are pseudonyms: readable by nobody without the key, and the same each time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

use support::{Answer, Workshop, program, rows};

fn with(workshop: &Workshop, key: Option<&str>, arguments: &[&str]) -> Answer {
    let output = Command::new(program("millrace"))
        .env(support::OTHER_CLOCK, "1")
        .args(["--store", &workshop.text("store")])
        .args(arguments)
        .envs(key.map(|key| ("MILLRACE_PSEUDONYM_KEY", key)))
        .current_dir(workshop.path("models"))
        .output()
        .unwrap();
    Answer::of(&output)
}

fn ids(workshop: &Workshop, run: &str) -> Vec<String> {
    let run = format!("runs/{run}/score-00000/");
    let files = workshop.store_files().into_iter().map(|(path, _)| path);
    let scores = files.filter(|path| {
        path.to_str().unwrap().contains(&run) && path.ends_with("part-00000.parquet")
    });
    let lines = scores.flat_map(|path| rows::decoded(&path).split_off(1));
    lines
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect()
}

#[test]
fn scores_name_pseudonyms_and_an_erasure_finds_them() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 2_000);
    let spec = std::fs::read_to_string(workshop.small_spec()).unwrap();
    let wanted = spec.replacen("[scores]\n", "[scores]\npseudonymise_ids = true\n", 1);
    assert_ne!(wanted, spec);
    let spec = workshop.write("models/engagement.toml", wanted);
    workshop.train(&data, &spec, "t");
    let (one, other) = ("1".repeat(64), "2".repeat(64));
    let out = workshop.text("scores.parquet");
    let score = |key: Option<&str>, run: &str| {
        let arguments = [
            "score",
            "--data",
            &data,
            "--version",
            "run:t",
            "--run-id",
            run,
            "--out",
            &out,
        ];
        with(&workshop, key, &arguments)
    };
    score(None, "none").failed_with("PseudonymKeyMissing");
    assert!(
        ids(&workshop, "none").is_empty(),
        "something was scored before the key was missed"
    );
    score(Some(&one), "a").succeeded();
    score(Some(&one), "b").succeeded();
    score(Some(&other), "c").succeeded();
    let (a, b, c) = (
        ids(&workshop, "a"),
        ids(&workshop, "b"),
        ids(&workshop, "c"),
    );
    assert_eq!(a.len(), 2_000);
    let is_pseudonym = |id: &String| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(a.iter().all(is_pseudonym), "{:?}", &a[..3]);
    assert_eq!(a, b);
    assert!(a.iter().zip(&c).all(|(one, other)| one != other));

    // Whoever erases needs the key, or the scores of these models would not be found.
    let id = ["erase", "--customer-id", "C000000001", "--yes"];
    let said = with(&workshop, None, &id);
    assert!(said.out.contains("PseudonymKeyMissing"), "{}", said.out);
    said.failed_with("ErasureIncomplete");
    let held_out = workshop.path("store/runs/t/train-1/holdout.parquet");
    let line = rows::decoded(&held_out)[1].clone();
    let id = line.split(',').next().unwrap();
    let erase = ["erase", "--customer-id", id, "--yes"];
    let said = with(&workshop, Some(&one), &erase).succeeded();
    assert!(said.contains("4 rows erased in 4 of"), "{said}");
    assert!(!said.contains("proof"), "the key is the proof: {said}");
    whose_receipt(&workshop, &said, id, &one, &other);
    assert_eq!(ids(&workshop, "a").len(), 1_999);
    assert_eq!(
        ids(&workshop, "c").len(),
        2_000,
        "another key makes another pseudonym"
    );
}

/// Whoever has the key can tell whom a receipt is about, and nobody else; nor does it hold the pseudonym.
fn whose_receipt(workshop: &Workshop, said: &str, id: &str, one: &str, other: &str) {
    let (_, rest) = said.split_once("recorded as erasures/").unwrap();
    let (name, _) = rest.split_once(".json").unwrap();
    let verify = ["erase", "verify", name, "--customer-id", id];
    with(workshop, Some(one), &verify).succeeded();
    with(workshop, Some(other), &verify).failed_with("ReceiptOfAnother");
    with(workshop, None, &verify).failed_with("ProofMissing");
    let path = workshop.path(&format!("store/erasures/{name}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let pseudonyms = ids(workshop, "a");
    assert!(!text.contains(id), "{text}");
    assert!(
        pseudonyms
            .iter()
            .all(|pseudonym| !text.contains(pseudonym.as_str()))
    );
}
