//! The contracts and specs of the repository are valid, fit each other and what is generated.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use millrace_contract::{Contract, Role, Spec};
use millrace_generator::Table;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

fn contract(table: Table) -> Contract {
    Contract::parse(table.contract_toml(), table.as_str()).unwrap()
}

fn spec(path: &str) -> Spec {
    Spec::parse(&read(path), path).unwrap()
}

#[test]
fn specs_fit_the_contracts_that_they_name() {
    for path in ["models/engagement.toml", "models/gemstones.toml"] {
        let spec = spec(path);
        let contract_path = repository().join("models").join(&spec.contract);
        let text = std::fs::read_to_string(contract_path).unwrap();
        let contract = Contract::parse(&text, &spec.contract).unwrap();
        spec.check_against(&contract, path).unwrap();
    }
}

#[test]
fn customers_have_72_features_of_which_three_are_protected() {
    let contract = contract(Table::Customers);
    assert_eq!(contract.with_role(Role::Feature).count(), 69);
    assert_eq!(contract.with_role(Role::Protected).count(), 3);
    assert_eq!(
        (contract.id(), contract.date(), contract.target()),
        (
            Some("customer_id"),
            Some("snapshot_date"),
            Some("engagement_score")
        )
    );
    assert_eq!(
        spec("models/engagement.toml").learnable(&contract).count(),
        69
    );
}

#[test]
fn engagement_searches_108_candidates_and_keeps_45_columns() {
    let spec = spec("models/engagement.toml");
    let space = &spec.search.space;
    let candidates = space.n_estimators.len()
        * space.max_depth.len()
        * space.learning_rate.len()
        * space.subsample.len()
        * space.colsample_bytree.len();
    assert_eq!((candidates, spec.search.folds), (108, 5));
    assert_eq!(spec.selection.best, Some(45));
    assert_eq!(spec.selection.maximum_correlation, Some(0.95));
    assert_eq!(
        (spec.quality.minimum_r2, spec.quality.maximum_rmse),
        (Some(0.75), Some(0.12))
    );
}

/// Whoever leaves a section out gets what docs/MODELS.md states; whoever writes it out as in the engagement
/// spec gets the same.
#[test]
fn the_engagement_spec_writes_out_defaults() {
    let written = spec("models/engagement.toml");
    assert_eq!(written.encoding, Default::default());
    assert_eq!(written.scaling, Default::default());
    assert_eq!(written.split, Default::default());
    assert_eq!(written.search, Default::default());
}
