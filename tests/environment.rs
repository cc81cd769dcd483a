//! What the programs need of the world around them: no variable to work on this machine, and where one is missing, its
//! name; and no name of a run that leads astray.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use support::{Answer, Workshop, program};

/// In an environment without any variable but these.
fn bare(program: &Path, workshop: &Workshop, more: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let output = Command::new(program)
        .args(["--store", &workshop.text("store")])
        .args(arguments)
        .env_clear()
        .envs(more.iter().copied())
        .current_dir(workshop.path(""))
        .output()
        .unwrap();
    Answer::of(&output)
}

#[test]
fn no_variable_is_needed_on_this_machine() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 2_000);
    let spec = workshop.lenient_spec();
    let train = ["train", "--data", &data, "--spec", &spec, "--run-id", "t"];
    bare(&program("millrace"), &workshop, &[], &train).succeeded();
}

/// A program whose libraries are not found ends before it could say anything. Where they are follows from a variable.
#[test]
fn a_program_that_cannot_be_loaded_is_told_by_name_with_the_variable_that_is_missing() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 2_000);
    let spec = workshop.lenient_spec();
    let folder = workshop.path("programs");
    fs::create_dir(&folder).unwrap();
    let copy = |name: &str| {
        let copied = folder.join(name);
        if fs::hard_link(program(name), &copied).is_err() {
            fs::copy(program(name), &copied).unwrap();
        }
        copied
    };
    let millrace = copy("millrace");
    copy("millrace-inference");
    // As the loader of the system does.
    let training = folder.join("millrace-training");
    let said =
        "#!/bin/sh\necho 'error while loading shared libraries: libxgboost.so.3' >&2\nexit 127\n";
    fs::write(&training, said).unwrap();
    fs::set_permissions(&training, fs::Permissions::from_mode(0o755)).unwrap();
    let train = ["train", "--data", &data, "--spec", &spec, "--run-id", "t"];
    let run = ["run", "--data", &data, "--spec", &spec, "--run-id", "r"];
    for arguments in [&train, &run] {
        let error = bare(&millrace, &workshop, &[], arguments).failed_with("ProgramNotStarted");
        let named = "in HOME/.cache/millrace, neither of which is set";
        assert!(error.contains(named), "{error}");
    }
    let with_home = bare(&millrace, &workshop, &[("HOME", "/nowhere")], &train);
    let error = with_home.failed_with("ProgramNotStarted");
    assert!(!error.contains("neither of which is set"), "{error}");
}

#[test]
fn without_a_home_the_command_says_why_no_credentials_were_found() {
    let workshop = Workshop::default();
    let list = ["--store", "s3://some-bucket/store", "runs", "list"];
    let asked = |more: &[(&str, &str)]| {
        let variables = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let output = Command::new(program("millrace"))
            .args(list)
            .env_clear()
            .envs(variables.iter().chain(more).copied())
            .output()
            .unwrap();
        Answer::of(&output).failed_with("StoreAccessDenied")
    };
    let named = "neither HOME nor AWS_SHARED_CREDENTIALS_FILE is set";
    let error = asked(&[]);
    assert!(error.contains(named), "{error}");
    let error = asked(&[("HOME", &workshop.text(""))]);
    assert!(!error.contains(named), "{error}");
}

/// A run may be called like a folder of the store.
#[test]
fn a_run_named_like_a_folder_of_the_store_finds_its_way() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = workshop.lenient_spec();
    for run in ["runs", "documents", "validate", "models", "input"] {
        workshop.train(&data, &spec, run);
        let output = format!("store/runs/{run}/train-1/output.json");
        assert!(workshop.path(&output).is_file(), "{run}");
    }
    workshop.live(&data, &spec, "first");
    workshop
        .millrace(&["score", "--data", &data, "--run-id", "runs"])
        .succeeded();
    workshop.millrace(&["runs", "show", "runs"]).succeeded();
    let listed = workshop.millrace(&["runs", "list"]).succeeded();
    assert!(
        listed.lines().any(|line| line.starts_with("runs ")),
        "{listed}"
    );
    // Nor does the store's own name lead astray.
    let store = workshop.text("runs/runs");
    let train = [
        "train",
        "--data",
        &data,
        "--spec",
        &spec,
        "--run-id",
        "runs",
        "--at",
        "2026-11-02T00:00:00Z",
    ];
    workshop.millrace_in(&store, &train).succeeded();
    let again = workshop.millrace_in(&store, &train);
    again.succeeded();
    assert!(
        workshop
            .path("runs/runs/runs/runs/train-1/output.json")
            .is_file()
    );
}
