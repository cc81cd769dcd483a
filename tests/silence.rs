//! What is printed and logged says nothing of a customer: values are marked, and looked for afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Workshop, program};

/// What stands in cells and must stand nowhere else. The number is one that no count comes to.
const MARKS: [&str; 3] = ["canary", "7319.4268", "73194268"];

/// The header and rows of a made-up data set as cells.
fn table(workshop: &Workshop) -> Vec<Vec<String>> {
    let out = workshop.text("rows");
    workshop
        .millrace(&["generate", "--out", &out, "--rows", "6000"])
        .succeeded();
    let spec = workshop.lenient_spec();
    workshop.train(&out, &spec, "first");
    support::rows::cells(&out)
}

/// The data with one cell of these rows replaced.
fn with(table: &[Vec<String>], cells: &[(usize, &str, &str)]) -> String {
    let mut table = table.to_vec();
    for (row, column, value) in cells {
        let place = table[0].iter().position(|name| name == column).unwrap();
        table[*row][place] = (*value).to_owned();
    }
    support::rows::csv(&table)
}

/// Runs the command with as much log as there is of our own, and looks through all that it said.
#[track_caller]
fn quietly(workshop: &Workshop, arguments: &[&str], ends_well: bool) {
    let output = Command::new(program("millrace"))
        .env(support::OTHER_CLOCK, "1")
        .args(["--store", &workshop.text("store")])
        .args(arguments)
        .env("RUST_LOG", "debug")
        .current_dir(workshop.path("models"))
        .output()
        .unwrap();
    for said in [&output.stdout, &output.stderr] {
        let said = String::from_utf8_lossy(said);
        for mark in MARKS {
            assert!(!said.contains(mark), "{arguments:?} says {mark}:\n{said}");
        }
        assert_eq!(output.status.success(), ends_well, "{arguments:?}: {said}");
    }
}

/// What a run leaves beside its tables of rows and its report.
fn documents_are_quiet(workshop: &Workshop) {
    for (path, _) in workshop.store_files() {
        let is_report =
            path.parent().unwrap().ends_with("validate") || path.ends_with("profile.json");
        if is_report || path.extension().is_some_and(|ending| ending == "parquet") {
            continue;
        }
        quiet_file(&path);
    }
}

fn quiet_file(path: &Path) {
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    for mark in MARKS {
        assert!(!text.contains(mark), "{} says {mark}", path.display());
    }
}

#[test]
fn no_log_no_message_and_no_document_of_a_run_quotes_a_row() {
    let workshop = Workshop::default();
    let table = table(&workshop);
    let spec = workshop.text("models/engagement.toml");
    // Good and bad cells of every kind in one table: most go into quarantine.
    let mixed = with(
        &table,
        &[
            (1, "customer_id", "canary-id"),
            (2, "customer_id", "C073194268"),
            (3, "age", "canary"),
            (4, "gender", "canary"),
            (5, "snapshot_date", "canary"),
            (6, "feed_time_minutes_day", "7319.4268"),
            (7, "feed_time_minutes_day", "canary"),
            (8, "age", "7319.4268"),
        ],
    );
    let mixed = workshop.write("mixed.csv", mixed);
    for more in [&[][..], &["--json"]] {
        let validate = ["validate", "--data", &mixed];
        quietly(&workshop, &[&validate[..], more].concat(), true);
        let run = format!("run-{}", more.len());
        let run = ["run", "--data", &mixed, "--spec", &spec, "--run-id", &run];
        quietly(&workshop, &[&run[..], more].concat(), true);
    }
    quietly(&workshop, &["resume", "run-0"], true);
    quietly(&workshop, &["runs", "show", "run-0-training"], true);
    quietly(&workshop, &["runs", "list", "--json"], true);
    quietly(&workshop, &["models", "show", "live"], true);
    documents_are_quiet(&workshop);
    let out = workshop.text("scores.parquet");
    // Without validation the stage itself meets each bad cell.
    for (place, column, value) in [
        (0, "age", "canary"),
        (1, "age", "7319.4268"),
        (2, "snapshot_date", "canary"),
        (3, "feed_time_minutes_day", "canary"),
        (4, "engagement_score", "canary"),
    ] {
        let data = workshop.write("bad.csv", with(&table, &[(9, column, value)]));
        let train = ["train", "--data", &data, "--spec", &spec];
        let run = format!("bad-{place}");
        // Dates are not learned from, and so are not read.
        let ends_well = column == "snapshot_date";
        quietly(
            &workshop,
            &[&train[..], &["--run-id", &run]].concat(),
            ends_well,
        );
        // Scoring puts the row aside, whichever run's model it tries.
        let score = [
            "score",
            "--data",
            &data,
            "--version",
            "run:first",
            "--out",
            &out,
        ];
        quietly(&workshop, &score, true);
    }
    // A table taken for a document, where an error would quote its first line.
    let headless = workshop.write("headless.csv", "canary = 7319.4268 !");
    for place in ["--spec", "--contract", "--reference"] {
        let command = if place == "--spec" {
            "train"
        } else {
            "validate"
        };
        quietly(
            &workshop,
            &[command, "--data", &mixed, place, &headless],
            false,
        );
    }
    documents_are_quiet(&workshop);
}
