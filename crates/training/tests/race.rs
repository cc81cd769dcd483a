//! The race on a table that is large enough for its first looks.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::cell::RefCell;

use common::{larger_table, made_up_table};
use millrace_contract::spec::{Search, Space, Strategy};
use millrace_features::Matrix;
use millrace_training::{Progress, SearchOutcome, SearchRequest, SearchRows, search};

#[derive(Default)]
struct Stages(RefCell<Vec<String>>);

impl Progress for Stages {
    fn stage(&self, words: &str) {
        self.0.borrow_mut().push(words.to_owned());
    }
}

fn run(strategy: Strategy, workers: usize) -> (SearchOutcome, Vec<String>) {
    run_on(&larger_table(12_000), strategy, workers)
}

fn run_on(
    (matrix, target): &(Matrix, Vec<f64>),
    strategy: Strategy,
    workers: usize,
) -> (SearchOutcome, Vec<String>) {
    let settings = Search {
        strategy,
        space: Space {
            n_estimators: vec![20, 60],
            max_depth: vec![2, 4, 7],
            learning_rate: vec![0.02, 0.1, 0.4],
            subsample: vec![0.8],
            colsample_bytree: vec![1.0],
        },
        ..Search::default()
    };
    let stages = Stages::default();
    let request = SearchRequest {
        rows: SearchRows::Numbers { matrix, target },
        search: &settings,
        attempt: 1,
        workers,
    };
    let outcome = search(&request, &stages).unwrap();
    (outcome, stages.0.into_inner())
}

#[test]
fn samples_first_then_folds_and_the_same_winner() {
    let (exhaustive, silent) = run(Strategy::Exhaustive, 2);
    assert!(silent.is_empty());
    let (race, stages) = run(Strategy::Race, 2);
    assert_eq!(stages.len(), 7, "two samples and five folds: {stages:?}");
    assert!(
        stages[0].contains("600 rows") && stages[1].contains("2400 rows"),
        "{stages:?}"
    );

    let candidates = &exhaustive.report.candidates;
    let same = candidates
        .iter()
        .find(|c| c.hyperparameters == race.best)
        .unwrap();
    assert!(exhaustive.score - same.mean.unwrap() <= 0.001, "{race:?}");
    assert_eq!(
        same.mean,
        Some(race.score),
        "who finishes has the scores of the exhaustive search"
    );
    assert!(
        race.effort.trees * 3 < exhaustive.effort.trees * 2,
        "{:?}",
        race.effort
    );

    let on_samples = race
        .report
        .candidates
        .iter()
        .filter(|c| c.fold_scores.is_empty());
    assert!(on_samples.count() > 0, "nobody left on the samples");
}

#[test]
fn samples_decide_the_same_whatever_the_number_of_workers() {
    let (one, stages) = run(Strategy::Race, 1);
    for workers in [2, 5] {
        let (other, other_stages) = run(Strategy::Race, workers);
        assert_eq!(
            (&one.report, one.best, &stages),
            (&other.report, other.best, &other_stages)
        );
    }
}

/// `examples/race_check.rs` does the same on ten larger tables and the whole grid.
#[test]
fn the_winner_is_the_exhaustive_one_or_its_equal_whatever_the_seed_and_the_noise() {
    for (seed, noise) in [(1, 0.05), (2, 0.25), (3, 0.6)] {
        let table = made_up_table(12_000, seed, noise);
        let (exhaustive, _) = run_on(&table, Strategy::Exhaustive, 2);
        let (race, _) = run_on(&table, Strategy::Race, 2);
        let mut all = exhaustive.report.candidates.iter();
        let of_race = all.find(|c| c.hyperparameters == race.best).unwrap();
        let behind = exhaustive.score - of_race.mean.unwrap();
        let mut raced = race.report.candidates.iter();
        let best = raced
            .find(|c| c.hyperparameters == exhaustive.best)
            .unwrap();
        assert!(
            behind <= 0.001,
            "seed {seed}, noise {noise}: {behind}; the exhaustive winner: {best:?}"
        );
        assert!(race.effort.trees < exhaustive.effort.trees);
    }
}
