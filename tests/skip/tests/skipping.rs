//! Both helpers as a test run meets them: what they print, and how they end.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use millrace_skip::{NOTHING_SKIPPED, TEST_S3, s3_or_skip, skip};

const PROBE: &str = "MILLRACE_SKIP_PROBE";

/// Runs one of the probes below as a test run of its own; the setting is the variable's value.
fn probe(name: &str, setting: Option<&str>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name]).env(PROBE, "1");
    ended(&mut command, setting)
}

/// The helper of scripts.
fn script(setting: Option<&str>) -> Output {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/skip");
    let mut command = Command::new(path);
    ended(command.args(["end to end", "there is no engine"]), setting)
}

fn ended(command: &mut Command, setting: Option<&str>) -> Output {
    command.env_remove(NOTHING_SKIPPED).env_remove(TEST_S3);
    if let Some(value) = setting {
        command.env(NOTHING_SKIPPED, value);
    }
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn is_probed() -> bool {
    std::env::var_os(PROBE).is_some()
}

/// Skipped by the tests below alone.
#[test]
fn plain_probe() {
    if is_probed() {
        skip("the moon is not full");
    }
}

#[test]
fn s3_probe() {
    if is_probed() {
        assert_eq!(s3_or_skip(), None);
    }
}

#[test]
fn a_skipped_test_says_what_and_why_and_passes() {
    for (name, why) in [
        ("plain_probe", "the moon is not full"),
        ("s3_probe", "there is no S3"),
    ] {
        for setting in [None, Some("0")] {
            let output = probe(name, setting);
            let said = told(&output);
            assert!(output.status.success(), "{said}");
            assert!(
                said.contains(&format!("SKIPPED {name} (")) && said.contains(why),
                "the harness must not keep it for itself: {said}"
            );
        }
    }
    let output = script(None);
    assert!(output.status.success());
    assert_eq!(told(&output), "SKIPPED end to end: there is no engine\n");
}

#[test]
fn where_nothing_may_be_skipped_it_fails() {
    for name in ["plain_probe", "s3_probe"] {
        let output = probe(name, Some("1"));
        let said = told(&output);
        assert!(!output.status.success(), "{said}");
        assert!(
            said.contains("MILLRACE_NOTHING_SKIPPED is set")
                && said.contains("test result: FAILED"),
            "{said}"
        );
    }
    for setting in ["1", "true"] {
        let output = script(Some(setting));
        assert_eq!(output.status.code(), Some(1));
        assert!(told(&output).contains("there is no engine; MILLRACE_NOTHING_SKIPPED is set"));
    }
}

/// Nobody goes past the helpers: no file of tests says on its own that something is skipped.
#[test]
fn nothing_else_skips() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders: Vec<_> = ["crates", "lambdas", "fargate", "cli", "tests", "scripts"]
        .map(|folder| root.join(folder))
        .to_vec();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let own = path.ends_with("tests/skip") || path.ends_with("scripts/skip");
            if path.is_dir() && !own {
                folders.push(path);
            } else if !own
                && let Ok(source) = std::fs::read_to_string(&path)
                && (source.to_lowercase().contains("\"skipped") || reads_s3(&source))
            {
                found.push(path);
            }
        }
    }
    assert!(
        found.is_empty(),
        "use millrace_skip or scripts/skip: {found:#?}"
    );
}

fn reads_s3(source: &str) -> bool {
    source.contains(&format!("var(\"{TEST_S3}\")"))
}
