//! The contracts and specs of the repository are valid, fit each other and what is generated.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use millrace_contract::spec::{Search, Space, Split, SplitMethod};
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
        (contract.id(), contract.date()),
        (Some("customer_id"), Some("snapshot_date"))
    );
    assert_eq!(
        contract.targets().collect::<Vec<_>>(),
        ["engagement_score", "left_within_30_days", "lifetime_value"]
    );
    assert_eq!(
        spec("models/engagement.toml").learnable(&contract).count(),
        69
    );
}

#[test]
fn engagement_searches_108_candidates_and_keeps_45_columns() {
    let spec = spec("models/engagement.toml");
    let candidates = spec.learner.space().grid(&spec.search.space).count();
    assert_eq!((candidates, spec.search.folds), (108, 5));
    assert_eq!(spec.selection.best, Some(45));
    assert_eq!(spec.selection.maximum_correlation, Some(0.95));
    let limit = |key: &str| spec.quality.measured.get(key).copied();
    assert_eq!(
        (limit("minimum_r2"), limit("maximum_rmse")),
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
    // What a contract with an id means by saying nothing.
    let split = Split {
        method: Some(SplitMethod::ById),
        ..Split::default()
    };
    assert_eq!(written.split, split);
    let usual = Search {
        space: written.search.space.clone(),
        scoring: written.search.scoring,
        ..Search::default()
    };
    assert_eq!(written.search, usual);
    let space = written.learner.space();
    let candidates = |given| space.grid(given).candidates();
    assert_eq!(
        candidates(&written.search.space),
        candidates(&Space::default())
    );
}

/// The blocks of TOML in docs/MODELS.md: a shortened contract and the shortest spec.
#[test]
fn what_the_documentation_shows_is_valid_and_has_the_defaults_that_it_states() {
    let page = read("docs/MODELS.md");
    let blocks: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let [shown, shortest] = blocks[..] else {
        panic!("{} blocks", blocks.len())
    };
    let shown = Contract::parse(shown, "docs/MODELS.md").unwrap();
    let spec = Spec::parse(shortest, "docs/MODELS.md").unwrap();
    spec.check_against(&shown, "docs/MODELS.md").unwrap();
    spec.check_against(&contract(Table::Gemstones), "docs/MODELS.md")
        .unwrap();
    for (name, column) in &shown.columns {
        let real = &contract(Table::Gemstones).columns[name];
        assert_eq!(
            (column.role, column.column_type, column.range),
            (real.role, real.column_type, real.range)
        );
    }

    let limits = shown.limits;
    assert_eq!(
        (limits.minimum_quality, limits.maximum_bad_row_share),
        (0.90, 0.05)
    );
    assert_eq!(
        (limits.maximum_missing_share, limits.maximum_age_days),
        (0.30, None)
    );
    assert_eq!(
        (spec.selection.maximum_correlation, spec.selection.best),
        (Some(0.95), None)
    );
    let quality = spec.quality;
    assert!(quality.measured.is_empty());
    assert_eq!(
        (
            quality.maximum_model_bytes,
            quality.maximum_nanoseconds_per_row
        ),
        (209_715_200, 100_000)
    );
    assert_eq!(
        (quality.attempts, quality.must_not_be_worse_than_live_by),
        (2, 0.005)
    );
    let fairness = spec.fairness;
    assert_eq!(
        (
            fairness.threshold,
            fairness.maximum_demographic_parity_difference
        ),
        (0.5, 0.1)
    );
    assert_eq!(
        (fairness.minimum_rows_per_group, fairness.bootstrap_draws),
        (100, 1_000)
    );
    assert_eq!(
        (
            fairness.proxy.maximum_association,
            fairness.proxy.maximum_probe_auc
        ),
        (0.5, 0.8)
    );
}
