//! Signed models: made, asked for, forged.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::process::Command;

use support::{Answer, Workshop, program};

/// A run of the command with these variables.
fn with(workshop: &Workshop, variables: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let output = Command::new(program("millrace"))
        .env(support::OTHER_CLOCK, "1")
        .args(["--store", &workshop.text("store")])
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(workshop.path("models"))
        .output()
        .unwrap();
    Answer::of(&output)
}

struct Keys {
    secret: String,
    public: String,
}

fn keys(workshop: &Workshop, folder: &str) -> Keys {
    let out = workshop.text(folder);
    let said = workshop
        .millrace(&["keys", "make", "--out", &out])
        .succeeded();
    let read = |name: &str| fs::read_to_string(workshop.path(&format!("{folder}/{name}"))).unwrap();
    let secret = read("signing.key").trim().to_owned();
    assert!(!said.contains(&secret), "the secret is printed");
    let public = read("verify.key").trim().to_owned();
    assert!(said.contains(&public));
    Keys { secret, public }
}

#[test]
fn only_a_model_that_a_trusted_key_signed_is_used() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 6_000);
    let spec = workshop.lenient_spec();
    let own = keys(&workshop, "keys");
    let other = keys(&workshop, "others");
    let out = workshop.text("keys");
    workshop
        .millrace(&["keys", "make", "--out", &out])
        .failed_with("KeysNotWritten");

    // Without a key nothing is signed, and whoever asks for a signature is told so.
    let run = ["run", "--data", &data, "--spec", &spec, "--run-id"];
    with(&workshop, &[], &[&run[..], &["a"]].concat()).succeeded();
    let trusting = [("MILLRACE_VERIFY_KEYS", own.public.as_str())];
    let score = ["score", "--data", &data];
    let said = with(&workshop, &trusting, &score).failed_with("SignatureMissing");
    assert!(
        said.contains("models/engagement/v1.0.0/manifest.json"),
        "{said}"
    );
    let out = workshop.text("scores.parquet");
    let candidate = ["--version", "run:a-training", "--out", &out];
    let candidate = [&score[..], &candidate].concat();
    with(&workshop, &trusting, &candidate).failed_with("SignatureMissing");

    // Signed afterwards, with the key in a file; then used by whoever trusts that key.
    let path = workshop.text("keys/signing.key");
    let signing = [("MILLRACE_SIGNING_KEY", path.as_str())];
    with(&workshop, &[], &["models", "sign", "live"]).failed_with("SigningKeyMissing");
    let said = with(&workshop, &signing, &["models", "sign", "live"]).succeeded();
    assert!(said.contains(&own.public), "{said}");
    with(&workshop, &trusting, &score).succeeded();
    let strangers = [("MILLRACE_VERIFY_KEYS", other.public.as_str())];
    with(&workshop, &strangers, &score).failed_with("SignatureInvalid");
    let both = format!("{}, {}", other.public, own.public);
    with(&workshop, &[("MILLRACE_VERIFY_KEYS", &both)], &score).succeeded();

    // A whole run that signs and asks: the containers' programs take the keys from their environment.
    let keys = [trusting[0], ("MILLRACE_SIGNING_KEY", own.secret.as_str())];
    with(&workshop, &keys, &[&run[..], &["b"]].concat()).succeeded();

    // Whoever may register but has no key: the version is unsigned, and no other signature fits it.
    with(&workshop, &[], &[&run[..], &["c"]].concat()).succeeded();
    let models = workshop.path("store/models/engagement");
    let unsigned = fs::read_dir(&models)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|folder| {
            folder.join("manifest.json").exists() && !folder.join("manifest.sig").exists()
        })
        .unwrap();
    let version = unsigned.file_name().unwrap().to_str().unwrap();
    let forged = [&score[..], &["--version", version]].concat();
    with(&workshop, &trusting, &forged).failed_with("SignatureMissing");
    // It became live where nobody asked for signatures; to be promoted again it would need one.
    with(&workshop, &[], &["models", "rollback"]).succeeded();
    let promote = ["models", "promote", version];
    with(&workshop, &trusting, &promote).failed_with("SignatureMissing");
    fs::copy(
        models.join("v1.0.0/manifest.sig"),
        unsigned.join("manifest.sig"),
    )
    .unwrap();
    with(&workshop, &trusting, &forged).failed_with("SignatureInvalid");
    with(&workshop, &[], &forged).succeeded();
}

#[test]
fn keys_that_cannot_be_used_stop_everything() {
    let workshop = Workshop::default();
    workshop.small_spec();
    for (variable, name) in [
        ("MILLRACE_SIGNING_KEY", "SigningKeyInvalid"),
        ("MILLRACE_VERIFY_KEYS", "VerifyKeyInvalid"),
        ("MILLRACE_PSEUDONYM_KEY", "PseudonymKeyInvalid"),
    ] {
        for value in ["slip!", "", " "] {
            let said = with(&workshop, &[(variable, value)], &["models", "list"]).failed_with(name);
            assert!(!said.contains("slip!"), "{said}");
        }
    }
}
