//! Two classes the whole way: probabilities that come true, a threshold by the spec's policy, labels, gates.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write;

use support::Workshop;

const CONTRACT: &str = r#"
name = "visits"
version = 1
[columns]
visit_id = { role = "id", type = "text" }
minutes  = { role = "feature", type = "float", range = [0, 100], nullable = true }
pages    = { role = "feature", type = "float", range = [0, 100] }
noise    = { role = "feature", type = "float", range = [0, 100] }
gender   = { role = "protected", type = "category", values = ["f", "m"] }
bought   = { role = "target", type = "boolean" }
"#;

const SPEC: &str = r#"
format = 2
name = "visits"
contract = "visits.toml"
target = "bought"
task = "binary"
learner = "xgboost"
[search]
strategy = "exhaustive"
folds = 4
[search.space]
n_estimators = [20, 60]
max_depth = [2]
learning_rate = [0.2]
subsample = [1.0]
colsample_bytree = [1.0]
[scores]
table = "buyers"
column = "probability"
decimals = 3
range = [0.0, 1.0]
[scores.label]
column = "will_buy"
positive = "buys"
negative = "leaves"
threshold = { cost = { false_positive = 1.0, false_negative = 4.0 } }
[scores.tiers]
column = "chance"
edges = [0.3, 0.6]
labels = ["small", "some", "good"]
[quality]
minimum_auc_roc = 0.75
maximum_log_loss = 0.6
good_auc_roc = 0.99
[fairness]
attributes = ["gender"]
maximum_demographic_parity_difference = 0.2
"#;

/// Whether a visitor buys is drawn with a known probability: its AUC is the best that anyone reaches.
struct Visits {
    csv: String,
    truth: Vec<bool>,
    best: Vec<f64>,
}

/// `lead`: by how many minutes one gender stays longer.
fn visits(rows: usize, lead: f64) -> Visits {
    let mut state = 20_260_101_u64;
    let mut even = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut csv = "visit_id,minutes,pages,noise,gender,bought\n".to_owned();
    let (mut truth, mut best) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let (minutes, pages, noise) = (100.0 * even(), 100.0 * even(), 100.0 * even());
        let gender = if even() < 0.5 { "f" } else { "m" };
        let minutes = match gender {
            "m" => lead + (100.0 - lead) / 100.0 * minutes,
            _ => (100.0 - lead) / 100.0 * minutes,
        };
        let score = 0.06 * (minutes - 60.0) + if pages > 50.0 { 1.5 } else { -1.0 };
        let probability = 1.0 / (1.0 + (-score).exp());
        let bought = even() < probability;
        let minutes = if row % 20 == 7 {
            String::new()
        } else {
            format!("{minutes:.4}")
        };
        writeln!(
            csv,
            "v{row:05},{minutes},{pages:.4},{noise:.4},{gender},{bought}"
        )
        .unwrap();
        truth.push(bought);
        best.push(probability);
    }
    Visits { csv, truth, best }
}

/// The share of pairs of a buyer and another whose order is right.
fn auc(truth: &[bool], scores: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let (mut others, mut right, mut buyers) = (0.0, 0.0, 0.0);
    for row in order {
        match truth[row] {
            true => (buyers, right) = (buyers + 1.0, right + others),
            false => others += 1.0,
        }
    }
    right / (buyers * others)
}

fn desk(rows: usize) -> (Workshop, String, String, Visits) {
    desk_of(visits(rows, 0.0))
}

fn desk_of(visits: Visits) -> (Workshop, String, String, Visits) {
    let workshop = Workshop::default();
    let data = workshop.write("visits.csv", &visits.csv);
    workshop.write("visits.toml", CONTRACT);
    let spec = workshop.write("spec.toml", SPEC);
    (workshop, data, spec, visits)
}

