//! What is planted is there: missing and extreme values, noise, unfairness, drift. And it can be repeated.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Rows, contract, deviation, files, mean};
use millrace_contract::Role;
use millrace_generator::{Best, Options, Setting, Summary, Table};
use rayon_pool::with_threads;

mod rayon_pool {
    pub fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(work)
    }
}

fn small() -> Options {
    Options {
        rows: Some(20_000),
        ..Options::default()
    }
}

fn setting(name: &str, amount: f64) -> Vec<Setting> {
    vec![Setting {
        name: name.to_owned(),
        amount,
    }]
}

#[test]
fn the_same_options_give_the_same_bytes_on_any_number_of_threads() {
    for table in Table::ALL {
        let options = Options {
            table,
            rows: Some(31_000),
            days: Some(2),
            ..Options::default()
        };
        let one = with_threads(1, || files(&options).unwrap());
        let four = with_threads(4, || files(&options).unwrap());
        assert!(one == four);
        let other = files(&Options {
            seed: 43,
            ..options
        })
        .unwrap();
        assert!(one.1 != other.1);
    }
}

#[test]
fn every_nullable_feature_misses_its_share() {
    let rows = Rows::of(&small());
    for (name, column) in contract(Table::Customers)
        .columns
        .iter()
        .filter(|(_, c)| c.role != Role::Date)
    {
        let share = rows.missing_share(name);
        let wanted = if column.nullable { 0.05 } else { 0.0 };
        assert!((share - wanted).abs() < 0.007, "{name} misses {share}");
    }
    let none = files(&Options {
        missing: 0.0,
        ..small()
    })
    .unwrap()
    .0;
    assert_eq!(none.missing_values, 0);
}

#[test]
fn outliers_are_planted_in_their_share_and_nowhere_else() {
    let clean = Rows::of(&Options {
        outliers: 0.0,
        missing: 0.0,
        ..small()
    });
    let planted = Rows::of(&Options {
        missing: 0.0,
        ..small()
    });
    for name in [
        "feed_time_minutes_day",
        "creator_followers",
        "reels_minutes_day",
    ] {
        let (before, after) = (clean.numbers(name), planted.numbers(name));
        let spread = deviation(&before.iter().flatten().copied().collect::<Vec<_>>());
        let middle = mean(before.iter().flatten().copied());
        let changed: Vec<f64> = before
            .iter()
            .zip(&after)
            .filter(|(a, b)| a != b)
            .map(|(_, b)| b.unwrap())
            .collect();
        let share = changed.len() as f64 / before.len() as f64;
        assert!((share - 0.02).abs() < 0.005, "{name}: {share}");
        let extreme = changed
            .iter()
            .filter(|value| **value > middle + 2.0 * spread)
            .count();
        assert!(
            extreme as f64 > 0.9 * changed.len() as f64,
            "{name}: {extreme} of {}",
            changed.len()
        );
    }
    for name in ["age", "engagement_score"] {
        assert_eq!(clean.numbers(name), planted.numbers(name));
    }
}

#[test]
fn what_is_missing_or_extreme_changes_nobodys_score() {
    let damaged = Rows::of(&small());
    let clean = Rows::of(&Options {
        missing: 0.0,
        outliers: 0.0,
        ..small()
    });
    assert_eq!(
        damaged.numbers("engagement_score"),
        clean.numbers("engagement_score")
    );
}

#[test]
fn the_default_target_is_as_documented() {
    let summary = files(&Options::default()).unwrap().0;
    assert_eq!((summary.rows, summary.columns), (100_000, 77));
    let target = summary.targets[0];
    assert!((target.mean - 0.52).abs() < 0.01, "{summary:?}");
    assert!((target.deviation - 0.213).abs() < 0.01, "{summary:?}");
    assert!((0.86..0.88).contains(&best(&summary).0), "{summary:?}");
}

/// The best possible R2 and RMSE of the first target.
fn best(summary: &Summary) -> (f64, f64) {
    match summary.targets[0].best {
        Best::R2 { r2, rmse } => (r2, rmse),
        Best::Auc(_) => panic!("{summary:?}"),
    }
}

#[test]
fn the_best_possible_r2_is_that_of_the_noise() {
    let exact = files(&Options {
        noise: 0.0,
        ..small()
    })
    .unwrap()
    .0;
    // Only the rounding to four decimals is left.
    assert!(best(&exact).0 > 0.999_999, "{exact:?}");
    let usual = files(&small()).unwrap().0;
    let noisy = files(&Options {
        noise: 2.0,
        ..small()
    })
    .unwrap()
    .0;
    assert!(best(&noisy).0 < best(&usual).0 - 0.2, "{noisy:?}");
    assert!((best(&usual).1 - 0.0775).abs() < 0.002, "{usual:?}");
}

