//! Reasons and intervals: columns that a spec or a flag asks for, with the same meaning as elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use support::Workshop;
use support::quick::quick_spec;

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

#[test]
fn an_interval_holds_the_share_of_truths_that_it_promises() {
    let workshop = Workshop::default();
    let data = workshop.customers("customers", 8_000);
    let spec = workshop.lenient_spec();
    workshop.live(&data, &spec, "t");
    let trained = "store/runs/t-training/train-1/metadata.json";
    let metadata = std::fs::read_to_string(workshop.path(trained)).unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let intervals = metadata["intervals"].as_array().unwrap();
    assert_eq!(intervals.len(), 5);
    let rows = metadata["rows"]["holdout"].as_f64().unwrap();
    let mut last = 0.0;
    for interval in intervals {
        let promised = interval["coverage"].as_f64().unwrap();
        let measured = interval["holdout_coverage"].as_f64().unwrap();
        let half_width = interval["half_width"].as_f64().unwrap();
        // Four standard errors of a share measured on so many rows.
        let chance = 4.0 * (promised * (1.0 - promised) / rows).sqrt();
        assert!(
            (measured - promised).abs() < chance + 0.005,
            "{promised} was promised, {measured} measured"
        );
        assert!(half_width > last, "wider promises need wider intervals");
        last = half_width;
    }

    workshop
        .millrace(&["score", "--data", &data, "--interval"])
        .succeeded();
    let asked = "SELECT min(score_high - score_low), max(score_high - score_low), \
                 sum(CASE WHEN engagement_score_pred BETWEEN score_low AND score_high THEN 0 ELSE 1 END) FROM predictions";
    let answer = workshop.millrace(&["query", asked, "--csv"]).succeeded();
    let values: Vec<f64> = answer
        .lines()
        .nth(1)
        .unwrap()
        .split(',')
        .map(number)
        .collect();
    assert!(values[0] > 0.0 && values[1] <= 2.0 * last, "{answer}");
    assert_eq!(values[2], 0.0, "every score lies in its interval: {answer}");
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