fn ask(workshop: &Workshop, sql: &str) -> Vec<Vec<String>> {
    let answer = workshop.millrace(&["query", sql, "--csv"]).succeeded();
    let lines = answer.lines().skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn metadata(workshop: &Workshop, run: &str) -> serde_json::Value {
    let place = workshop.path(&format!("store/runs/{run}-training/train-1/metadata.json"));
    serde_json::from_slice(&std::fs::read(place).unwrap()).unwrap()
}

#[test]
fn probabilities_come_true_and_labels_follow_from_them() {
    let (workshop, data, spec, visits) = desk(6_000);
    let said = workshop
        .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", "one"])
        .succeeded();
    assert!(said.contains("held-out rows: AUC-ROC 0."), "{said}");
    let metadata = metadata(&workshop, "one");
    let best = auc(&visits.truth, &visits.best);
    let reached = metadata["metrics"]["auc_roc"].as_f64().unwrap();
    println!("AUC {reached:.4} of the best possible {best:.4}");
    assert!(
        reached > best - 0.03 && reached < best + 0.03,
        "{reached} of {best}"
    );
    let off = metadata["metrics"]["calibration_error"].as_f64().unwrap();
    assert!(off < 0.05, "{off}");
    let brier = metadata["classes"]["out_of_fold_brier"].as_array().unwrap();
    assert_eq!(brier.len(), 3, "none, Platt and isotonic were tried");

    // What a wrong yes costs is a fourth of what a wrong no costs: a yes begins near 1/5.
    let threshold = metadata["classes"]["threshold"].as_f64().unwrap();
    assert!((0.08..0.35).contains(&threshold), "{threshold}");
    let rows = ask(
        &workshop,
        &format!(
            "SELECT will_buy, count(*), min(probability), max(probability), sum(CASE WHEN (probability >= {threshold}) = (will_buy = 'buys') THEN 0 ELSE 1 END) FROM buyers GROUP BY 1 ORDER BY 1"
        ),
    );
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (rows[0][0].as_str(), rows[1][0].as_str()),
        ("buys", "leaves")
    );
    assert!(rows.iter().all(|row| row[4] == "0"), "{rows:?}");
    assert!(rows[0][2].parse::<f64>().unwrap() >= threshold);
    assert!(rows[1][3].parse::<f64>().unwrap() < threshold);
    let tiers = ask(&workshop, "SELECT count(DISTINCT chance) FROM buyers");
    assert_eq!(tiers, [["3"]]);
}

#[test]
fn the_same_gates_judge_it_and_the_next_one_is_held_against_it() {
    let (workshop, data, spec, _) = desk(6_000);
    let run = |id: &str, spec: &str| {
        workshop.millrace(&["run", "--data", &data, "--spec", spec, "--run-id", id])
    };
    run("one", &spec).succeeded();
    let said = run("two", &spec).succeeded();
    assert!(said.contains("v1.0.1"), "{said}");
    let verdict = workshop.path("store/runs/two-training/quality-gate-1/verdict.json");
    let verdict = std::fs::read_to_string(verdict).unwrap();
    assert!(
        verdict.contains("log loss explained against the live model"),
        "{verdict}"
    );
    assert!(verdict.contains("acceptable: AUC-ROC 0."), "{verdict}");
    let strict = SPEC.replace("minimum_auc_roc = 0.75", "minimum_auc_roc = 0.999");
    let strict = workshop.write("strict.toml", strict);
    let said = run("three", &strict).failed_with("QualityRejected");
    assert!(said.contains("auc_roc"), "{said}");
}

/// The shares are those of the rows that no fit has seen; on the held-out rows chance moves them a little.
#[test]
fn every_policy_does_on_other_rows_what_it_is_asked_for() {
    let (workshop, data, _, _) = desk(6_000);
    let cost = "{ cost = { false_positive = 1.0, false_negative = 4.0 } }";
    assert!(SPEC.contains(cost));
    for (id, policy, measure, least, most) in [
        ("recall", "{ recall_at_least = 0.9 }", "recall", 0.85, 0.95),
        (
            "precision",
            "{ precision_at_least = 0.8 }",
            "precision",
            0.74,
            0.90,
        ),
        ("f1", "\"f1\"", "f1", 0.6, 1.0),
    ] {
        let spec = workshop.write("policy.toml", SPEC.replace(cost, policy));
        workshop
            .millrace(&["train", "--data", &data, "--spec", &spec, "--run-id", id])
            .succeeded();
        let place = workshop.path(&format!("store/runs/{id}/train-1/metadata.json"));
        let metadata: serde_json::Value =
            serde_json::from_slice(&std::fs::read(place).unwrap()).unwrap();
        let found = metadata["metrics"][measure].as_f64().unwrap();
        println!(
            "{id}: {measure} {found:.4}, threshold {}",
            metadata["classes"]["threshold"]
        );
        assert!((least..=most).contains(&found), "{id}: {found}");
    }
    let spec = SPEC.replace(cost, "{ contact_best = 900 }");
    let spec = workshop.write("policy.toml", spec);
    workshop
        .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", "best"])
        .succeeded();
    let rows = ask(
        &workshop,
        "SELECT count(*) FROM buyers WHERE will_buy = 'buys'",
    );
    let contacted: f64 = rows[0][0].parse().unwrap();
    assert!((750.0..1_100.0).contains(&contacted), "{contacted}");
}