#[test]
fn columns_that_restate_each_other_are_nearly_redundant_even_when_damaged() {
    let rows = Rows::of(&small());
    for (one, other) in [
        ("sessions_last_7_days", "sessions_last_30_days"),
        ("reels_watched_day", "reels_minutes_day"),
        ("video_watch_hours_week", "video_watch_minutes_day"),
    ] {
        let correlation = correlation(&rows, one, other);
        assert!(
            (0.97..0.9999).contains(&correlation),
            "{one}, {other}: {correlation}"
        );
    }
    let ordinary = correlation(&rows, "feed_time_minutes_day", "messages_sent_day");
    assert!((0.02..0.6).contains(&ordinary), "{ordinary}");
}

fn correlation(rows: &Rows, one: &str, other: &str) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = rows
        .numbers(one)
        .into_iter()
        .zip(rows.numbers(other))
        .filter_map(|(a, b)| a.zip(b))
        .unzip();
    let (middle_a, middle_b) = (mean(a.iter().copied()), mean(b.iter().copied()));
    let shared = mean(
        a.iter()
            .zip(&b)
            .map(|(x, y)| (x - middle_a) * (y - middle_b)),
    );
    shared / deviation(&a) / deviation(&b)
}

/// The mean score of those for whom a condition holds, and of the others.
fn means(rows: &Rows, holds: impl Fn(usize) -> bool) -> (f64, f64) {
    let scores = rows.numbers("engagement_score");
    let of = |wanted: bool| {
        mean(
            (0..scores.len())
                .filter(|row| holds(*row) == wanted)
                .map(|row| scores[row].unwrap()),
        )
    };
    (of(true), of(false))
}

#[test]
fn a_bias_lowers_the_group_by_its_strength_and_nobody_else() {
    for (attribute, strength) in [("gender", 0.2), ("location", 0.1), ("age", 0.3)] {
        let fair = Rows::of(&small());
        let unfair = Rows::of(&Options {
            bias: setting(attribute, strength),
            ..small()
        });
        let group = |rows: &Rows| -> Vec<bool> {
            match attribute {
                "age" => rows
                    .numbers("age")
                    .into_iter()
                    .map(|age| age.unwrap() >= 55.0)
                    .collect(),
                name => {
                    let first = contract(Table::Customers).columns[name].values[0].clone();
                    rows.words(name)
                        .into_iter()
                        .map(|word| word.unwrap() == first)
                        .collect()
                }
            }
        };
        let members = group(&fair);
        assert_eq!(members, group(&unfair));
        let (before, others_before) = means(&fair, |row| members[row]);
        let (after, others_after) = means(&unfair, |row| members[row]);
        assert!(
            (before - after - strength).abs() < 0.02,
            "{attribute}: {before} to {after}"
        );
        assert_eq!(others_before, others_after);
    }
}

#[test]
fn without_a_bias_groups_differ_little() {
    let rows = Rows::of(&Options {
        rows: Some(50_000),
        ..Options::default()
    });
    let scores = rows.numbers("engagement_score");
    for (name, groups) in [
        ("gender", rows.words("gender")),
        ("location", rows.words("location")),
    ] {
        let rates: Vec<f64> = contract(Table::Customers).columns[name]
            .values
            .iter()
            .map(|word| {
                let members = (0..scores.len()).filter(|row| groups[*row].as_ref() == Some(word));
                mean(members.map(|row| f64::from(u8::from(scores[row].unwrap() > 0.5))))
            })
            .collect();
        let most = rates.iter().copied().fold(f64::MIN, f64::max);
        let least = rates.iter().copied().fold(f64::MAX, f64::min);
        assert!((0.005..0.06).contains(&(most - least)), "{name}: {rates:?}");
    }
}

#[test]
fn a_shift_moves_its_column_and_what_restates_it_and_no_other() {
    let plain = Options {
        missing: 0.0,
        ..small()
    };
    let before = Rows::of(&plain);
    for (column, amount) in [
        ("feed_time_minutes_day", 0.5),
        ("video_watch_hours_week", 1.0),
        ("sessions_last_7_days", 0.5),
        ("age", -0.5),
    ] {
        let after = Rows::of(&Options {
            shift: setting(column, amount),
            ..plain.clone()
        });
        let numbers = |rows: &Rows, name: &str| -> Vec<f64> {
            rows.numbers(name).into_iter().flatten().collect()
        };
        let clean = Rows::of(&Options {
            outliers: 0.0,
            ..plain.clone()
        });
        let spread = deviation(&numbers(&clean, column));
        let moved = (mean(numbers(&after, column)) - mean(numbers(&before, column))) / spread;
        assert!(
            (moved / amount - 1.0).abs() < 0.25,
            "{column} moved by {moved}"
        );
        assert_eq!(
            numbers(&after, "engagement_score"),
            numbers(&before, "engagement_score")
        );
        assert_eq!(
            numbers(&after, "messages_sent_day"),
            numbers(&before, "messages_sent_day")
        );
    }
    let after = Rows::of(&Options {
        shift: setting("video_watch_hours_week", 1.0),
        ..plain
    });
    assert!(correlation(&after, "video_watch_hours_week", "video_watch_minutes_day") > 0.95);
}
