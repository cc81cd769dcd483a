//! Another learner in the same search: the strategies know nothing of it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{COLUMNS, bits, table};
use millrace_contract::spec::{Learner, Search, Space, Strategy, Task};
use millrace_features::{Matrix, folds};
use millrace_training::{
    SearchOutcome, SearchRequest, SearchRows, Setup, Silent, r2, refit, search,
};

const NAMES: [&str; COLUMNS] = ["a", "b", "c", "d", "e", "f"];

/// The common table without what is missing.
fn whole() -> (Matrix, Vec<f64>) {
    let (matrix, target) = table();
    let values = matrix
        .values()
        .iter()
        .map(|x| if x.is_nan() { 0.0 } else { *x });
    let values = values.collect();
    (
        Matrix::from_rows(matrix.rows(), COLUMNS, values).unwrap(),
        target,
    )
}

fn settings(strategy: Strategy) -> Search {
    Search {
        strategy,
        space: Space::default()
            .with("alpha", [0.001, 0.1, 1.0])
            .with("l1_share", [0.0, 1.0]),
        ..Search::default()
    }
}

fn setup(search: &Search) -> Setup<'_> {
    Setup {
        task: Task::Regression,
        learner: Learner::Linear,
        search,
    }
}

fn run(strategy: Strategy, workers: usize) -> SearchOutcome {
    let (matrix, target) = whole();
    let settings = settings(strategy);
    let request = SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &matrix,
            target: &target,
        },
        setup: setup(&settings),
        attempt: 1,
        workers,
    };
    search(&request, &Silent).unwrap()
}

#[test]
fn every_candidate_scores_as_if_trained_alone() {
    let (matrix, target) = whole();
    let settings = settings(Strategy::Exhaustive);
    let outcome = run(Strategy::Exhaustive, 2);
    assert_eq!(outcome.report.candidates.len(), 6);
    // Without a budget nobody answers for another.
    assert_eq!(outcome.effort.fits, 6 * 5);
    for candidate in &outcome.report.candidates {
        let alone = |fold: &std::ops::Range<usize>| {
            let learned: Vec<usize> = (0..fold.start).chain(fold.end..target.len()).collect();
            let y: Vec<f64> = learned.iter().map(|row| target[*row]).collect();
            let rows = matrix.select(learned);
            let params = &candidate.hyperparameters;
            let model = refit(&rows, &y, &NAMES, setup(&settings), params).unwrap();
            let judged = model.predict(&matrix.select(fold.clone())).unwrap();
            r2(&target[fold.clone()], &judged)
        };
        let expected: Vec<f64> = folds(target.len(), 5).unwrap().iter().map(alone).collect();
        assert_eq!(bits(&candidate.fold_scores), bits(&expected));
    }
}

#[test]
fn every_strategy_finds_a_model_that_explains_something_whatever_the_workers() {
    for strategy in [Strategy::Exhaustive, Strategy::Race, Strategy::Tpe] {
        let one = run(strategy, 1);
        assert!(one.score > 0.3, "{strategy:?}: {}", one.score);
        assert_eq!(one.report, run(strategy, 3).report, "{strategy:?}");
    }
}

#[test]
fn a_missing_value_is_refused_by_name() {
    let (matrix, target) = table();
    let settings = settings(Strategy::Race);
    let request = SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &matrix,
            target: &target,
        },
        setup: setup(&settings),
        attempt: 1,
        workers: 2,
    };
    assert_eq!(
        search(&request, &Silent).unwrap_err().name(),
        "ValueMissing"
    );
}
