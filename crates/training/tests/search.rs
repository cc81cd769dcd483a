//! Candidates are scored as if each were trained alone, and nothing depends on the workers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::cell::RefCell;

use common::{COLUMNS, ROWS, bits, scores_alone, small_search, table};
use millrace_contract::Params;
use millrace_contract::metadata::Dropped;
use millrace_contract::spec::{Scores, Search, Space, Strategy};
use millrace_features::Matrix;
use millrace_training::{
    FoldScore, Progress, SearchOutcome, SearchRequest, SearchRows, Setup, Silent, Wanted, evaluate,
    refit, search,
};

const NAMES: [&str; COLUMNS] = ["a", "b", "c", "d", "e", "f"];

fn run(search_settings: &Search, workers: usize) -> SearchOutcome {
    let (matrix, target) = table();
    let request = SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &matrix,
            target: &target,
        },
        setup: Setup::xgboost(search_settings),
        attempt: 1,
        workers,
    };
    search(&request, &Silent).unwrap()
}

#[test]
fn every_candidate_scores_as_if_trained_alone() {
    let (matrix, target) = table();
    let settings = small_search(Strategy::Exhaustive);
    let outcome = run(&settings, 2);
    assert_eq!(outcome.effort.fits, 16 * 5, "one run per group and fold");
    assert!(outcome.effort.matrices >= 5);
    for candidate in &outcome.report.candidates {
        let hyperparameters = &candidate.hyperparameters;
        let expected = scores_alone(&matrix, &target, &settings, hyperparameters);
        assert_eq!(expected.len(), 5);
        assert_eq!(
            bits(&candidate.fold_scores),
            bits(&expected),
            "{hyperparameters:?}"
        );
    }
}

#[test]
fn the_number_of_workers_changes_nothing() {
    for strategy in [Strategy::Exhaustive, Strategy::Race] {
        let settings = small_search(strategy);
        let one = run(&settings, 1);
        for workers in [2, 3, 8] {
            let other = run(&settings, workers);
            assert_eq!(one.report, other.report);
            assert_eq!(one.best, other.best);
            assert_eq!(one.effort.fits, other.effort.fits);
        }
    }
}

#[test]
fn the_race_finds_the_exhaustive_winner_or_its_equal() {
    let exhaustive = run(&small_search(Strategy::Exhaustive), 2);
    let race = run(&small_search(Strategy::Race), 2);
    let of_race = exhaustive
        .report
        .candidates
        .iter()
        .find(|c| c.hyperparameters == race.best)
        .unwrap();
    assert!(exhaustive.score - of_race.mean.unwrap() <= 0.001);
    assert!(race.effort.trees < exhaustive.effort.trees);
    assert_eq!(
        race.report.candidates.len(),
        exhaustive.report.candidates.len()
    );
    let first = &race.report.candidates[0];
    assert_eq!(
        (&first.hyperparameters, first.mean),
        (&race.best, Some(race.score))
    );
    assert_eq!(first.fold_scores.len(), 5);
    for candidate in &race.report.candidates {
        assert_eq!(
            candidate.dropped.is_none(),
            candidate.fold_scores.len() == 5
        );
        if let Some(dropped) = &candidate.dropped {
            assert_eq!(dropped.after_folds, candidate.fold_scores.len());
            assert!(!dropped.reason.is_empty());
        }
    }
}

/// Writes down what it hears.
#[derive(Default)]
struct Heard {
    shares: RefCell<Vec<f64>>,
    scores: RefCell<usize>,
    dropped: RefCell<usize>,
    best: RefCell<Option<Params>>,
}

impl Progress for Heard {
    fn scored(&self, score: FoldScore) {
        assert!(score.score.is_finite());
        *self.scores.borrow_mut() += 1;
    }
    fn dropped(&self, _: &Params, _: &Dropped) {
        *self.dropped.borrow_mut() += 1;
    }
    fn best(&self, candidate: &Params, _: f64, _: usize) {
        *self.best.borrow_mut() = Some(candidate.clone());
    }
    fn share_done(&self, share: f64) {
        self.shares.borrow_mut().push(share);
    }
}

#[test]
fn progress_rises_to_the_end_and_tells_the_winner() {
    let (matrix, target) = table();
    for strategy in [Strategy::Exhaustive, Strategy::Race, Strategy::Tpe] {
        let settings = small_search(strategy);
        let heard = Heard::default();
        let request = SearchRequest {
            rows: SearchRows::Numbers {
                matrix: &matrix,
                target: &target,
            },
            setup: Setup::xgboost(&settings),
            attempt: 1,
            workers: 2,
        };
        let outcome = search(&request, &heard).unwrap();
        let shares = heard.shares.into_inner();
        assert!(
            shares.is_sorted() && shares.last() == Some(&1.0),
            "{shares:?}"
        );
        assert_eq!(heard.best.into_inner(), Some(outcome.best));
        let dropped = outcome
            .report
            .candidates
            .iter()
            .filter(|c| c.dropped.is_some());
        assert_eq!(dropped.count(), heard.dropped.into_inner());
        assert!(heard.scores.into_inner() > 0);
    }
}

