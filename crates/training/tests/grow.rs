//! What is grown here is what XGBoost grows: every score has the same bits.

#![allow(clippy::unwrap_used)]

mod common;

use std::cell::RefCell;

use common::{bits, scores_alone};
use millrace_contract::Params;
use millrace_contract::spec::{Search, Space, Strategy};
use millrace_features::Matrix;
use millrace_training::{Effort, Progress, SearchRequest, SearchRows, Setup, TreeParams, search};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A table to learn from.
#[derive(Debug, Clone, Copy)]
struct Table {
    seed: u64,
    rows: usize,
    columns: usize,
    /// One value in so many is missing; 0 is none.
    missing: u64,
    /// Added to the target, and its size.
    middle: f64,
    scale: f64,
    /// Whether some targets are zero and the others cancel out, all but a rounding: predictions begin next to zero,
    /// and so do some gradients, while others are large.
    centred: bool,
}

const TABLE: Table = Table {
    seed: 1,
    rows: 900,
    columns: 11,
    missing: 0,
    middle: 0.0,
    scale: 1.0,
    centred: false,
};

impl Table {
    /// Columns of all kinds: constant, of two values, of a few, of many; the target follows from some of them.
    fn make(&self) -> (Matrix, Vec<f64>) {
        let mut random = Pcg64Mcg::seed_from_u64(self.seed);
        let mut unit = move || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let (mut values, mut target) = (Vec::new(), Vec::new());
        for _ in 0..self.rows {
            let row: Vec<f64> = (0..self.columns)
                .map(|column| match column % 5 {
                    0 => unit() - 0.5,
                    1 => f64::from(unit() < 0.2),
                    2 => (unit() * 7.0).floor(),
                    3 => 3.5,
                    _ => -(1.0 - unit()).ln() * 1e3,
                })
                .collect();
            let at = |place: usize| row.get(place).copied().unwrap_or(0.5);
            let truth = at(0) * at(1) + (at(2) - 3.0).abs() * 0.1 + (at(4) / 1e3).sin() * at(5);
            target.push(self.middle + self.scale * (truth + 0.2 * (unit() - 0.5)));
            for value in row {
                let missing = self.missing > 0 && unit() * self.missing as f64 <= 1.0;
                values.push(if missing { f32::NAN } else { value as f32 });
            }
        }
        if self.centred {
            for six in target.chunks_exact_mut(6) {
                six.copy_from_slice(&[six[0], six[1], -six[0], -six[1], 0.0, 0.0]);
            }
        }
        let matrix = Matrix::from_rows(self.rows, self.columns, values).unwrap();
        (matrix, target)
    }
}

fn settings(candidate: TreeParams, fixed: Params) -> Search {
    Search {
        strategy: Strategy::Exhaustive,
        folds: 2,
        fixed,
        space: Space::default()
            .with("n_estimators", [candidate.n_estimators])
            .with("max_depth", [candidate.max_depth])
            .with("learning_rate", [candidate.learning_rate])
            .with("subsample", [candidate.subsample])
            .with("colsample_bytree", [candidate.colsample_bytree]),
        ..Search::default()
    }
}

/// Keeps what is said of the stages of a search.
#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl Progress for Heard {
    fn stage(&self, words: &str) {
        self.0.borrow_mut().push(words.to_owned());
    }
}

/// Searches with one candidate, and holds its scores against those of XGBoost's own fits.
fn check(table: Table, settings: &Search, candidate: &TreeParams) -> Effort {
    let (matrix, target) = table.make();
    let request = SearchRequest {
        rows: SearchRows::Numbers {
            matrix: &matrix,
            target: &target,
        },
        setup: Setup::xgboost(settings),
        attempt: 1,
        workers: 1,
    };
    let heard = Heard::default();
    let outcome = search(&request, &heard).unwrap();
    let told = heard
        .0
        .take()
        .iter()
        .any(|words| words.contains("left to XGBoost"));
    assert_eq!(told, outcome.effort.fits_by_xgboost > 0);
    let scores = &outcome.report.candidates[0].fold_scores;
    let expected = scores_alone(&matrix, &target, settings, &(*candidate).into());
    assert_eq!(
        bits(scores),
        bits(&expected),
        "{scores:?} are not {expected:?}: {table:?} {candidate:?} {:?}",
        settings.fixed
    );
    outcome.effort
}

const CANDIDATE: TreeParams = TreeParams {
    n_estimators: 40,
    max_depth: 5,
    learning_rate: 0.3,
    subsample: 0.8,
    colsample_bytree: 0.8,
};

