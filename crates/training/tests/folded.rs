//! Whatever is fitted is fitted inside the fold: no fold's score knows the rows that it is judged on.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::bits;
use millrace_contract::spec::{Search, Space, Strategy};
use millrace_contract::stages::Share;
use millrace_contract::{Contract, Params, Spec};
use millrace_dataset::{Frame, MISSING, Values};
use millrace_features::{Recipe, Unfitted, folds};
use millrace_training::{
    SearchOutcome, SearchRequest, SearchRows, Setup, Silent, join, r2, refit, search, search_part,
};

const COLUMNS: usize = 80;
const BEST: usize = 6;

/// A table of noise, a word, and a target that follows a few of its columns, or none.
struct Table {
    frame: Frame,
    target: Vec<f64>,
    spec: Spec,
    contract: Contract,
}

impl Table {
    fn new(rows: usize, follows: f64, best: usize) -> Table {
        Table::of_seed(rows, follows, best, 20_260_101)
    }

    fn of_seed(rows: usize, follows: f64, best: usize, seed: u64) -> Table {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
        };
        let columns: Vec<Vec<f64>> = (0..COLUMNS)
            .map(|_| (0..rows).map(|_| next()).collect())
            .collect();
        let mut frame = Frame::new(rows);
        let mut contract =
            "name = \"t\"\nversion = 1\n[columns]\nid = { role = \"id\", type = \"text\" }\n"
                .to_owned();
        for (place, column) in columns.iter().enumerate() {
            let mut column = column.clone();
            if place % 7 == 3 {
                column.iter_mut().step_by(11).for_each(|x| *x = f64::NAN);
            }
            frame
                .insert(format!("x{place}"), Values::Number(column))
                .unwrap();
            contract += &format!(
                "x{place} = {{ role = \"feature\", type = \"float\", nullable = true }}\n"
            );
        }
        // The second word stands in one row alone.
        let words = (0..rows).map(|row| match row {
            7 => 1,
            _ if row % 5 == 0 => MISSING,
            _ => 0,
        });
        frame.insert("word", Values::Code(words.collect())).unwrap();
        contract += "word = { role = \"feature\", type = \"category\", values = [\"often\", \"once\"], nullable = true }\n";
        contract += "y = { role = \"target\", type = \"float\" }\n";
        let target = (0..rows)
            .map(|row| follows * (columns[0][row] + columns[5][row] * columns[9][row]) + next())
            .collect();
        let spec = format!(
            "name = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\n[selection]\nbest = {best}\n[scores]\ncolumn = \"p\"\ndecimals = 3\n"
        );
        Table {
            frame,
            target,
            spec: Spec::parse(&spec, "spec").unwrap(),
            contract: Contract::parse(&contract, "contract").unwrap(),
        }
    }

    fn unfitted(&self) -> Unfitted<'_> {
        Unfitted::new(&self.frame, &self.target, &self.spec, &self.contract).unwrap()
    }

    fn request<'a>(&'a self, search: &'a Search) -> SearchRequest<'a> {
        SearchRequest {
            rows: SearchRows::Table(self.unfitted()),
            setup: Setup::xgboost(search),
            attempt: 1,
            workers: 2,
        }
    }

    fn search(&self, strategy: Strategy) -> SearchOutcome {
        search(&self.request(&settings(strategy)), &Silent).unwrap()
    }

    /// The score on every fold, each with a recipe and a training of its own.
    fn scores_alone(&self, candidate: &Params) -> Vec<f64> {
        let rows = self.target.len();
        let settings = settings(Strategy::Exhaustive);
        let alone = |fold: &std::ops::Range<usize>| {
            let learned: Vec<usize> = (0..fold.start).chain(fold.end..rows).collect();
            let judged: Vec<usize> = fold.clone().collect();
            let y: Vec<f64> = learned.iter().map(|row| self.target[*row]).collect();
            let learned = self.frame.take(&learned);
            let (recipe, _) = Recipe::fit(&learned, &y, &self.spec, &self.contract).unwrap();
            let matrix = recipe.apply(&learned).unwrap();
            let names = recipe.feature_names();
            let model = refit(&matrix, &y, &names, Setup::xgboost(&settings), candidate).unwrap();
            let judged = recipe.apply(&self.frame.take(&judged)).unwrap();
            r2(&self.target[fold.clone()], &model.predict(&judged).unwrap())
        };
        folds(rows, settings.folds)
            .unwrap()
            .iter()
            .map(alone)
            .collect()
    }
}