#[test]
fn every_strategy_searches_by_the_loss_of_rows_and_auc_by_folds() {
    let (workshop, data, _, visits) = desk(4_000);
    let best = auc(&visits.truth, &visits.best);
    for (id, search) in [
        ("race", "strategy = \"race\""),
        (
            "tpe",
            "strategy = \"tpe\"\ntpe = { trials = 4, most_rounds = 80, finalists = 2 }",
        ),
        ("auc", "strategy = \"exhaustive\"\nscoring = \"auc_roc\""),
    ] {
        let spec = SPEC.replace("strategy = \"exhaustive\"", search);
        let spec = workshop.write("strategy.toml", spec);
        let train = ["train", "--data", &data, "--spec", &spec, "--run-id", id];
        let said = workshop.millrace(&train).succeeded();
        let label = match id {
            "auc" => "cross-validated AUC-ROC 0.",
            _ => "cross-validated log loss explained 0.",
        };
        assert!(said.contains(label), "{said}");
        let place = workshop.path(&format!("store/runs/{id}/train-1/metadata.json"));
        let metadata: serde_json::Value =
            serde_json::from_slice(&std::fs::read(place).unwrap()).unwrap();
        let reached = metadata["metrics"]["auc_roc"].as_f64().unwrap();
        assert!(reached > best - 0.05, "{id}: {reached} of {best}");
    }
    let by_auc = workshop.text("strategy.toml");
    let other = [
        "train",
        "--data",
        &data,
        "--spec",
        &by_auc,
        "--strategy",
        "race",
    ];
    workshop.millrace(&other).failed_with("InvalidSpec");
}

/// Who stays longer is a yes more often, and one gender stays longer: the labels say so, whatever the model was told.
#[test]
fn groups_are_compared_by_their_labels() {
    let (workshop, data, spec, _) = desk_of(visits(4_000, 40.0));
    workshop
        .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", "one"])
        .failed_with("FairnessRejected");
    let threshold = metadata(&workshop, "one")["classes"]["threshold"]
        .as_f64()
        .unwrap();
    let report = workshop.path("store/runs/one-training/fairness-gate-1/report.json");
    let report = std::fs::read_to_string(report).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let said = report["attributes"][0]["criteria"][0]["all_groups"]["difference"]
        .as_f64()
        .unwrap();

    let bytes = std::fs::read(workshop.path("store/runs/one-training/train-1/holdout.parquet"));
    workshop.write("holdout.parquet", bytes.unwrap());
    let held = workshop.text("holdout.parquet");
    let contract = millrace_contract::Contract::parse(
        "name = \"h\"\nversion = 1\n[columns]\nvisit_id = { role = \"id\", type = \"text\" }\nprediction = { role = \"feature\", type = \"float\" }\ngender = { role = \"protected\", type = \"category\", values = [\"f\", \"m\"] }\n",
        "held",
    )
    .unwrap();
    let request = millrace_dataset::Request::all(&contract, millrace_dataset::Purpose::Training);
    let rows = millrace_dataset::Source::open(&held).unwrap();
    let rows = rows.read(&request).unwrap();
    let share = |gender: i32| {
        let all = rows.codes("gender").unwrap().iter();
        let all = all.zip(rows.numbers("prediction").unwrap());
        let own: Vec<f64> = all
            .filter(|(g, _)| **g == gender)
            .map(|(_, p)| *p)
            .collect();
        let yes = own
            .iter()
            .filter(|p| (**p * 1_000.0).round() / 1_000.0 >= threshold);
        yes.count() as f64 / own.len() as f64
    };
    assert!((share(1) - share(0) - said).abs() < 0.005, "{said}");
    assert!(said > 0.2);
}

