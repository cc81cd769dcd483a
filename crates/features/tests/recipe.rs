//! A recipe from fitting to applying, and everything it refuses.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_contract::spec::{MissingCategory, Scaling, Unseen};
use millrace_contract::{Contract, Spec};
use millrace_dataset::{Frame, MISSING, UNSEEN, Values};
use millrace_features::{FeatureError, FitReport, Kind, Outcome, Recipe};

const CONTRACT: &str = r#"
name = "visits"
version = 1
[columns]
visit_id = { role = "id", type = "text" }
minutes  = { role = "feature", type = "float", nullable = true }
seconds  = { role = "feature", type = "float", nullable = true }
clicks   = { role = "feature", type = "integer" }
constant = { role = "feature", type = "float" }
device   = { role = "feature", type = "category", values = ["phone", "tablet", "desk"], nullable = true }
plan     = { role = "feature", type = "ordered", values = ["free", "plus", "gold"], nullable = true }
member   = { role = "feature", type = "boolean" }
age      = { role = "protected", type = "integer" }
score    = { role = "target", type = "float" }
"#;

const SPEC: &str = r#"
name = "visits"
contract = "visits.toml"
target = "score"
[scores]
column = "score_pred"
decimals = 3
"#;

const ROWS: usize = 12;

fn contract() -> Contract {
    Contract::parse(CONTRACT, "visits.toml").unwrap()
}

fn spec() -> Spec {
    Spec::parse(SPEC, "visits-spec.toml").unwrap()
}

fn target() -> Vec<f64> {
    (0..ROWS)
        .map(|row| (row as f64 * 0.7).sin() + row as f64 * 0.1)
        .collect()
}

fn frame() -> Frame {
    let minutes: Vec<f64> = target()
        .iter()
        .enumerate()
        .map(|(row, y)| {
            if row == 4 {
                f64::NAN
            } else {
                3.0 * y + (row % 3) as f64
            }
        })
        .collect();
    let seconds = minutes
        .iter()
        .map(|m| m * 60.0 + 0.001 * (m * 9.0).sin())
        .collect();
    let codes = |list: [i32; ROWS]| Values::Code(list.to_vec());
    let mut frame = Frame::new(ROWS);
    let mut add = |name: &str, values| frame.insert(name, values).unwrap();
    add("minutes", Values::Number(minutes));
    add("seconds", Values::Number(seconds));
    add(
        "clicks",
        Values::Number((0..ROWS).map(|r| ((r * 5) % 7) as f64).collect()),
    );
    add("constant", Values::Number(vec![0.1; ROWS]));
    add("device", codes([0, 1, 2, 0, 1, 2, 0, MISSING, 2, 0, 1, 1]));
    add("plan", codes([0, 1, 2, 2, 1, 0, 0, 1, MISSING, 1, 2, 0]));
    add(
        "member",
        Values::Number((0..ROWS).map(|r| (r % 2) as f64).collect()),
    );
    frame
}

fn fit(spec: &Spec) -> (Recipe, FitReport) {
    Recipe::fit(&frame(), &target(), spec, &contract()).unwrap()
}

#[test]
fn columns_keep_the_contracts_order_and_useless_ones_go() {
    let (recipe, report) = fit(&spec());
    assert_eq!(
        recipe.feature_names(),
        [
            "minutes",
            "clicks",
            "device=phone",
            "device=tablet",
            "device=desk",
            "plan",
            "member"
        ]
    );
    assert_eq!(
        recipe.source_columns(),
        ["minutes", "clicks", "device", "plan", "member"]
    );
    let outcome = |name: &str| {
        let column = report.columns.iter().find(|c| c.name == name).unwrap();
        column.outcome.clone()
    };
    assert_eq!(outcome("constant"), Outcome::Constant);
    assert!(
        matches!(outcome("seconds"), Outcome::Correlated { with, r } if with == "minutes" && r > 0.99)
    );
    assert_eq!(report.kept().count(), 7);
}

#[test]
fn the_k_best_by_f_are_kept() {
    let mut spec = spec();
    spec.selection.best = Some(2);
    let (recipe, report) = fit(&spec);
    let mut by_f: Vec<_> = report
        .columns
        .iter()
        .filter(|c| !matches!(c.outcome, Outcome::Constant | Outcome::Correlated { .. }))
        .collect();
    by_f.sort_by(|a, b| b.f.unwrap().total_cmp(&a.f.unwrap()));
    let mut expected: Vec<&str> = by_f[..2].iter().map(|c| c.name.as_str()).collect();
    let mut kept = recipe.feature_names();
    expected.sort_unstable();
    kept.sort_unstable();
    assert_eq!(kept, expected);

    spec.selection.best = Some(8);
    let error = Recipe::fit(&frame(), &target(), &spec, &contract()).unwrap_err();
    assert_eq!(error.name(), "KTooLarge");
    assert!(error.to_string().contains("only 7 of 9"), "{error}");
}

