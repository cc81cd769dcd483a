//! Who wins, by how much, and when a blend is worth it.
#![allow(clippy::unwrap_used)]

use millrace_contest::{Baseline, Blend, Contest, ContestError, Contestant, Margin, Truth};
use millrace_measures::Measure;
use proptest::prelude::*;

/// Numbers between -1 and 1, the same every time.
fn noise(index: usize) -> f64 {
    let mut state = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((state ^ (state >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

fn named(name: &str) -> Measure {
    Measure::named(name).unwrap()
}

fn contestant(name: &str, predictions: Vec<f64>) -> Contestant {
    Contestant {
        name: name.to_owned(),
        predictions,
    }
}

const ROWS: usize = 2000;

fn folds() -> Vec<u32> {
    (0..ROWS).map(|row| (row % 5) as u32).collect()
}

/// A target of two parts, and models that see one part each.
fn halves() -> (Vec<f64>, Vec<Contestant>) {
    let (one, other) = (|row: usize| noise(row), |row: usize| noise(ROWS + row));
    let truth = (0..ROWS)
        .map(|row| one(row) + other(row) + 0.1 * noise(2 * ROWS + row))
        .collect();
    let contestants = vec![
        contestant(
            "left",
            (0..ROWS)
                .map(|row| one(row) + 0.1 * noise(3 * ROWS + row))
                .collect(),
        ),
        contestant(
            "right",
            (0..ROWS)
                .map(|row| other(row) + 0.2 * noise(4 * ROWS + row))
                .collect(),
        ),
        contestant(
            "noise",
            (0..ROWS).map(|row| noise(5 * ROWS + row)).collect(),
        ),
    ];
    (truth, contestants)
}

#[test]
fn the_best_stands_first_with_its_margin() {
    let (truth, contestants) = halves();
    let folds = folds();
    for (measure, sign) in [("r2", 1.0), ("rmse", -1.0), ("mae", -1.0)] {
        let contest = Contest::new(
            named(measure),
            Truth::Numbers(&truth),
            &folds,
            contestants.clone(),
        )
        .unwrap();
        let standings = contest.standings().unwrap();
        let values: Vec<f64> = standings.iter().map(|one| sign * one.value).collect();
        assert!(values.is_sorted_by(|a, b| a >= b), "{standings:?}");
        assert_eq!(standings[2].name, "noise");
        let margin = contest
            .margin(&contestants[0].predictions, &contestants[2].predictions)
            .unwrap();
        assert!(
            margin.is_beyond_chance() && margin.low < margin.value && margin.value < margin.high
        );
        let back = contest
            .margin(&contestants[2].predictions, &contestants[0].predictions)
            .unwrap();
        assert!((back.value + margin.value).abs() < 1e-12 && !back.is_beyond_chance());
        let same = contest
            .margin(&contestants[0].predictions, &contestants[0].predictions)
            .unwrap();
        assert!(!same.is_beyond_chance());
    }
}

#[test]
fn models_that_see_different_parts_are_blended() {
    let (truth, contestants) = halves();
    let folds = folds();
    let contest = Contest::new(
        named("rmse"),
        Truth::Numbers(&truth),
        &folds,
        contestants.clone(),
    )
    .unwrap();
    let blended = contest.blend().unwrap();
    assert!(blended.is_better(), "{blended:?}");
    assert!(blended.value < contest.standings().unwrap()[0].value);
    let names: Vec<&str> = blended
        .blend
        .members()
        .iter()
        .map(|member| member.name.as_str())
        .collect();
    assert_eq!(names, ["left", "right"]);
    let parts = [
        contestants[0].predictions.as_slice(),
        &contestants[1].predictions,
    ];
    let mixed = blended.blend.combine(&parts).unwrap();
    let [left, right] = blended.blend.members() else {
        panic!()
    };
    assert_eq!(
        mixed[7],
        left.weight * parts[0][7] + right.weight * parts[1][7]
    );
    let read = Blend::from_json(&blended.blend.to_json().unwrap()).unwrap();
    assert_eq!(read, blended.blend);
}

#[test]
fn a_model_beside_noise_is_left_alone() {
    let truth: Vec<f64> = (0..ROWS).map(noise).collect();
    let folds = folds();
    let good = contestant(
        "good",
        truth
            .iter()
            .zip(0..)
            .map(|(y, row)| y + 0.1 * noise(ROWS + row))
            .collect(),
    );
    let twin = contestant("twin", good.predictions.clone());
    let bad = contestant(
        "bad",
        (0..ROWS).map(|row| 3.0 * noise(2 * ROWS + row)).collect(),
    );
    let contest = Contest::new(
        named("rmse"),
        Truth::Numbers(&truth),
        &folds,
        vec![bad, good, twin],
    )
    .unwrap();
    let blended = contest.blend().unwrap();
    assert!(!blended.is_better(), "{blended:?}");
    assert_eq!(blended.blend.members()[0].name, "good");
}

/// Labels with two independent signs of them, each a probability.
fn classes() -> (Vec<u32>, Vec<Contestant>) {
    let odds = |row: usize| 3.0 * noise(row);
    let other = |row: usize| 3.0 * noise(ROWS + row);
    let likely = |score: f64| 1.0 / (1.0 + (-score).exp());
    let label = |row: usize| {
        u32::from(likely(odds(row) + other(row)) > (noise(2 * ROWS + row) + 1.0) / 2.0)
    };
    let contestants = vec![
        contestant("one", (0..ROWS).map(|row| likely(odds(row))).collect()),
        contestant("other", (0..ROWS).map(|row| likely(other(row))).collect()),
    ];
    ((0..ROWS).map(label).collect(), contestants)
}

#[test]
fn classes_are_compared_by_rows_or_by_folds() {
    let (truth, contestants) = classes();
    let folds = folds();
    for measure in ["auc_roc", "auc_pr", "log_loss", "brier"] {
        let contest = Contest::new(
            named(measure),
            Truth::Classes(&truth, 2),
            &folds,
            contestants.clone(),
        )
        .unwrap();
        let blended = contest.blend().unwrap();
        assert!(blended.is_better(), "{measure}: {blended:?}");
    }
}

#[test]
fn a_baseline_is_beaten_by_every_model_that_knows_something() {
    let (truth, contestants) = classes();
    let folds = folds();
    let prior = Baseline::of_classes(&truth, 2).unwrap();
    let constant = prior.predict(ROWS);
    let contest = Contest::new(
        named("log_loss"),
        Truth::Classes(&truth, 2),
        &folds,
        contestants.clone(),
    )
    .unwrap();
    assert!(
        contest
            .margin(&contestants[0].predictions, &constant)
            .unwrap()
            .is_beyond_chance()
    );
    assert!(
        !contest
            .margin(&constant, &contestants[0].predictions)
            .unwrap()
            .is_beyond_chance()
    );
    assert_eq!(
        Baseline::from_json(&prior.to_json().unwrap()).unwrap(),
        prior
    );
    let mean = Baseline::of_numbers(&[1.0, 2.0, 6.0]).unwrap();
    assert_eq!(mean.predict(2), [3.0, 3.0]);
    let three = Baseline::of_classes(&[0, 1, 2, 2], 3).unwrap();
    assert_eq!(three.row(), [0.25, 0.25, 0.5]);
    assert_eq!(
        Baseline::of_numbers(&[]).unwrap_err().name(),
        "TargetUnusable"
    );
    assert_eq!(
        Baseline::of_numbers(&[f64::NAN]).unwrap_err().name(),
        "TargetUnusable"
    );
    assert_eq!(
        Baseline::of_classes(&[3], 2).unwrap_err().name(),
        "TargetUnusable"
    );
    let broken = br#"{"format":"prior/1","shares":[0.2,0.2]}"#;
    assert_eq!(
        Baseline::from_json(broken).unwrap_err().name(),
        "DocumentInvalid"
    );
}

#[test]
fn what_cannot_be_compared_has_a_name() {
    let truth = [1.0, 2.0, 3.0];
    let folds = [0, 0, 1];
    let one = contestant("one", vec![1.0, 2.0, 3.0]);
    let make = |measure: &str, folds, contestants| {
        Contest::new(named(measure), Truth::Numbers(&truth), folds, contestants)
    };
    let refused = |result: Result<Contest<'_>, ContestError>| result.unwrap_err().name();
    assert_eq!(refused(make("r2", &folds, vec![])), "NoContestant");
    assert_eq!(
        refused(make("r2", &folds[1..], vec![one.clone()])),
        "LengthMismatch"
    );
    assert_eq!(
        refused(make("r2", &folds, vec![one.clone(), one.clone()])),
        "ContestantTwice"
    );
    assert_eq!(
        refused(make("r2", &folds, vec![contestant("few", vec![1.0])])),
        "PredictionsDiffer"
    );
    let alone = make("r2", &folds, vec![one.clone()]).unwrap();
    assert_eq!(alone.blend().unwrap_err().name(), "BlendOfOne");
    let two = vec![one, contestant("two", vec![2.0, 2.0, 2.0])];
    let wrong = make("auc_roc", &folds, two.clone()).unwrap();
    assert_eq!(wrong.standings().unwrap_err().name(), "NoValue");
    let flat = make("r2", &[0, 0, 0], two).unwrap();
    assert_eq!(flat.blend().unwrap_err().name(), "OneFold");
}

#[test]
fn differences_by_chance_are_seldom_beyond_it() {
    let tables = 1000;
    let mut beyond = 0;
    for table in 0..tables {
        let loss = |side: usize| -> Vec<f64> {
            (0..40)
                .map(|row| noise((table * 2 + side) * 40 + row).abs())
                .collect()
        };
        let margin = Margin::of_losses(&loss(0), &loss(1)).unwrap();
        beyond += usize::from(margin.is_beyond_chance());
    }
    // 2.5 % are expected: four deviations of a binomial are 2 %.
    assert!((5..45).contains(&beyond), "{beyond}");
    assert_eq!(Margin::of_losses(&[1.0], &[2.0]), None);
    let folds = Margin::of_folds(&[0.9, 0.8, 0.7], &[0.8, 0.7, 0.65]).unwrap();
    // Student's 4.302653 for two degrees of freedom, a variance of 1/3 + 1/2 times 0.0008333.
    let reach = 4.302_652_729_911_275 * (0.000_833_333_333_f64 * (1.0 / 3.0 + 0.5)).sqrt();
    assert!(
        (folds.value - 0.083_333_333_3).abs() < 1e-9
            && (folds.value - folds.low - reach).abs() < 1e-9
    );
}

proptest! {
    #[test]
    fn weights_add_up_and_no_blend_is_worse_where_it_was_chosen(seed in 0_usize..500) {
        let rows = 60;
        let truth: Vec<f64> = (0..rows).map(|row| noise(seed * 1000 + row)).collect();
        let folds: Vec<u32> = (0..rows).map(|row| (row % 3) as u32).collect();
        let make = |place: usize| -> Vec<f64> {
            truth.iter().zip(0..).map(|(y, row)| 0.7 * y + noise(seed * 1000 + (place + 1) * rows + row)).collect()
        };
        let contestants: Vec<Contestant> = (0..3).map(|place| contestant(&format!("c{place}"), make(place))).collect();
        let contest = Contest::new(named("rmse"), Truth::Numbers(&truth), &folds, contestants.clone()).unwrap();
        let blended = contest.blend().unwrap();
        let members = blended.blend.members();
        prop_assert!((members.iter().map(|member| member.weight).sum::<f64>() - 1.0).abs() < 1e-12);
        let parts: Vec<&[f64]> = members
            .iter()
            .map(|member| contestants.iter().find(|one| one.name == member.name).unwrap().predictions.as_slice())
            .collect();
        let mixed = contestant("mixed", blended.blend.combine(&parts).unwrap());
        let best = contest.standings().unwrap()[0].value;
        let again = Contest::new(named("rmse"), Truth::Numbers(&truth), &folds, vec![mixed]).unwrap();
        prop_assert!(again.standings().unwrap()[0].value <= best + 1e-6);
    }
}
