//! Reasons and intervals: columns that a spec or a flag asks for, with the same meaning as elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;

use millrace_contract::Contract;
use millrace_dataset::{Purpose, Request, Source};
use millrace_generator::Options;
use support::quick::quick_spec;
use support::{Workshop, repository_file};

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

/// `tests/coverage` draws small and noisy tables many times; this is one larger one, from the command to the query.
#[test]
fn an_interval_holds_the_share_of_truths_that_it_promises() {
    let workshop = Workshop::default();
    let rows = |seed| Options {
        rows: Some(20_000),
        seed,
        ..Options::default()
    };
    let data = workshop.generate("customers", &rows(42));
    let spec = workshop.lenient_spec();
    workshop.live(&data, &spec, "t");
    let trained = "store/runs/t-training/train-1/metadata.json";
    let metadata = std::fs::read_to_string(workshop.path(trained)).unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let intervals = metadata["intervals"].as_array().unwrap();
    assert_eq!(intervals.len(), 5);
    let half = (metadata["rows"]["holdout"].as_f64().unwrap() / 2.0).floor();
    let mut last = 0.0;
    for interval in intervals {
        let promised = interval["coverage"].as_f64().unwrap();
        let measured = interval["holdout_coverage"].as_f64().unwrap();
        let half_width = interval["half_width"].as_f64().unwrap();
        assert_chance(promised, measured, [half, half]);
        assert_eq!(
            (measured * half).round() / half,
            measured,
            "a share of the half that judges"
        );
        assert!(half_width > last, "wider promises need wider intervals");
        last = half_width;
    }

    // Others of the same kind: what is promised is promised about them.
    let fresh = workshop.generate("fresh", &rows(43));
    workshop
        .millrace(&["score", "--data", &fresh, "--interval"])
        .succeeded();
    let truths = truths(&fresh);
    let asked = "SELECT customer_id, engagement_score_pred, score_low, score_high FROM predictions";
    let answer = workshop.millrace(&["query", asked, "--csv"]).succeeded();
    let mut held = 0;
    for line in answer.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [score, low, high] = [1, 2, 3].map(|place| number(fields[place]));
        assert!(
            low <= score && score <= high,
            "every score lies in its interval: {line}"
        );
        assert!(high - low <= 2.0 * last);
        held += usize::from((low..=high).contains(&truths[fields[0]]));
    }
    let rows = truths.len() as f64;
    assert_eq!(answer.lines().count() - 1, truths.len());
    assert_chance(0.9, held as f64 / rows, [half, rows]);
}

/// The share lies where chance puts it, with so many rows that gave the width and that it was measured on:
/// 0.0213 from 0.9 with 2,000 and 20,000. Rounding outwards to three digits adds a little.
fn assert_chance(promised: f64, measured: f64, rows: [f64; 2]) {
    let variance: f64 = rows
        .map(|rows| promised * (1.0 - promised) / rows)
        .iter()
        .sum();
    let chance = 3.0 * variance.sqrt();
    assert!(
        (measured - promised).abs() < chance + 0.001,
        "{promised} was promised, {measured} measured, {chance} is chance"
    );
}

/// The truth of each customer.
fn truths(data: &str) -> HashMap<String, f64> {
    let contract = repository_file("contracts/customers.toml");
    let contract = Contract::parse(&contract, "customers").unwrap();
    let request = Request::all(&contract, Purpose::Training);
    let frame = Source::open(data).unwrap().read(&request).unwrap();
    let ids = frame.texts("customer_id").unwrap().iter().cloned();
    let truths = frame.numbers("engagement_score").unwrap();
    ids.map(Option::unwrap)
        .zip(truths.iter().copied())
        .collect()
}

#[test]
fn reasons_add_up_to_the_score() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 2_000);
    let spec = std::fs::read_to_string(quick_spec(&workshop))
        .unwrap()
        .replace("best = 45", "best = 6")
        .replace("decimals = 3\nrange", "decimals = 6\nrange")
        .replace(
            "[scores.confidence]",
            "[scores.reasons]\ncount = 6\n\n[scores.confidence]",
        );
    let spec = workshop.write("models/engagement.toml", spec);
    workshop.live(&data, &spec, "t");
    // The effects of all columns and the mean of the scores make the score; clipped scores are left out.
    let effects = (1..=6).map(|place| format!("coalesce(reason_{place}_effect, 0)"));
    let sum = effects.collect::<Vec<_>>().join(" + ");
    let asked = format!(
        "SELECT max(engagement_score_pred - ({sum})) - min(engagement_score_pred - ({sum})), \
         max(abs(reason_2_effect) - abs(reason_1_effect)), count(DISTINCT reason_1) \
         FROM predictions WHERE engagement_score_pred > 0 AND engagement_score_pred < 1"
    );
    let answer = workshop.millrace(&["query", &asked, "--csv"]).succeeded();
    let values: Vec<f64> = answer
        .lines()
        .nth(1)
        .unwrap()
        .split(',')
        .map(number)
        .collect();
    assert!(
        values[0] < 1e-4,
        "what is left must be one number: {answer}"
    );
    assert!(
        values[1] <= 0.0,
        "the first reason is the strongest: {answer}"
    );
    assert!(
        values[2] >= 2.0,
        "not all customers have the same reason: {answer}"
    );
}

#[test]
fn what_cannot_be_asked_for_is_refused_by_name() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 1_000);
    let spec = workshop.small_spec();
    workshop.train(&data, &spec, "t");
    let out = workshop.text("scores.parquet");
    let score = |flags: &[&str]| {
        let mut all = vec![
            "score",
            "--data",
            &data,
            "--version",
            "run:t",
            "--out",
            &out,
        ];
        all.extend(flags);
        workshop.millrace(&all)
    };
    score(&["--interval", "0.87"]).failed_with("NoInterval");
    score(&["--interval", "1.5"]).failed_with("InvalidExtraColumns");
    score(&["--reasons", "0"]).failed_with("InvalidExtraColumns");
    score(&["--reasons", "1000"]).failed_with("InvalidExtraColumns");
}
