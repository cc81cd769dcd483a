//! The scorer in pure Rust against XGBoost itself, on the tables that the product is for: every row's
//! margin is the same to the last bit, shallow and deep, with and without missing values.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_contract::{Contract, Spec};
use millrace_dataset::{Frame, Purpose, Request, Source};
use millrace_features::Recipe;
use millrace_forest::{Forest, Scaling, Scorer};
use millrace_generator::Options;
use millrace_training::{Setup, TreeParams};
use support::{Workshop, repository_file};

fn table(missing: f64) -> (Spec, Contract, Frame, Vec<f64>) {
    let workshop = Workshop::default();
    let options = Options {
        rows: Some(12_000),
        missing,
        ..Options::default()
    };
    let data = workshop.generate("customers", &options);
    let contract =
        Contract::parse(&repository_file("contracts/customers.toml"), "customers").unwrap();
    let spec = Spec::parse(&repository_file("models/engagement.toml"), "engagement").unwrap();
    let frame = Source::open(&data)
        .unwrap()
        .read(&Request::all(&contract, Purpose::Training))
        .unwrap();
    let target = frame.numbers(&spec.target).unwrap().to_vec();
    (spec, contract, frame, target)
}

#[test]
fn margins_equal_xgboosts_to_the_last_bit() {
    for missing in [0.0, 0.05] {
        let (spec, contract, frame, target) = table(missing);
        let (recipe, _) = Recipe::fit(&frame, &target, &spec, &contract).unwrap();
        let matrix = recipe.apply(&frame).unwrap();
        for max_depth in [3, 6, 9] {
            let candidate = TreeParams {
                n_estimators: 60,
                max_depth,
                learning_rate: 0.1,
                subsample: 0.8,
                colsample_bytree: 0.8,
            };
            let setup = Setup {
                task: spec.task,
                learner: spec.learner,
                search: &spec.search,
            };
            let trained = millrace_training::refit(
                &matrix,
                &target,
                &recipe.feature_names(),
                setup,
                &candidate.into(),
            )
            .unwrap();
            let expected = trained.predict(&matrix).unwrap();

            let forest = Forest::from_ubj(&trained.to_bytes().unwrap()).unwrap();
            let scalings: Vec<Scaling> = recipe
                .columns()
                .iter()
                .map(|c| Scaling {
                    mean: c.mean,
                    scale: c.scale,
                })
                .collect();
            let scorer = Scorer::new(&forest, &scalings).unwrap();
            let raw: Vec<_> = (0..scalings.len())
                .map(|j| recipe.raw_column(&frame, j).unwrap())
                .collect();
            let columns: Vec<&[f64]> = raw.iter().map(AsRef::as_ref).collect();
            let found = scorer.margins(&columns).unwrap();

            let differing = expected
                .iter()
                .zip(&found)
                .filter(|(a, b)| a.to_bits() != b.to_bits())
                .count();
            assert_eq!(
                differing,
                0,
                "depth {max_depth}, missing {missing}: {differing} of {} rows",
                found.len()
            );
            let plain = |row: usize| forest.margin(matrix.row(row)).to_bits();
            assert!((0..500).all(|row| plain(row) == expected[row].to_bits()));
        }
    }
}