#[test]
fn values_become_the_numbers_that_the_spec_says() {
    let mut spec = spec();
    spec.scaling = Scaling::None;
    spec.encoding.missing_category = MissingCategory::OwnColumn;
    spec.selection.maximum_correlation = None;
    let (recipe, _) = fit(&spec);
    let matrix = recipe.apply(&frame()).unwrap();
    let position = |name: &str| {
        recipe
            .feature_names()
            .iter()
            .position(|n| *n == name)
            .unwrap()
    };
    let column = |name: &str| matrix.column(position(name)).collect::<Vec<f32>>();
    assert_eq!(column("device=tablet")[..4], [0.0, 1.0, 0.0, 0.0]);
    assert_eq!(column("device=tablet")[7], 0.0);
    assert_eq!(column("device=missing").iter().sum::<f32>(), 1.0);
    assert_eq!(column("device=missing")[7], 1.0);
    assert_eq!(column("plan")[..4], [0.0, 1.0, 2.0, 2.0]);
    assert!(column("plan")[8].is_nan() && column("minutes")[4].is_nan());
    assert_eq!(column("member")[..3], [0.0, 1.0, 0.0]);
    assert_eq!(
        recipe.columns()[position("device=missing")].kind,
        Kind::OneHotMissing
    );
}

#[test]
fn the_matrix_is_the_raw_column_scaled() {
    let (recipe, _) = fit(&spec());
    let matrix = recipe.apply(&frame()).unwrap();
    for (j, column) in recipe.columns().iter().enumerate() {
        let raw = recipe.raw_column(&frame(), j).unwrap().into_owned();
        let expected: Vec<u32> = raw
            .iter()
            .map(|x| (((x - column.mean) / column.scale) as f32).to_bits())
            .collect();
        let ours: Vec<u32> = matrix.column(j).map(f32::to_bits).collect();
        assert_eq!(ours, expected, "{}", column.name);
    }
}

#[test]
fn unseen_words_count_as_missing_or_refuse_the_run() {
    let mut changed = frame();
    let codes = vec![0, UNSEEN, 2, 0, 1, 2, 99, MISSING, 2, 0, 1, 1];
    let mut other = Frame::new(ROWS);
    for name in changed.names().map(str::to_owned).collect::<Vec<_>>() {
        let values = match name.as_str() {
            "device" => Values::Code(codes.clone()),
            _ => changed.get(&name).unwrap().clone(),
        };
        other.insert(name, values).unwrap();
    }
    changed = other;
    let (recipe, _) = fit(&spec());
    assert_eq!(
        recipe.unseen_words(&changed).unwrap(),
        [("device".to_owned(), 2)]
    );
    assert!(recipe.apply(&changed).is_ok());
    let (_, report) = Recipe::fit(&changed, &target(), &spec(), &contract()).unwrap();
    assert_eq!(report.unseen, [("device".to_owned(), 2)]);

    let mut strict = spec();
    strict.encoding.unseen = Unseen::Refuse;
    let refused = Recipe::fit(&changed, &target(), &strict, &contract()).unwrap_err();
    assert_eq!(refused.name(), "UnseenWord");
    let (recipe, _) = fit(&strict);
    assert_eq!(recipe.apply(&changed).unwrap_err(), refused);
}

#[test]
fn tables_that_do_not_fit_are_refused_by_name() {
    let (recipe, _) = fit(&spec());
    let mut short = Frame::new(ROWS);
    short
        .insert("minutes", Values::Number(vec![1.0; ROWS]))
        .unwrap();
    assert_eq!(recipe.apply(&short).unwrap_err().name(), "MissingColumn");
    let mut wrong = frame();
    wrong
        .insert("device", Values::Number(vec![0.0; ROWS]))
        .unwrap();
    assert_eq!(recipe.apply(&wrong).unwrap_err().name(), "WrongColumnType");
    for bad in [f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let mut infinite = frame();
        infinite
            .insert("clicks", Values::Number(vec![bad; ROWS]))
            .unwrap();
        assert_eq!(
            recipe.apply(&infinite).unwrap_err(),
            FeatureError::InfiniteValue {
                column: "clicks".into(),
                row: 0
            }
        );
    }
}

