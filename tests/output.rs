//! Standard output whose reader goes away, and standard output that takes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use support::{OTHER_CLOCK, Workshop, program};

fn command(workshop: &Workshop, arguments: &[&str]) -> Command {
    let mut command = Command::new(program("millrace"));
    command
        .args(["--store", &workshop.text("store")])
        .args(arguments)
        .env(OTHER_CLOCK, "1");
    command
}

#[test]
fn a_reader_who_goes_away_stops_no_work() {
    let workshop = Workshop::default();
    let (rows, spec) = (workshop.customers("rows", 6000), workshop.lenient_spec());
    let words = [
        "train", "--json", "--data", &rows, "--spec", &spec, "--run-id", "alone",
    ];
    let mut child = command(&workshop, &words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As `head -1` does.
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert!(first.starts_with('{'), "{first}");
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(said, "");
    let model = workshop.path("store/runs/alone/train-1/model.ubj");
    assert!(model.is_file(), "the run went on to its end");
}

#[test]
fn what_standard_output_does_not_take_is_a_failure_with_a_name() {
    let workshop = Workshop::default();
    let rows = workshop.text("rows");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let words = ["generate", "--out", &rows, "--rows", "100"];
    let output = command(&workshop, &words).stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.starts_with("error: OutputUnwritable"), "{said}");
    // The work was done before it was told.
    assert!(std::fs::read_dir(&rows).unwrap().next().is_some());
}
