//! The strategy `tpe`: every point once, the same whatever the workers, and as good as the grid.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeSet;

use common::{COLUMNS, ROWS, larger_table, small_search, table};
use millrace_contract::metadata::{CandidateReport, WhyEnded};
use millrace_contract::spec::{Dimension, Search, Space, Strategy, Tpe};
use millrace_features::{Matrix, folds};
use millrace_training::{
    SearchOutcome, SearchRequest, SearchRows, Setup, Silent, TreeParams, r2, refit, search,
};

const NAMES: [&str; COLUMNS] = ["a", "b", "c", "d", "e", "f"];

fn run_on(rows: &(Matrix, Vec<f64>), settings: &Search, workers: usize) -> SearchOutcome {
    let request = SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &rows.0,
            target: &rows.1,
        },
        setup: Setup::xgboost(settings),
        attempt: 1,
        workers,
    };
    search(&request, &Silent).unwrap()
}

fn run(settings: &Search, workers: usize) -> SearchOutcome {
    run_on(&table(), settings, workers)
}

fn with(tpe: Tpe) -> Search {
    Search {
        tpe,
        ..small_search(Strategy::Tpe)
    }
}

/// A point without its rounds, which are found and not asked for.
fn points(candidates: &[CandidateReport]) -> Vec<(u32, u64, u64, u64)> {
    let point = |candidate: &CandidateReport| {
        let asked = TreeParams::of(&candidate.hyperparameters);
        let bits = f64::to_bits;
        (
            asked.max_depth,
            bits(asked.learning_rate),
            bits(asked.subsample),
            bits(asked.colsample_bytree),
        )
    };
    candidates.iter().map(point).collect()
}

#[test]
fn the_number_of_workers_changes_nothing() {
    let settings = small_search(Strategy::Tpe);
    let one = run(&settings, 1);
    for workers in [2, 3, 8] {
        let other = run(&settings, workers);
        assert_eq!((&one.report, &one.best), (&other.report, &other.best));
        assert_eq!(one.effort.trees, other.effort.trees);
    }
    let elsewhere = run(
        &Search {
            seed: 43,
            ..settings
        },
        2,
    );
    let known: BTreeSet<_> = points(&one.report.candidates).into_iter().collect();
    let of_seed = points(&elsewhere.report.candidates);
    assert!(
        of_seed.iter().all(|point| !known.contains(point)),
        "another seed draws other points"
    );
}

#[test]
fn every_trial_is_another_point_and_says_why_it_ended() {
    let settings = small_search(Strategy::Tpe);
    let outcome = run(&settings, 2);
    let candidates = &outcome.report.candidates;
    assert_eq!(candidates.len(), settings.tpe.trials);
    let distinct: BTreeSet<_> = points(candidates).into_iter().collect();
    assert_eq!(distinct.len(), candidates.len());
    let (finalists, left): (Vec<_>, Vec<_>) = candidates.iter().partition(|c| c.dropped.is_none());
    assert_eq!(finalists.len(), settings.tpe.finalists);
    assert!(finalists.iter().all(|c| c.fold_scores.len() == 5));
    let worst = finalists.iter().map(|c| c.fold_scores[0]);
    let worst = worst.fold(f64::INFINITY, f64::min);
    for candidate in left {
        let dropped = candidate.dropped.as_ref().unwrap();
        assert_eq!((dropped.after_folds, candidate.fold_scores.len()), (1, 1));
        assert!(candidate.fold_scores[0] <= worst, "{dropped:?}");
    }
    for candidate in candidates {
        let ended = candidate.ended.unwrap();
        let rounds = TreeParams::of(&candidate.hyperparameters).n_estimators;
        assert!(rounds <= ended.after_rounds && ended.after_rounds <= settings.tpe.most_rounds);
        assert_eq!(
            ended.because == WhyEnded::MostRounds,
            ended.after_rounds == settings.tpe.most_rounds,
            "{ended:?}"
        );
    }
    let early = candidates.iter().filter_map(|c| c.ended);
    assert!(
        early
            .filter(|ended| ended.because != WhyEnded::MostRounds)
            .count()
            > 0,
        "nothing was stopped early"
    );
}

#[test]
fn the_winner_scores_as_if_trained_alone() {
    let (matrix, target) = table();
    let settings = small_search(Strategy::Tpe);
    let outcome = run(&settings, 2);
    let winner = &outcome.report.candidates[0];
    assert_eq!(
        (&winner.hyperparameters, winner.mean),
        (&outcome.best, Some(outcome.score))
    );
    let folds = folds(ROWS, 5).unwrap();
    for (fold, score) in folds.iter().zip(&winner.fold_scores) {
        let rows: Vec<usize> = (0..fold.start).chain(fold.end..ROWS).collect();
        let y: Vec<f64> = rows.iter().map(|row| target[*row]).collect();
        let alone = refit(
            &matrix.select(rows),
            &y,
            &NAMES,
            Setup::xgboost(&settings),
            &outcome.best,
        )
        .unwrap();
        let margins = alone.predict(&matrix.select(fold.clone())).unwrap();
        let truth = &target[fold.clone()];
        assert_eq!(score.to_bits(), r2(truth, &margins).to_bits());
    }
}

#[test]
fn lists_are_searched_to_their_end() {
    let lists = [
        ("max_depth", vec![2.0, 4.0]),
        ("learning_rate", vec![0.1, 0.3]),
        ("subsample", vec![0.8]),
        ("colsample_bytree", vec![0.5, 1.0]),
    ];
    let lists = lists.map(|(name, values)| (name.to_owned(), Dimension::Choice(values)));
    let outcome = run(
        &with(Tpe {
            trials: 30,
            most_rounds: 20,
            given: lists.into_iter().collect(),
            ..Tpe::default()
        }),
        2,
    );
    assert_eq!(
        outcome.report.candidates.len(),
        8,
        "there are no more points than that"
    );
    let single = run(
        &with(Tpe {
            trials: 1,
            finalists: 5,
            most_rounds: 7,
            ..Tpe::default()
        }),
        2,
    );
    assert_eq!(single.report.candidates.len(), 1);
    assert_eq!(single.report.candidates[0].fold_scores.len(), 5);
}

#[test]
fn it_is_as_good_as_the_grid() {
    let rows = larger_table(12_000);
    let grid = Search {
        strategy: Strategy::Exhaustive,
        space: Space::default()
            .with("n_estimators", [50_u32, 100, 200])
            .with("max_depth", [3_u32, 6])
            .with("learning_rate", [0.05, 0.1, 0.3])
            .with("subsample", [0.8, 1.0])
            .with("colsample_bytree", [1.0]),
        ..Search::default()
    };
    let by_grid = run_on(&rows, &grid, 2);
    let by_tpe = run_on(
        &rows,
        &Search {
            strategy: Strategy::Tpe,
            ..Search::default()
        },
        2,
    );
    assert!(
        by_tpe.score >= by_grid.score,
        "{} by tpe, {} by the grid",
        by_tpe.score,
        by_grid.score
    );
}
