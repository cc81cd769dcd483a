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

fn visits(rows: usize) -> Visits {
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
        let score = 0.06 * (minutes - 60.0) + if pages > 50.0 { 1.5 } else { -1.0 };
        let probability = 1.0 / (1.0 + (-score).exp());
        let bought = even() < probability;
        let minutes = if row % 20 == 7 { String::new() } else { format!("{minutes:.4}") };
        let gender = if even() < 0.5 { "f" } else { "m" };
        writeln!(csv, "v{row:05},{minutes},{pages:.4},{noise:.4},{gender},{bought}").unwrap();
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
    let workshop = Workshop::default();
    let visits = visits(rows);
    let data = workshop.write("visits.csv", &visits.csv);
    workshop.write("visits.toml", CONTRACT);
    let spec = workshop.write("spec.toml", SPEC);
    (workshop, data, spec, visits)
}

fn ask(workshop: &Workshop, sql: &str) -> Vec<Vec<String>> {
    let answer = workshop.millrace(&["query", sql, "--csv"]).succeeded();
    let lines = answer.lines().skip(1);
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
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
    assert!(reached > best - 0.03 && reached < best + 0.03, "{reached} of {best}");
    let off = metadata["metrics"]["calibration_error"].as_f64().unwrap();
    assert!(off < 0.05, "{off}");
    let brier = metadata["classes"]["out_of_fold_brier"].as_array().unwrap();
    assert_eq!(brier.len(), 3, "none, Platt and isotonic were tried");

    // What a wrong yes costs is a fourth of what a wrong no costs: a yes begins near 1/5.
    let threshold = metadata["classes"]["threshold"].as_f64().unwrap();
    assert!((0.08..0.35).contains(&threshold), "{threshold}");
    let rows = ask(
        &workshop,
        &format!("SELECT will_buy, count(*), min(probability), max(probability), sum(CASE WHEN (probability >= {threshold}) = (will_buy = 'buys') THEN 0 ELSE 1 END) FROM buyers GROUP BY 1 ORDER BY 1"),
    );
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0][0].as_str(), rows[1][0].as_str()), ("buys", "leaves"));
    assert!(rows.iter().all(|row| row[4] == "0"), "{rows:?}");
    assert!(rows[0][2].parse::<f64>().unwrap() >= threshold);
    assert!(rows[1][3].parse::<f64>().unwrap() < threshold);
    let tiers = ask(&workshop, "SELECT count(DISTINCT chance) FROM buyers");
    assert_eq!(tiers, [["3"]]);
}

#[test]
fn the_same_gates_judge_it_and_the_next_one_is_held_against_it() {
    let (workshop, data, spec, _) = desk(6_000);
    let run = |id: &str, spec: &str| workshop.millrace(&["run", "--data", &data, "--spec", spec, "--run-id", id]);
    run("one", &spec).succeeded();
    let said = run("two", &spec).succeeded();
    assert!(said.contains("v1.0.1"), "{said}");
    let verdict = workshop.path("store/runs/two-training/quality-gate-1/verdict.json");
    let verdict = std::fs::read_to_string(verdict).unwrap();
    assert!(verdict.contains("log loss explained against the live model"), "{verdict}");
    assert!(verdict.contains("acceptable: AUC-ROC 0."), "{verdict}");
    let strict = SPEC.replace("minimum_auc_roc = 0.75", "minimum_auc_roc = 0.999");
    let strict = workshop.write("strict.toml", strict);
    let said = run("three", &strict).failed_with("QualityRejected");
    assert!(said.contains("auc_roc"), "{said}");
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
        .replace("[scores.label]", "[scores.reasons]\ncount = 1\n[scores.label]");
    let linear = workshop.write("linear.toml", linear);
    workshop
        .millrace(&["run", "--data", &data, "--spec", &linear, "--run-id", "one"])
        .succeeded();
    let best = auc(&visits.truth, &visits.best);
    let reached = metadata(&workshop, "one")["metrics"]["auc_roc"].as_f64().unwrap();
    assert!(reached > best - 0.05, "{reached} of {best}");
    let rows = ask(&workshop, "SELECT count(*), count(reason_1) FROM buyers WHERE probability BETWEEN 0 AND 1");
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
        ("task = \"binary\"", "task = \"regression\"", "a regression has no probability"),
        ("task = \"binary\"", "task = \"multiclass\"", "three classes or more"),
        ("range = [0.0, 1.0]", "range = [0.0, 2.0]", "probabilities lie in 0 to 1"),
        ("strategy = \"exhaustive\"", "scoring = \"r2\"", "decides by `log_loss`"),
        ("{ cost = { false_positive = 1.0, false_negative = 4.0 } }", "{ recall_at_least = 1.5 }", "a recall lies above 0"),
        ("{ cost = { false_positive = 1.0, false_negative = 4.0 } }", "\"luck\"", "luck"),
        ("[scores.label]", "[scores.interval]\n[scores.label]", "a probability has no interval"),
    ] {
        assert!(good.contains(from), "{from}");
        let spec = workshop.write("bad.toml", good.replace(from, to));
        let answer = refused(&spec, &data, "InvalidSpec");
        assert!(answer.contains(said), "{to}: {answer}");
    }
    let many = good.replace("{ cost = { false_positive = 1.0, false_negative = 4.0 } }", "{ contact_best = 5000 }");
    let many = workshop.write("many.toml", many);
    refused(&many, &data, "ThresholdUnreachable");

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
    workshop.write("visits.toml", CONTRACT.replace("type = \"boolean\"", "type = \"float\", range = [0, 1]"));
    let between = visits.csv.replace(",true\n", ",0.7\n").replace(",false\n", ",0\n");
    let between = workshop.write("between.csv", between);
    let said = refused(&spec, &between, "TargetUnusable");
    assert!(said.contains("is 0.7"), "{said}");
}
