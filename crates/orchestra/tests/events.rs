//! The sample events of `lambdas/*/events/` are what the functions take: nothing missing, nothing unknown.
#![allow(clippy::unwrap_used, clippy::panic)]

use millrace_contract::ObjectRef;
use millrace_contract::stages::{GateInput, PublishShards, RegistryInput, ValidateInput};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn check<Input: DeserializeOwned + Serialize>(function: &str, least: usize) {
    let folder = format!(
        "{}/../../lambdas/{function}/events",
        env!("CARGO_MANIFEST_DIR")
    );
    let paths: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    assert!(paths.len() >= least, "{function} has too few sample events");
    for path in paths {
        let path = path.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let read: Result<Input, _> = serde_json::from_str(&text);
        let input = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let written: Value = serde_json::to_value(&input).unwrap();
        let sample: Value = serde_json::from_str(&text).unwrap();
        for (field, value) in sample.as_object().unwrap() {
            assert_eq!(&written[field], value, "{}: {field}", path.display());
        }
    }
}

#[test]
fn every_sample_event_is_taken() {
    check::<ValidateInput>("validate", 2);
    check::<GateInput>("fairness-gate", 2);
    check::<PublishShards>("publish", 1);
    check::<RegistryInput>("registry", 9);
}

/// README.md opens a run and validates its data with the samples: their digests are those of the files here.
#[test]
fn the_sample_for_validate_names_the_documents_of_this_repository() {
    let file = |name: &str| {
        let path = format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    };
    let sample = file("lambdas/validate/events/training.json");
    let input: ValidateInput = serde_json::from_slice(&sample).unwrap();
    for (object, name) in [
        (input.documents.spec, "models/engagement.toml"),
        (input.documents.contract, "contracts/customers.toml"),
    ] {
        let is = ObjectRef::of(&object.key, &file(name));
        assert_eq!(object, is, "{name} has changed: so must the sample");
    }
}