#[test]
fn a_later_attempt_searches_wider() {
    let (matrix, target) = table();
    for strategy in [Strategy::Race, Strategy::Tpe] {
        let settings = small_search(strategy);
        let request = |attempt| SearchRequest {
            rows: SearchRows::Numbers {
                matrix: &matrix,
                target: &target,
            },
            setup: Setup::xgboost(&settings),
            attempt,
            workers: 2,
        };
        let first = search(&request(1), &Silent).unwrap();
        let second = search(&request(2), &Silent).unwrap();
        assert!(second.report.candidates.len() > first.report.candidates.len());
        assert_eq!(second.report.attempt, 2);
    }
}

#[test]
fn one_candidate_is_enough() {
    let space = Space::default()
        .with("n_estimators", [10_u32])
        .with("max_depth", [3_u32])
        .with("learning_rate", [0.3])
        .with("subsample", [1.0])
        .with("colsample_bytree", [1.0]);
    for strategy in [Strategy::Exhaustive, Strategy::Race] {
        let settings = Search {
            strategy,
            space: space.clone(),
            ..Search::default()
        };
        let outcome = run(&settings, 2);
        assert_eq!(outcome.report.candidates.len(), 1);
        assert!(outcome.report.candidates[0].dropped.is_none());
    }
}

#[test]
fn bad_input_is_refused_by_name() {
    let (matrix, target) = table();
    let refuse = |matrix: &Matrix, target: &[f64]| {
        let settings = small_search(Strategy::Race);
        let request = SearchRequest {
            rows: SearchRows::Numbers { matrix, target },
            setup: Setup::xgboost(&settings),
            attempt: 1,
            workers: 2,
        };
        search(&request, &Silent).unwrap_err().name()
    };
    let with = |value: f64| {
        let mut target = target.clone();
        target[7] = value;
        target
    };
    assert_eq!(refuse(&matrix, &with(f64::NAN)), "TargetNotFinite");
    assert_eq!(refuse(&matrix, &with(f64::NEG_INFINITY)), "TargetNotFinite");
    assert_eq!(refuse(&matrix, &[f64::NAN; ROWS]), "AllNullTarget");
    assert_eq!(refuse(&matrix, &[0.25; ROWS]), "ConstantTarget");
    assert_eq!(refuse(&matrix, &target[1..]), "LengthMismatch");
    assert_eq!(refuse(&matrix.select([0]), &target[..1]), "TooFewRows");
    assert_eq!(refuse(&matrix.select(0..4), &target[..4]), "TooFewRows");
    let infinite = Matrix::from_rows(ROWS, 1, vec![f32::INFINITY; ROWS]).unwrap();
    assert_eq!(refuse(&infinite, &target), "XgboostFailed");
}

#[test]
fn a_model_takes_only_its_own_columns() {
    let (matrix, target) = table();
    let candidate = run(&small_search(Strategy::Race), 1).best;
    let usual = Search::default();
    let setup = Setup::xgboost(&usual);
    let model = refit(&matrix, &target, &NAMES, setup, &candidate).unwrap();
    let narrow = Matrix::from_rows(1, 2, vec![0.0; 2]).unwrap();
    assert!(model.predict(&narrow).is_err());
    let zero = ["a", "b", "c", "d", "e", "f\0"];
    let error = refit(&matrix, &target, &zero, setup, &candidate).unwrap_err();
    assert_eq!(error.name(), "XgboostFailed");
    let short = refit(&matrix, &target, &NAMES[1..], setup, &candidate).unwrap_err();
    assert_eq!(short.name(), "FeatureOrderChanged");
}

#[test]
fn tiers_count_what_would_be_written() {
    let scores: Scores = toml::from_str(
        "column = \"s\"\ndecimals = 1\nrange = [0.0, 1.0]\n[tiers]\ncolumn = \"t\"\nedges = [0.5]\nlabels = [\"low\", \"high\"]",
    )
    .unwrap();
    // 0.54 is written as 0.5, which is low; 1.4 is clipped.
    let metrics = evaluate(
        &[0.2, 0.5, 0.9, 0.8],
        &[0.1, 0.9, 1.4, 0.54],
        &Wanted::of_numbers(&scores),
    )
    .unwrap();
    let [low, high] = &metrics.tiers[..] else {
        panic!("two tiers");
    };
    assert_eq!((low.rows, low.predicted, low.recall), (2, 2, Some(0.5)));
    assert_eq!((high.rows, high.predicted, high.recall), (2, 2, Some(0.5)));
    let bad = evaluate(&[0.2, 0.4], &[0.1, f32::NAN], &Wanted::of_numbers(&scores)).unwrap_err();
    assert_eq!(bad.name(), "ScoreNotFinite");
}
