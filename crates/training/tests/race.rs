//! The race on a table that is large enough for its first looks.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::cell::RefCell;

use common::{larger_table, made_up_table};
use millrace_contract::spec::{Search, Space, Strategy};
use millrace_features::Matrix;
use millrace_training::{Progress, SearchOutcome, SearchRequest, search};

/// Enough rows for the race to look at samples first.
const ROWS: usize = 12_000;
const NOISES: [f64; 3] = [0.05, 0.25, 0.6];
const SEEDS: u64 = 10;
const NAMED: [(u64, f64); 3] = [(1, 0.05), (2, 0.25), (3, 0.6)];
const MOST_OTHERS: usize = 0;
const MOST_REGRET: f64 = 0.0;

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
        matrix,
        target,
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

/// How a race ended, beside the whole grid on the same table.
struct Beside {
    same_winner: bool,
    /// By how much R2 the race's winner is worse over the folds than the grid's.
    regret: f64,
}

fn beside_the_grid(seed: u64, noise: f64) -> Beside {
    let table = made_up_table(ROWS, seed, noise);
    let (exhaustive, _) = run_on(&table, Strategy::Exhaustive, 2);
    let (race, _) = run_on(&table, Strategy::Race, 2);
    assert!(race.effort.trees < exhaustive.effort.trees);
    let mut all = exhaustive.report.candidates.iter();
    let of_race = all.find(|c| c.hyperparameters == race.best).unwrap();
    Beside {
        same_winner: race.best == exhaustive.best,
        regret: exhaustive.score - of_race.mean.unwrap(),
    }
}

/// Named tables: on each the race finds the very winner of the grid.
#[test]
fn the_winner_is_the_grids_own_on_named_tables() {
    for (seed, noise) in NAMED {
        let ended = beside_the_grid(seed, noise);
        assert!(
            ended.same_winner,
            "seed {seed}, noise {noise}: another winner, {} behind",
            ended.regret
        );
        assert_eq!(ended.regret, 0.0);
    }
}

/// On other tables it may be another candidate: how seldom, and how little worse that is at most.
/// `examples/race_check.rs` does the same on ten larger tables and the whole grid.
#[test]
fn another_winner_is_seldom_and_hardly_worse() {
    let tables = (1..=SEEDS).flat_map(|seed| NOISES.map(|noise| (seed, noise)));
    let ended: Vec<_> = tables
        .map(|(seed, noise)| (seed, noise, beside_the_grid(seed, noise)))
        .collect();
    let other: Vec<String> = ended
        .iter()
        .filter(|(_, _, ended)| !ended.same_winner)
        .map(|(seed, noise, ended)| format!("seed {seed}, noise {noise}: {:.6}", ended.regret))
        .collect();
    println!(
        "another winner on {} of {}: {other:#?}",
        other.len(),
        ended.len()
    );
    assert!(other.len() <= MOST_OTHERS, "{other:#?}");
    let worst = ended.iter().map(|(_, _, ended)| ended.regret);
    let worst = worst.fold(0.0, f64::max);
    assert!(worst <= MOST_REGRET, "{worst}: {other:#?}");
}