/// On the processor that CI has, XGBoost need not help.
fn is_grown_here(effort: Effort) {
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert_eq!(effort.fits_by_xgboost, 0, "{effort:?}");
    }
}

#[test]
fn every_kind_of_table_gives_the_same_bits() {
    let tables = [
        TABLE,
        Table {
            missing: 3,
            ..TABLE
        },
        Table {
            missing: 20,
            seed: 2,
            ..TABLE
        },
        Table {
            columns: 1,
            ..TABLE
        },
        Table {
            columns: 8,
            seed: 3,
            ..TABLE
        },
        Table {
            columns: 40,
            rows: 300,
            missing: 5,
            ..TABLE
        },
        Table {
            rows: 5000,
            ..TABLE
        },
        Table {
            rows: 5000,
            missing: 4,
            ..TABLE
        },
        Table { rows: 4, ..TABLE },
        Table {
            middle: 1e6,
            ..TABLE
        },
        Table {
            scale: 1e-6,
            ..TABLE
        },
        // Gains so large that they are infinite, and so small that they are nothing.
        Table {
            scale: 1e19,
            ..TABLE
        },
        Table {
            scale: 1e-20,
            ..TABLE
        },
        Table {
            scale: 1e9,
            middle: -3e4,
            missing: 9,
            ..TABLE
        },
    ];
    for table in tables {
        for share in [1.0, 0.8, 0.37] {
            let candidate = TreeParams {
                subsample: share,
                colsample_bytree: share,
                ..CANDIDATE
            };
            let settings = settings(candidate, Params::default());
            is_grown_here(check(table, &settings, &candidate));
        }
    }
}

#[test]
fn every_hyperparameter_gives_the_same_bits() {
    let table = Table {
        rows: 1500,
        missing: 11,
        ..TABLE
    };
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let mut one_of = move |values: &[f64]| values[random.next_u32() as usize % values.len()];
    for round in 0..60 {
        let candidate = TreeParams {
            n_estimators: one_of(&[1.0, 2.0, 25.0, 60.0]) as u32,
            max_depth: one_of(&[1.0, 2.0, 3.0, 6.0, 9.0, 12.0, 16.0]) as u32,
            learning_rate: one_of(&[0.01, 0.0316, 0.1, 0.123_456_789, 0.3, 1.0]),
            subsample: one_of(&[0.1, 0.5, 0.7, 0.9, 1.0]),
            colsample_bytree: one_of(&[0.05, 0.3, 0.5, 0.7, 1.0]),
        };
        let mut fixed = Params::default();
        fixed.set("max_bin", one_of(&[2.0, 16.0, 255.0, 256.0]) as u32);
        fixed.set("min_child_weight", one_of(&[0.0, 1.0, 5.0, 40.0]));
        fixed.set("reg_lambda", one_of(&[0.0, 1.0, 3.7, 100.0]));
        fixed.set("reg_alpha", one_of(&[0.0, 0.0, 0.5, 3.0]));
        fixed.set("gamma", one_of(&[0.0, 0.0, 0.02, 1.0]));
        let settings = Search {
            seed: round * 1_000_003,
            ..settings(candidate, fixed)
        };
        is_grown_here(check(table, &settings, &candidate));
    }
}

/// The sums of these targets are not exact in an `f64`, so that the order in which they are added shows.
#[test]
fn roundings_are_those_of_xgboost() {
    for missing in [0, 6] {
        let table = Table {
            rows: 3000,
            missing,
            seed: 5,
            centred: true,
            ..TABLE
        };
        let candidate = TreeParams {
            n_estimators: 150,
            learning_rate: 0.5,
            max_depth: 7,
            ..CANDIDATE
        };
        let settings = settings(candidate, Params::default());
        is_grown_here(check(table, &settings, &candidate));
    }
}

/// Too many bins to know how XGBoost adds them up: what is not exact is left to it.
#[test]
fn what_cannot_be_known_is_left_to_xgboost() {
    let wide = Table {
        columns: 200,
        rows: 2004,
        centred: true,
        ..TABLE
    };
    let candidate = TreeParams {
        n_estimators: 30,
        learning_rate: 0.5,
        max_depth: 6,
        ..CANDIDATE
    };
    let left = check(wide, &settings(candidate, Params::default()), &candidate);
    assert_eq!((left.fits, left.fits_by_xgboost), (2, 2));
    let fine = Params::default().with("max_bin", 1000_u32);
    let left = check(TABLE, &settings(CANDIDATE, fine), &CANDIDATE);
    assert_eq!((left.fits, left.fits_by_xgboost), (2, 2));
}
