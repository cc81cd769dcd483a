//! A search in parts finds what the whole search finds, to the last bit.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{small_search, table};
use millrace_contract::spec::{Search, Strategy};
use millrace_contract::stages::Share;
use millrace_features::Matrix;
use millrace_training::{
    PartStandings, SearchRequest, SearchRows, Setup, Silent, join, search, search_part,
};

fn request<'a>(rows: &'a (Matrix, Vec<f64>), settings: &'a Search) -> SearchRequest<'a> {
    SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &rows.0,
            target: &rows.1,
        },
        setup: Setup::xgboost(settings),
        attempt: 1,
        workers: 2,
    }
}

/// As a part is written and read again.
fn travelled(part: PartStandings) -> PartStandings {
    serde_json::from_slice(&serde_json::to_vec(&part).unwrap()).unwrap()
}

fn parts(request: &SearchRequest<'_>, count: u32) -> Vec<PartStandings> {
    let part = |index| search_part(request, Share { index, count }, &Silent).unwrap();
    (0..count).map(part).map(travelled).collect()
}

#[test]
fn joined_parts_are_the_whole_search() {
    let (rows, settings) = (table(), small_search(Strategy::Exhaustive));
    let request = request(&rows, &settings);
    let whole = search(&request, &Silent).unwrap();
    for count in [1, 4, 7] {
        let parts = parts(&request, count);
        assert!(parts.iter().all(|part| !part.scored.is_empty()));
        let joined = join(Setup::xgboost(&settings), 1, &parts).unwrap();
        assert_eq!((&joined.report, &joined.best), (&whole.report, &whole.best));
        assert_eq!(joined.score.to_bits(), whole.score.to_bits());
    }
}

#[test]
fn a_part_too_many_has_nothing_to_do() {
    let (rows, settings) = (table(), small_search(Strategy::Exhaustive));
    let request = request(&rows, &settings);
    let parts = parts(&request, 20);
    let idle = parts.iter().filter(|part| part.scored.is_empty()).count();
    assert_eq!(idle, 4, "there are 16 fits a fold");
    assert_eq!(
        join(Setup::xgboost(&settings), 1, &parts)
            .unwrap()
            .report
            .candidates
            .len(),
        32
    );
}

#[test]
fn parts_that_make_no_whole_are_refused() {
    let (rows, settings) = (table(), small_search(Strategy::Exhaustive));
    let request = request(&rows, &settings);
    let whole = parts(&request, 3);
    let refused = |change: &dyn Fn(&mut Vec<PartStandings>)| {
        let mut parts = whole.clone();
        change(&mut parts);
        let error = join(Setup::xgboost(&settings), 1, &parts).unwrap_err();
        assert_eq!(error.name(), "PartsDoNotFit");
        error.to_string()
    };
    let missing = refused(&|parts| parts.truncate(2));
    assert!(missing.contains("of 32 candidates are there"), "{missing}");
    let twice = refused(&|parts| parts.push(parts[0].clone()));
    assert!(twice.contains("is there twice"), "{twice}");
    let other = refused(&|parts| parts[0].scored[0].hyperparameters.set("max_depth", 99_u32));
    assert!(other.contains("is of another grid"), "{other}");
    let folds = refused(&|parts| parts[0].scored[0].fold_scores.truncate(4));
    assert!(folds.contains("has 4 folds"), "{folds}");
}

#[test]
fn only_an_exhaustive_search_is_spread() {
    let (rows, settings) = (table(), small_search(Strategy::Race));
    let share = Share { index: 0, count: 2 };
    let error = search_part(&request(&rows, &settings), share, &Silent).unwrap_err();
    assert_eq!(error.name(), "NotSpreadable");
    let error = join(Setup::xgboost(&settings), 1, &[]).unwrap_err();
    assert_eq!(error.name(), "NotSpreadable");
}