#[test]
fn targets_that_cannot_be_learned_are_refused_by_name() {
    let refuse = |target: Vec<f64>| {
        let error = Recipe::fit(&frame(), &target, &spec(), &contract()).unwrap_err();
        error.name()
    };
    let with = |value: f64| {
        let mut target = target();
        target[3] = value;
        target
    };
    assert_eq!(refuse(with(f64::NAN)), "TargetNotFinite");
    assert_eq!(refuse(with(f64::INFINITY)), "TargetNotFinite");
    assert_eq!(refuse(with(1e300)), "TargetNotFinite");
    assert_eq!(refuse(vec![f64::NAN; ROWS]), "AllNullTarget");
    assert_eq!(refuse(vec![0.5; ROWS]), "ConstantTarget");
    assert_eq!(refuse(vec![0.5]), "LengthMismatch");
    let one = Recipe::fit(&frame().take(&[0]), &[0.5], &spec(), &contract());
    assert_eq!(one.unwrap_err().name(), "TooFewRows");
}

#[test]
fn a_recipe_reads_back_as_written() {
    let (recipe, _) = fit(&spec());
    let bytes = recipe.to_json().unwrap();
    let back = Recipe::from_json(&bytes).unwrap();
    assert_eq!(back, recipe);
    assert_eq!(back.to_json().unwrap(), bytes);
    assert_eq!(
        format!("{:?}", back.apply(&frame())),
        format!("{:?}", recipe.apply(&frame()))
    );
}

#[test]
fn a_hostile_recipe_is_refused() {
    let (recipe, _) = fit(&spec());
    let text = String::from_utf8(recipe.to_json().unwrap()).unwrap();
    let changes = [
        ("\"version\": 2", "\"version\": 3"),
        ("\"version\": 2", "\"version\": 0"),
        ("\"version\": 2", "\"version\": 2, \"extra\": true"),
        ("\"mean\": ", "\"fill\": \"much\", \"mean\": "),
        ("\"one_hot\": 1", "\"one_hot\": 4000000000"),
        ("\"one_hot\": 1", "\"one_hot\": -1"),
        ("\"one_hot\": 1", "\"one_hot\": 0"),
        ("\"source\": \"clicks\"", "\"source\": \"nowhere\""),
        ("\"name\": \"device=phone\"", "\"name\": \"clicks\""),
        ("\"type\": \"number\"", "\"type\": \"category\""),
        ("\"tablet\"", "\"phone\""),
        ("\"scale\": ", "\"scale\": -"),
        ("\"mean\": ", "\"mean\": 1e999"),
    ];
    for (from, to) in changes {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from} is not in the recipe");
        let error = Recipe::from_json(changed.as_bytes()).unwrap_err();
        assert!(
            matches!(error.name(), "InvalidRecipe" | "FeatureNameClash"),
            "{from} to {to}: {error}"
        );
        let lists_twice = error.to_string().contains("lists a word twice");
        assert_eq!(lists_twice, from == "\"tablet\"", "{error}");
    }
    for cut in [0, 1, text.len() / 2, text.len() - 3] {
        assert_eq!(
            Recipe::from_json(&text.as_bytes()[..cut])
                .unwrap_err()
                .name(),
            "InvalidRecipe"
        );
    }
    let empty = r#"{"version":1,"unseen":"missing","sources":[],"columns":[]}"#;
    assert_eq!(
        Recipe::from_json(empty.as_bytes()).unwrap_err().name(),
        "InvalidRecipe"
    );
}

#[test]
fn a_contract_that_means_something_else_is_refused() {
    let (recipe, _) = fit(&spec());
    recipe.check_contract(&contract()).unwrap();
    let longer = CONTRACT.replace("\"desk\"]", "\"desk\", \"watch\"]");
    recipe
        .check_contract(&Contract::parse(&longer, "c").unwrap())
        .unwrap();
    for (from, to) in [
        ("\"phone\", \"tablet\"", "\"tablet\", \"phone\""),
        ("clicks   = { role = \"feature\", type = \"integer\" }", ""),
        (
            "member   = { role = \"feature\", type = \"boolean\" }",
            "member = { role = \"feature\", type = \"float\" }",
        ),
    ] {
        let changed = CONTRACT.replace(from, to);
        assert_ne!(changed, CONTRACT);
        let contract = Contract::parse(&changed, "c").unwrap();
        assert_eq!(
            recipe.check_contract(&contract).unwrap_err().name(),
            "ContractChanged"
        );
    }
}

#[test]
fn names_that_would_clash_are_refused() {
    let text = CONTRACT.replace("clicks   =", "\"device=desk\" =");
    let contract = Contract::parse(&text, "c").unwrap();
    let error = Recipe::fit(&frame(), &target(), &spec(), &contract).unwrap_err();
    assert_eq!(error.name(), "FeatureNameClash");
}

#[test]
fn protected_attributes_are_used_only_when_named() {
    let mut spec = spec();
    spec.features.include_protected = vec!["age".into()];
    let error = Recipe::fit(&frame(), &target(), &spec, &contract()).unwrap_err();
    assert_eq!(
        error,
        FeatureError::MissingColumn {
            column: "age".into()
        }
    );
}
