//! A run's time is the clock's, unless somebody says that it is not.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

use support::{Workshop, program};

/// What the command says without the permission that other tests have.
fn said(workshop: &Workshop, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program("millrace"))
        .args(["--store", &workshop.text("store")])
        .args(arguments)
        .env_remove(support::OTHER_CLOCK)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

#[test]
fn no_run_rules_the_latest_scores_until_2100() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 2_000);
    let spec = workshop.small_spec();
    for at in ["2100-01-01T00:00:00Z", "2000-01-01T00:00:00Z"] {
        for command in ["run", "train"] {
            let arguments = [command, "--data", &data, "--spec", &spec, "--at", at];
            let (succeeded, said) = said(&workshop, &arguments);
            assert!(!succeeded);
            assert!(
                said.contains("OtherClock") && said.contains("--allow-other-clock"),
                "{said}"
            );
        }
        let (succeeded, said) = said(&workshop, &["score", "--data", &data, "--at", at]);
        assert!(!succeeded && said.contains("OtherClock"), "{said}");
    }
    assert!(!workshop.path("store/runs").exists(), "nothing was begun");
}
