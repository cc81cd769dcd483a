//! On the default data the recipe keeps the columns that pandas and scikit-learn would keep.
//! The golden file is made by `golden/make_selection.py`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_contract::{Contract, Spec};
use millrace_dataset::{Purpose, Request, Source};
use millrace_features::{Outcome, Recipe, hold_out};
use millrace_generator::{Directory, Options, Table, generate};

const SPEC: &str = include_str!("../../../models/engagement.toml");
const GOLDEN: &str = include_str!("golden/selection.json");

#[test]
fn the_choice_equals_that_of_scikit_learn() {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let words = |key: &str| -> Vec<String> {
        let items = golden[key].as_array().unwrap().iter();
        items.map(|w| w.as_str().unwrap().to_owned()).collect()
    };
    let folder = tempfile::tempdir().unwrap();
    let contract = Contract::parse(Table::Customers.contract_toml(), "customers.toml").unwrap();
    let spec = Spec::parse(SPEC, "engagement.toml").unwrap();
    let mut sink = Directory(folder.path().to_owned());
    generate(&Options::default(), &contract, &mut sink, &|_| {}).unwrap();

    let source = Source::open(folder.path().to_str().unwrap()).unwrap();
    let frame = source
        .read(&Request::all(&contract, Purpose::Training))
        .unwrap();
    assert_eq!(frame.rows() as u64, golden["rows"].as_u64().unwrap());
    let target = frame.numbers(&spec.target).unwrap();
    let rows = hold_out(target, &spec.split).unwrap().training;
    let first: Vec<u64> = rows[..10].iter().map(|row| *row as u64).collect();
    assert_eq!(serde_json::json!(first), golden["first_training_rows"]);

    let target: Vec<f64> = rows.iter().map(|row| target[*row]).collect();
    let (recipe, report) = Recipe::fit(&frame.take(&rows), &target, &spec, &contract).unwrap();
    assert_eq!(
        report.columns.len() as u64,
        golden["encoded"].as_u64().unwrap()
    );
    let with = |wanted: fn(&Outcome) -> bool| -> Vec<String> {
        let mut names: Vec<String> = report
            .columns
            .iter()
            .filter(|c| wanted(&c.outcome))
            .map(|c| c.name.clone())
            .collect();
        names.sort();
        names
    };
    assert_eq!(with(|o| *o == Outcome::Constant), words("constant"));
    assert_eq!(
        with(|o| matches!(o, Outcome::Correlated { .. })),
        words("correlated")
    );
    assert_eq!(recipe.feature_names(), words("chosen"));
    for (column, f) in report.kept().zip(golden["f"].as_array().unwrap()) {
        let (ours, theirs) = (column.f.unwrap(), f.as_f64().unwrap());
        assert!(
            (ours - theirs).abs() < 1e-6 * theirs,
            "{}: {ours} and {theirs}",
            column.name
        );
    }
}
