//! A contract may have several targets. Each is predicted by its own spec, and none is learned from by another.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use millrace_contract::{Contract, NamedError, Spec};

fn file(name: &str) -> String {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(repository.join(name)).unwrap()
}

const TARGETS: [&str; 3] = ["engagement_score", "left_within_30_days", "lifetime_value"];

fn spec(target: &str) -> String {
    file("models/engagement.toml").replace(
        "target = \"engagement_score\"",
        &format!("target = \"{target}\""),
    )
}

#[test]
fn no_model_learns_from_what_another_predicts() {
    let contract = Contract::parse(&file("contracts/customers.toml"), "customers").unwrap();
    assert_eq!(contract.targets().collect::<Vec<_>>(), TARGETS);
    for target in TARGETS {
        let spec = Spec::parse(&spec(target), "spec").unwrap();
        spec.check_against(&contract, "spec").unwrap();
        let learned: Vec<&str> = spec.learnable(&contract).map(|(name, _)| name).collect();
        assert!(learned.len() > 60, "{learned:?}");
        assert!(
            TARGETS.iter().all(|other| !learned.contains(other)),
            "{learned:?}"
        );
    }
}

#[test]
fn an_outcome_cannot_be_named_as_a_feature() {
    let contract = Contract::parse(&file("contracts/customers.toml"), "customers").unwrap();
    for line in [
        "include_protected = [\"lifetime_value\"]",
        "exclude = [\"left_within_30_days\"]",
    ] {
        let text = spec("engagement_score").replace("[features]", &format!("[features]\n{line}"));
        let text = match text.contains(line) {
            true => text,
            false => format!("{text}\n[features]\n{line}\n"),
        };
        let refused = match Spec::parse(&text, "spec") {
            Ok(spec) => spec.check_against(&contract, "spec").unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(refused.name(), "InvalidSpec", "{refused}");
    }
}

#[test]
fn what_is_unused_is_neither_learned_nor_predicted() {
    let unused = file("contracts/customers.toml").replace(
        "coins_balance            = { role = \"feature\"",
        "coins_balance            = { role = \"unused\"",
    );
    let contract = Contract::parse(&unused, "customers").unwrap();
    let read = Spec::parse(&spec("engagement_score"), "spec").unwrap();
    assert!(
        read.learnable(&contract)
            .all(|(name, _)| name != "coins_balance")
    );
    let predicted = Spec::parse(&spec("coins_balance"), "spec").unwrap();
    let said = predicted
        .check_against(&contract, "spec")
        .unwrap_err()
        .to_string();
    assert!(said.contains("does not have the role `target`"), "{said}");
}
