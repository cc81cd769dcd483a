//! Files whose digests agree with what is said of them, and that are no model all the same.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_contract::stages::ModelFiles;
use millrace_contract::{Digest, NamedError, ObjectRef};
use millrace_model::Model;
use millrace_store::{Key, Store};
use support::Workshop;

/// Trains and gives the files of the model.
fn trained(workshop: &Workshop, data: &str, spec: &str, run: &str) -> ModelFiles {
    let said = workshop
        .millrace(&[
            "--json", "train", "--data", data, "--spec", spec, "--run-id", run,
        ])
        .json();
    serde_json::from_value(said["files"].clone()).unwrap()
}

/// Puts bytes into the store, truly described.
fn put(store: &Store, name: &str, bytes: &[u8]) -> ObjectRef {
    let key = Key::new(format!("altered/{name}")).unwrap();
    store.put(&key, bytes.to_vec()).unwrap();
    ObjectRef {
        key: key.to_string(),
        bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
    }
}

#[test]
fn files_that_are_no_model_or_of_two_models_are_refused_by_name() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 1_500);
    let spec = workshop.small_spec();
    let files = trained(&workshop, &data, &spec, "one");
    let other_spec = std::fs::read_to_string(&spec).unwrap().replacen(
        "exclude = []",
        "exclude = [\"feed_time_minutes_day\"]",
        1,
    );
    let other_spec = workshop.write("models/other.toml", other_spec);
    let other = trained(&workshop, &data, &other_spec, "other");

    let store = Store::open(&workshop.text("store")).unwrap();
    let model = store
        .get(&Key::new(files.model.key.clone()).unwrap())
        .unwrap();
    let refused = |name: &str, files: &ModelFiles| {
        let error = Model::load(&store, files).expect_err(name);
        assert_eq!(error.name(), name, "{error}");
    };
    let with_model = |name: &str, bytes: &[u8]| ModelFiles {
        model: put(&store, name, bytes),
        description: None,
        ..files.clone()
    };
    Model::load(&store, &files).unwrap();
    refused(
        "NotXgboost",
        &with_model("text", b"not a model of any kind"),
    );
    refused("NotXgboost", &with_model("json", b"{\"learner\": {}}"));
    refused("ModelTruncated", &with_model("empty", b""));
    for share in [2, 3, 10] {
        let cut = &model.bytes[..model.bytes.len() - model.bytes.len() / share];
        refused("ModelTruncated", &with_model("cut", cut));
    }
    refused(
        "FeatureOrderDiffers",
        &ModelFiles {
            model: other.model.clone(),
            description: None,
            ..files.clone()
        },
    );
    // What names a kind must be about the very file.
    refused(
        "PredictorUnknown",
        &ModelFiles {
            model: other.model.clone(),
            ..files.clone()
        },
    );
    refused(
        "FeatureOrderDiffers",
        &ModelFiles {
            recipe: other.recipe.clone(),
            ..files.clone()
        },
    );
}
