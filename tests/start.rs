//! `millrace start` against Step Functions, where `scripts/emulator run` provides one.
#![allow(clippy::unwrap_used)]

use aws_sdk_sfn::Client;
use millrace_skip::s3_or_skip;
use serde_json::{Value, json};
use support::{Answer, Workshop};

/// The emulator's store; elsewhere these tests are skipped.
#[track_caller]
fn emulated() -> Option<String> {
    s3_or_skip().map(|store| format!("{store}/start"))
}

fn make_machine(name: &str, definition: &Value) -> String {
    let client = Client::new(&millrace_store::aws_config().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let made = runtime.block_on(
        client
            .create_state_machine()
            .name(name)
            .role_arn("arn:aws:iam::000000000000:role/test")
            .definition(definition.to_string())
            .send(),
    );
    made.unwrap().state_machine_arn().to_owned()
}

/// Succeeds for one input and fails for another, as a run does.
fn definition() -> Value {
    json!({
        "QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
            "Begin": {"Type": "Pass", "Assign": {"data": "{% $states.input.data %}"}, "Next": "Judge"},
            "Judge": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $data = 's3://bucket/good' %}", "Next": "Done"}],
                "Default": "Failed"
            },
            "Done": {"Type": "Pass", "Output": {"run_id": "{% $states.context.Execution.Name %}"}, "End": true},
            "Failed": {"Type": "Fail", "Error": "ContractViolated", "Cause": "a column is missing"}
        }
    })
}

fn millrace(store: &str, arguments: &[&str]) -> Answer {
    Workshop::default().millrace_in(store, arguments)
}

#[test]
fn a_run_is_followed_to_its_end_and_its_exit_code_is_the_commands() {
    let Some(store) = emulated() else { return };
    make_machine("Millrace-Inference-followed", &definition());
    let start = |run: &str, data: &str, more: &[&str]| {
        let machine = ["--machine", "Millrace-Inference-followed"];
        let first = ["start", "inference", "--run-id", run, "--data", data];
        millrace(&store, &[&first[..], &machine[..], more].concat())
    };
    let good = start("good", "s3://bucket/good", &["--watch"]);
    for expected in ["Judge", "Done", "succeeded"] {
        assert!(good.error.contains(expected), "{}", good.error);
    }
    assert!(good.succeeded().contains("run good succeeded"));
    let bad = start("bad", "s3://bucket/bad", &["--watch"]);
    let said = bad.failed_with("ContractViolated");
    assert!(said.contains("a column is missing"), "{said}");
    // Names of executions are used once; runs may be started again.
    let again = start("good", "s3://bucket/good", &["--watch", "--json"]).json();
    assert_eq!(again["output"]["run_id"], "good-2");
    let unwatched = start("later", "s3://bucket/good", &["--json"]).json();
    assert_eq!(unwatched["event"], "started");
    assert!(unwatched["execution"].as_str().unwrap().ends_with(":later"));
}

#[test]
fn a_training_run_freezes_its_documents_in_the_store() {
    let Some(store) = emulated() else { return };
    let arn = make_machine("own-name", &definition());
    let started = millrace(
        &store,
        &[
            "start",
            "training",
            "--run-id",
            "frozen",
            "--data",
            "s3://bucket/good",
            "--machine",
            &arn,
        ],
    );
    started.succeeded();
    let opened = millrace_store::Store::open(&store).unwrap();
    let kept = opened.list("runs/frozen/documents/").unwrap();
    assert_eq!(kept.len(), 2);
}

#[test]
fn what_aws_cannot_reach_or_does_not_have_is_named() {
    let local = Workshop::default();
    let here = local.text("store");
    let data = ["--data", "s3://bucket/rows"];
    millrace(&here, &[&["start", "training"], &data[..]].concat()).failed_with("NotInS3");
    millrace("s3://bucket/a", &["start", "training", "--data", "rows"]).failed_with("NotInS3");
    let Some(store) = emulated() else { return };
    let start = [&["start", "training", "--machine", "nobody"], &data[..]].concat();
    millrace(&store, &start).failed_with("MachineNotFound");
}
