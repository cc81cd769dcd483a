//! The race on a table that is large enough for its first looks.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::cell::RefCell;

use common::{larger_table, made_up_table};
use millrace_contract::spec::{Search, Space, Strategy};
use millrace_features::Matrix;
use millrace_training::{Progress, SearchOutcome, SearchRequest, SearchRows, Setup, search};

/// Enough rows for the race to look at samples first.
const ROWS: usize = 12_000;
const LEAST_NOISE: f64 = 0.05;
const NOISES: [f64; 3] = [LEAST_NOISE, 0.25, 0.6];
/// Seeds and noise of tables that must have the grid's own winner.
const NAMED: [(u64, f64); 3] = [(1, LEAST_NOISE), (2, 0.25), (3, 0.6)];
const MOST_REGRET: f64 = 0.007;

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
        space: Space::default()
            .with("n_estimators", [20_u32, 60])
            .with("max_depth", [2_u32, 4, 7])
            .with("learning_rate", [0.02, 0.1, 0.4])
            .with("subsample", [0.8])
            .with("colsample_bytree", [1.0]),
        ..Search::default()
    };
    let stages = Stages::default();
    let request = SearchRequest {
        rows: SearchRows::Numbers { matrix, target },
        setup: Setup::xgboost(&settings),
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
    assert_eq!(race.best, exhaustive.best, "{race:?}");
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
            (&one.report, &one.best, &stages),
            (&other.report, &other.best, &other_stages)
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

/// With next to no noise the samples are too small to show what the deepest trees are worth, and the race may settle for
/// another candidate. Of ten seeds (`MILLRACE_RACE_SEEDS=10`) it did so on 6 of the 30 tables, all with the least
/// noise, and lost 0.0066 of R2 at most; with usual noise it found the winner on all. `examples/race_check.rs` does
/// the same on ten larger tables and the whole grid.
#[test]
fn another_winner_needs_a_table_without_noise_and_its_regret_is_bounded() {
    let seeds: u64 = std::env::var("MILLRACE_RACE_SEEDS").map_or(5, |text| text.parse().unwrap());
    let tables = (1..=seeds).flat_map(|seed| NOISES.map(|noise| (seed, noise)));
    let ended: Vec<_> = tables
        .map(|(seed, noise)| (seed, noise, beside_the_grid(seed, noise)))
        .collect();
    let others: Vec<_> = ended
        .iter()
        .filter(|(_, _, ended)| !ended.same_winner)
        .map(|(seed, noise, ended)| (*seed, *noise, ended.regret))
        .collect();
    println!(
        "another winner on {} of {} tables (seed, noise, regret): {others:?}",
        others.len(),
        ended.len()
    );
    assert!(others.len() * 4 <= ended.len(), "{others:?}");
    assert!(
        others
            .iter()
            .all(|(_, noise, regret)| *noise == LEAST_NOISE && *regret <= MOST_REGRET),
        "{others:?}"
    );
}