#[test]
fn logistic_regression_is_the_linear_learner_of_classes() {
    let (workshop, data, spec, visits) = desk(4_000);
    let written = std::fs::read_to_string(&spec).unwrap();
    let start = written.find("[search.space]").unwrap();
    let end = written.find("[scores]").unwrap();
    let linear = written
        .replace(&written[start..end], "")
        .replace("learner = \"xgboost\"", "learner = \"linear\"")
        .replace(
            "[scores.label]",
            "[scores.reasons]\ncount = 1\n[scores.label]",
        );
    let linear = workshop.write("linear.toml", linear);
    workshop
        .millrace(&["run", "--data", &data, "--spec", &linear, "--run-id", "one"])
        .succeeded();
    let best = auc(&visits.truth, &visits.best);
    let reached = metadata(&workshop, "one")["metrics"]["auc_roc"]
        .as_f64()
        .unwrap();
    assert!(reached > best - 0.05, "{reached} of {best}");
    let rows = ask(
        &workshop,
        "SELECT count(*), count(reason_1) FROM buyers WHERE probability BETWEEN 0 AND 1",
    );
    assert_eq!(rows, [["4000", "4000"]]);
}

#[test]
fn what_cannot_be_a_class_is_refused_by_name() {
    let (workshop, data, spec, visits) = desk(400);
    let good = std::fs::read_to_string(&spec).unwrap();
    let refused = |spec: &str, data: &str, name: &str| {
        workshop
            .millrace(&["train", "--data", data, "--spec", spec])
            .failed_with(name)
    };
    for (from, to, said) in [
        (
            "task = \"binary\"",
            "task = \"regression\"",
            "a regression has no probability",
        ),
        (
            "task = \"binary\"",
            "task = \"multiclass\"",
            "three classes or more",
        ),
        (
            "range = [0.0, 1.0]",
            "range = [0.0, 2.0]",
            "probabilities lie in 0 to 1",
        ),
        (
            "strategy = \"exhaustive\"",
            "scoring = \"r2\"",
            "decides by log_loss, auc_roc, auc_pr",
        ),
        (
            "strategy = \"exhaustive\"",
            "scoring = \"auc_roc\"",
            "has no loss for each row",
        ),
        (
            "minimum_auc_roc = 0.75",
            "minimum_r2 = 0.75",
            "means nothing for `task = \"binary\"`",
        ),
        (
            "minimum_auc_roc = 0.75",
            "minimum_wisdom = 0.75",
            "no measure is called `wisdom`",
        ),
        (
            "{ cost = { false_positive = 1.0, false_negative = 4.0 } }",
            "{ recall_at_least = 1.5 }",
            "a recall or a precision lies above 0",
        ),
        (
            "{ cost = { false_positive = 1.0, false_negative = 4.0 } }",
            "\"luck\"",
            "luck",
        ),
        (
            "[scores.label]",
            "[scores.interval]\n[scores.label]",
            "a probability has no interval",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let spec = workshop.write("bad.toml", good.replace(from, to));
        let answer = refused(&spec, &data, "InvalidSpec");
        assert!(answer.contains(said), "{to}: {answer}");
        assert!(answer.contains("line "), "{to}: {answer}");
    }
    let many = good.replace(
        "{ cost = { false_positive = 1.0, false_negative = 4.0 } }",
        "{ contact_best = 5000 }",
    );
    let many = workshop.write("many.toml", many);
    refused(&many, &data, "PolicyCannotBeMet");

    // One class alone, and one that some fold has no row of.
    let alone = visits.csv.replace(",true\n", ",false\n");
    let alone = workshop.write("alone.csv", alone);
    refused(&spec, &alone, "ConstantTarget");
    let mut left = 3;
    let few: String = visits
        .csv
        .split_inclusive('\n')
        .map(|line| match line.ends_with(",true\n") {
            true if left == 0 => line.replace(",true\n", ",false\n"),
            true => {
                left -= 1;
                line.to_owned()
            }
            false => line.to_owned(),
        })
        .collect();
    let few = workshop.write("few.csv", few);
    refused(&spec, &few, "StratumTooSmall");

    // Numbers between the classes.
    workshop.write(
        "visits.toml",
        CONTRACT.replace("type = \"boolean\"", "type = \"float\", range = [0, 1]"),
    );
    let between = visits
        .csv
        .replace(",true\n", ",0.7\n")
        .replace(",false\n", ",0\n");
    let between = workshop.write("between.csv", between);
    let said = refused(&spec, &between, "TargetUnusable");
    assert!(said.contains("is 0.7"), "{said}");
}