fn settings(strategy: Strategy) -> Search {
    Search {
        strategy,
        space: Space::default()
            .with("n_estimators", [5_u32, 20])
            .with("max_depth", [2_u32, 4])
            .with("learning_rate", [0.1, 0.3])
            .with("subsample", [0.8])
            .with("colsample_bytree", [0.8, 1.0]),
        ..Search::default()
    }
}

#[test]
fn every_fold_scores_as_if_its_recipe_were_fitted_alone() {
    let table = Table::new(240, 3.0, BEST);
    let recipes: Vec<Vec<String>> = folds(240, 5)
        .unwrap()
        .iter()
        .map(|fold| {
            let recipe = table.unfitted().recipe_without(fold).unwrap();
            recipe
                .feature_names()
                .into_iter()
                .map(str::to_owned)
                .collect()
        })
        .collect();
    assert!(recipes.iter().all(|names| names.len() == BEST));
    assert!(
        recipes[1..].iter().any(|names| *names != recipes[0]),
        "the folds choose alike: nothing is shown"
    );
    for strategy in [Strategy::Exhaustive, Strategy::Race] {
        for candidate in &table.search(strategy).report.candidates {
            let expected = table.scores_alone(&candidate.hyperparameters);
            let known = candidate.fold_scores.len();
            assert_eq!(bits(&candidate.fold_scores), bits(&expected[..known]));
        }
    }
}

/// Columns that were chosen by all rows promise something even here: among 82 some go with any target.
#[test]
fn noise_cannot_be_learned() {
    const SEEDS: u64 = 12;
    for rows in [100, 400] {
        let scores = (1..=SEEDS).map(|seed| {
            let found = Table::of_seed(rows, 0.0, BEST, seed).search(Strategy::Exhaustive);
            let means = found.report.candidates.iter().map(|c| c.mean.unwrap());
            means.sum::<f64>() / found.report.candidates.len() as f64
        });
        let mean = scores.sum::<f64>() / SEEDS as f64;
        println!("R2 {mean:.4} on {rows} rows of noise");
        assert!(mean < 0.0, "R2 {mean} on {rows} rows of noise");
    }
}

#[test]
fn a_search_in_parts_fits_the_same_recipes() {
    let (table, settings) = (Table::new(240, 3.0, BEST), settings(Strategy::Exhaustive));
    let whole = table.search(Strategy::Exhaustive);
    let part = |index| {
        let share = Share { index, count: 3 };
        search_part(&table.request(&settings), share, &Silent).unwrap()
    };
    let parts: Vec<_> = (0..3).map(part).collect();
    let joined = join(Setup::xgboost(&settings), 1, &parts).unwrap();
    assert_eq!((joined.report, joined.best), (whole.report, whole.best));
}

#[test]
fn the_number_of_workers_changes_nothing() {
    let table = Table::new(240, 3.0, BEST);
    for strategy in [Strategy::Exhaustive, Strategy::Race, Strategy::Tpe] {
        let settings = settings(strategy);
        let with = |workers| {
            let request = SearchRequest {
                workers,
                ..table.request(&settings)
            };
            search(&request, &Silent).unwrap().report
        };
        assert_eq!(with(1), with(3));
    }
}

#[test]
fn a_fold_that_lacks_a_column_does_without_it() {
    let encoded = COLUMNS + 2;
    let table = Table::new(240, 3.0, encoded);
    let (recipe, _) = table.unfitted().recipe().unwrap();
    assert_eq!(recipe.columns().len(), encoded);
    let folds = folds(240, 5).unwrap();
    let counts: Vec<usize> = folds
        .iter()
        .map(|fold| {
            table
                .unfitted()
                .recipe_without(fold)
                .unwrap()
                .columns()
                .len()
        })
        .collect();
    assert_eq!(
        counts,
        [encoded - 1, encoded, encoded, encoded, encoded],
        "row 7 alone has the word"
    );
    let found = table.search(Strategy::Exhaustive);
    assert!(found.score.is_finite());
    // All rows must have as many as the spec asks for.
    let greedy = Table::new(240, 3.0, encoded + 1);
    assert_eq!(greedy.unfitted().recipe().unwrap_err().name(), "KTooLarge");
}
