//! The same numbers as Python's xgboost and scikit-learn. The golden file is made by
//! `golden/make.py`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{hyperparameters, small_search, table};
use indexmap::IndexMap;
use millrace_contract::spec::{Scores, Search, Strategy};
use millrace_contract::{Contract, Spec};
use millrace_dataset::{Frame, Values};
use millrace_features::Recipe;
use millrace_training::{
    SearchRequest, SearchRows, Setup, Silent, TreeParams, Wanted, evaluate, refit, search,
};
use serde_json::Value;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/python.json")).unwrap()
}

fn scores() -> Scores {
    toml::from_str("column = \"pred\"\ndecimals = 3").unwrap()
}

/// A recipe that changes nothing: six numbers, not scaled.
fn recipe() -> Recipe {
    let (matrix, target) = table();
    let mut contract =
        "name = \"t\"\nversion = 1\n[columns]\nid = { role = \"id\", type = \"text\" }\n"
            .to_owned();
    let mut frame = Frame::new(matrix.rows());
    for (j, name) in NAMES.iter().enumerate() {
        contract +=
            &format!("{name} = {{ role = \"feature\", type = \"float\", nullable = true }}\n");
        let column = matrix.column(j).map(f64::from).collect();
        frame.insert(*name, Values::Number(column)).unwrap();
    }
    contract += "y = { role = \"target\", type = \"float\" }\n";
    let contract = Contract::parse(&contract, "t").unwrap();
    let spec = "name = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\nscaling = \"none\"\n[scores]\ncolumn = \"pred\"\ndecimals = 3\n";
    let spec = Spec::parse(spec, "t").unwrap();
    let (recipe, _) = Recipe::fit(&frame, &target, &spec, &contract).unwrap();
    assert_eq!(recipe.feature_names(), NAMES);
    assert_eq!(
        format!("{:?}", recipe.apply(&frame).unwrap()),
        format!("{matrix:?}")
    );
    recipe
}

#[test]
fn fits_predict_what_python_predicts_to_the_last_bit() {
    let (matrix, target) = table();
    for fit in golden()["fits"].as_array().unwrap() {
        let candidate = hyperparameters(&fit["hyperparameters"]);
        let booster = refit(
            &matrix,
            &target,
            &NAMES,
            Setup::xgboost(&Search::default()),
            &candidate,
        )
        .unwrap();
        let ours = booster.predict(&matrix).unwrap();
        let theirs = fit["predictions"].as_array().unwrap().iter();
        let theirs: Vec<u32> = theirs.map(|bits| bits.as_u64().unwrap() as u32).collect();
        assert_eq!(ours.iter().map(|p| p.to_bits()).collect::<Vec<_>>(), theirs);

        let metrics = evaluate(&target, &ours, &Wanted::of_numbers(&scores())).unwrap();
        for (ours, name) in [
            (metrics.value("r2"), "r2"),
            (metrics.value("rmse"), "rmse"),
            (metrics.value("mae"), "mae"),
        ] {
            assert!((ours - fit[name].as_f64().unwrap()).abs() < 1e-12, "{name}");
        }

        let reloaded = xgb::Booster::load_buffer(&booster.to_bytes().unwrap()).unwrap();
        let rows = xgb::DMatrix::from_dense(matrix.values(), matrix.rows()).unwrap();
        assert_eq!(reloaded.predict_margin(&rows).unwrap(), ours);
        assert_eq!(reloaded.get_feature_names().unwrap(), NAMES);
        assert_eq!(booster.xgboost_version().unwrap().as_deref(), Some("3.4.1"));
    }
}

#[test]
fn importances_are_those_of_scikit_learn() {
    let (matrix, target) = table();
    let recipe = recipe();
    for fit in golden()["fits"].as_array().unwrap() {
        let candidate = hyperparameters(&fit["hyperparameters"]);
        let booster = refit(
            &matrix,
            &target,
            &NAMES,
            Setup::xgboost(&Search::default()),
            &candidate,
        )
        .unwrap();
        let ours = booster.importance(&recipe).unwrap();
        for (name, theirs) in NAMES.iter().zip(fit["importances"].as_array().unwrap()) {
            let (ours, theirs) = (ours.encoded[*name], theirs.as_f64().unwrap());
            assert!((ours - theirs).abs() < 1e-6, "{name}: {ours} and {theirs}");
        }
        assert!((ours.encoded.values().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(ours.encoded.values().is_sorted_by(|a, b| a >= b));
        assert_eq!(ours.columns, ours.encoded);
    }
    let unnamed = NAMES.map(|name| if name == "a" { "z" } else { name });
    let candidate = hyperparameters(&golden()["fits"][0]["hyperparameters"]);
    let other = refit(
        &matrix,
        &target,
        &unnamed,
        Setup::xgboost(&Search::default()),
        &candidate,
    )
    .unwrap();
    assert_eq!(
        other.importance(&recipe).unwrap_err().name(),
        "FeatureOrderChanged"
    );
}

#[test]
fn the_exhaustive_search_is_that_of_grid_search() {
    let (matrix, target) = table();
    let settings = small_search(Strategy::Exhaustive);
    let request = SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &matrix,
            target: &target,
        },
        setup: Setup::xgboost(&settings),
        attempt: 1,
        workers: 2,
    };
    let ours = search(&request, &Silent).unwrap();
    let golden = golden();
    let theirs: IndexMap<String, Vec<f64>> = golden["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            let scores = c["scores"].as_array().unwrap().iter();
            let scores = scores.map(|s| s.as_f64().unwrap()).collect();
            (format!("{:?}", TreeParams::of(&hyperparameters(c))), scores)
        })
        .collect();
    assert_eq!(ours.report.candidates.len(), theirs.len());
    for candidate in &ours.report.candidates {
        let scores = &theirs[&format!("{:?}", TreeParams::of(&candidate.hyperparameters))];
        for (a, b) in candidate.fold_scores.iter().zip(scores) {
            assert!(
                (a - b).abs() < 1e-12,
                "{:?}: {a} and {b}",
                candidate.hyperparameters
            );
        }
    }
    assert_eq!(ours.best, hyperparameters(&golden["best"]));
}
