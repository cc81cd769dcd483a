//! What a user meets whose endpoint, credentials or bucket are not there. The client is made once per
//! process from its environment, so each case runs in a process of its own.
#![cfg(feature = "s3")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::env;
use std::net::TcpListener;
use std::process::Command;

use millrace_skip::{s3_or_skip, skip};
use millrace_store::{Key, Store};

const URI_VARIABLE: &str = "MILLRACE_TEST_INSIDE";
const CREDENTIALS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
];

/// The error of a read of `uri` in a process with only these variables.
fn error_with(uri: &str, variables: &[(&str, &str)]) -> String {
    let inside = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "inside", "--nocapture"])
        .env_clear()
        .envs(variables.iter().copied())
        // Neither the files of the user nor the metadata of the machine may help.
        .envs([
            ("AWS_CONFIG_FILE", "/nowhere"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/nowhere"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ])
        .env(URI_VARIABLE, uri)
        .output()
        .unwrap();
    assert!(
        inside.status.success(),
        "{}",
        String::from_utf8_lossy(&inside.stderr)
    );
    String::from_utf8_lossy(&inside.stdout).into_owned()
}

#[test]
#[ignore = "is started by the other tests, each with its own environment"]
fn inside() {
    let store = Store::open(&env::var(URI_VARIABLE).unwrap()).unwrap();
    let error = store.get(&Key::new("a").unwrap()).unwrap_err();
    println!("{}: {error}", error.name());
}

#[test]
fn an_endpoint_that_does_not_answer_is_unavailable() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let [first, second] = CREDENTIALS;
    let told = error_with(
        "s3://bucket/a",
        &[first, second, ("AWS_ENDPOINT_URL", &endpoint)],
    );
    assert!(
        told.contains("StoreUnavailable: s3://bucket/a/a "),
        "{told}"
    );
}

#[test]
fn missing_credentials_are_named() {
    let told = error_with(
        "s3://bucket/a",
        &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9")],
    );
    assert!(
        told.contains("StoreAccessDenied") && told.contains("no usable AWS credentials"),
        "{told}"
    );
}

#[test]
fn a_missing_region_is_named() {
    let told = error_with("s3://bucket/a", &CREDENTIALS);
    assert!(
        told.contains("StoreFailed") && told.contains("set AWS_REGION"),
        "{told}"
    );
}

#[test]
fn a_missing_bucket_is_named() {
    if s3_or_skip().is_none() {
        return;
    }
    // Only an emulator surely lacks that bucket.
    let Ok(endpoint) = env::var("AWS_ENDPOINT_URL") else {
        return skip("the S3 of this test run is no emulator");
    };
    let [first, second] = CREDENTIALS;
    let told = error_with(
        "s3://no-such-bucket-here/a",
        &[first, second, ("AWS_ENDPOINT_URL", &endpoint)],
    );
    assert!(
        told.contains("StoreBucketMissing") && told.contains("'no-such-bucket-here'"),
        "{told}"
    );
}
