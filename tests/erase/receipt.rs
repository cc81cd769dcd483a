//! What the receipt of an erasure says, to whom.

use std::fs;
use std::process::Command;

use millrace_contract::Digest;
use serde_json::Value;
use support::{Answer, program};

use crate::{erase, is_id, is_rows, places_of, receipts, rows_of, workshop_of_one_run};

#[test]
fn a_receipt_is_signed_names_nobody_and_can_be_checked() {
    let (workshop, data, id) = workshop_of_one_run();
    let keys = workshop.text("keys");
    workshop
        .millrace(&["keys", "make", "--out", &keys])
        .succeeded();
    let key = |name: &str| fs::read_to_string(workshop.path("keys").join(name)).unwrap();
    let with = |variables: &[(&str, String)], arguments: &[&str]| {
        let output = Command::new(program("millrace"))
            .args(["--store", &workshop.text("store")])
            .args(arguments)
            .envs(
                variables
                    .iter()
                    .map(|(name, value)| (*name, value.as_str())),
            )
            .output()
            .unwrap();
        Answer::of(&output)
    };
    let signing = [("MILLRACE_SIGNING_KEY", key("signing.key"))];
    let trusted = [("MILLRACE_VERIFY_KEYS", key("verify.key"))];
    let asked = [
        "erase",
        "--customer-id",
        &id,
        "--data",
        &data,
        "--yes",
        "--json",
    ];
    let said: Value = serde_json::from_str(&with(&signing, &asked).succeeded()).unwrap();
    let (name, proof) = (
        said["erasure"].as_str().unwrap(),
        said["proof"].as_str().unwrap(),
    );
    let (path, receipt) = receipts(&workshop).pop().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&id) && !text.contains(proof), "{text}");

    // Every file of rows of the store and of the data, with what it was and is.
    let objects = receipt["objects"].as_array().unwrap();
    let files = workshop
        .store_files()
        .into_iter()
        .filter(|(path, _)| is_rows(path));
    for (file, _) in files {
        let is_it = |object: &&Value| {
            let uri = object["uri"].as_str().unwrap();
            uri.ends_with(file.to_str().unwrap())
        };
        let object = objects
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{}", file.display()));
        let digest = Digest::of(&fs::read(&file).unwrap());
        assert_eq!(object["after"]["sha256"], digest.as_str());
        let changed = object["before"] != object["after"];
        assert_eq!(changed, object["rows_erased"] != 0, "{object}");
    }
    let held: Vec<&str> = receipt["may_still_hold"]
        .as_array()
        .unwrap()
        .iter()
        .map(|held| held["what"].as_str().unwrap())
        .collect();
    assert!(held.contains(&"backups"), "{held:?}");
    let models = receipt["models"].as_array().unwrap();
    let version = models
        .iter()
        .find(|model| model["place"] == "models/engagement/v1.0.0");
    assert_eq!(version.unwrap()["influence"], "held_out", "{models:?}");

    // Whoever has the public key can check it; whoever has the proof and the id, whose it is.
    let verify = ["erase", "verify", name];
    let said = with(&trusted, &verify).succeeded();
    assert!(said.contains("signature holds"), "{said}");
    let whose = |id: &str, proof: &str| {
        let more = ["--customer-id", id, "--proof", proof];
        with(&trusted, &[&verify[..], &more].concat())
    };
    whose(&id, proof).succeeded();
    whose("C000000000", proof).failed_with("ReceiptOfAnother");
    whose(&id, &"0".repeat(64)).failed_with("ReceiptOfAnother");
    with(&trusted, &[&verify[..], &["--customer-id", &id]].concat()).failed_with("ProofMissing");
    // Wherever it is kept.
    let kept = workshop.write("kept/receipt.json", &text);
    let signature = path.with_extension("sig");
    workshop.write("kept/receipt.sig", fs::read(&signature).unwrap());
    with(&trusted, &["erase", "verify", &kept]).succeeded();
    // Nobody can change it, or do without the signature.
    fs::write(&path, text.replace("held_out", "none")).unwrap();
    with(&trusted, &verify).failed_with("SignatureInvalid");
    fs::write(&path, &text).unwrap();
    fs::remove_file(signature).unwrap();
    with(&trusted, &verify).failed_with("SignatureMissing");
    let said = with(&[], &verify).succeeded();
    assert!(said.contains("signature none"), "{said}");
}

#[test]
fn models_that_learned_from_a_customer_are_named() {
    let (workshop, data, held_out) = workshop_of_one_run();
    let learned: Vec<String> = rows_of(&data)
        .iter()
        .skip(1)
        .filter_map(|line| line.split(',').find(|cell| is_id(cell)))
        .map(str::to_owned)
        .collect();
    let aside = |id: &String| {
        let places = places_of(&workshop, id);
        let is = |name: &str| {
            places
                .iter()
                .any(|path| path.to_str().unwrap().contains(name))
        };
        is("holdout") || is("quarantine")
    };
    let learned = learned.into_iter().find(|id| !aside(id)).unwrap();
    let influence = |id: &str| {
        let asked = ["erase", "--customer-id", id, "--json"];
        let said = workshop.millrace(&asked).json_document();
        let models = said["models"].as_array().unwrap().clone();
        let of = |place: &str| {
            let model = models.iter().find(|model| model["place"] == place);
            model.map(|model| model["influence"].as_str().unwrap().to_owned())
        };
        [
            of("models/engagement/v1.0.0"),
            of("runs/r-training/train-1"),
        ]
    };
    assert_eq!(
        influence(&learned),
        [Some("trained".into()), Some("trained".into())]
    );
    assert_eq!(
        influence(&held_out),
        [Some("held_out".into()), Some("held_out".into())]
    );
    assert_eq!(influence("C999999999"), [None, None]);
    // When the data is no longer what it was, nobody can tell.
    erase(&workshop, &learned, &["--data", &data]).succeeded();
    assert_eq!(
        influence(&learned),
        [Some("unknown".into()), Some("unknown".into())]
    );
}
