//! What is deployed is built alone, without the rest of the workspace, and so with the features that it asks for itself. In
//! `make test` they are united: a program that forgot S3 has it there, and fails on AWS at its first call.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

/// Every package whose program runs on AWS, with the name of a program that nothing here builds.
fn deployed() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders =
        ["lambdas", "fargate"].map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let names = folders.into_iter().flatten().map(|entry| {
        let name = entry.unwrap().file_name();
        format!("millrace-stage-{}", name.to_str().unwrap())
    });
    names.collect()
}

/// The crates that a package is linked from when nothing else is built.
fn crates_of(package: &str) -> Vec<String> {
    let told = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            package,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let text = String::from_utf8(told.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

/// How people are logged in: no program on AWS is.
const LOGINS: [&str; 4] = ["aws-sdk-sso", "aws-sdk-ssooidc", "aws-sdk-signin", "p256"];

#[test]
fn whatever_runs_on_aws_can_reach_s3_and_carries_no_logins() {
    let packages = deployed();
    assert!(packages.len() >= 6, "{packages:?}");
    for package in packages {
        let crates = crates_of(&package);
        assert!(
            crates.iter().any(|name| name == "aws-sdk-s3"),
            "{package} has no S3"
        );
        for login in LOGINS {
            assert!(
                !crates.iter().any(|name| name == login),
                "{package} carries {login}"
            );
        }
    }
}

#[test]
fn the_command_has_every_way_to_be_logged_in() {
    let crates = crates_of("millrace");
    for login in LOGINS {
        assert!(crates.iter().any(|name| name == login), "no {login}");
    }
}
