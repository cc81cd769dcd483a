//! What must hold for any evidence: order and names do not matter, bounds, weights as copies, threads, no panics.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use millrace_fairness::{
    Attribute, Disparities, Evidence, Feature, FeatureValues, Method, Outcome, Policy, ProxyPolicy,
    assess, assess_proxies, measure_jointly,
};
use proptest::prelude::*;

const METHODS: [Method; 2] = [Method::BetweenGroups, Method::ToOverall];

/// Truth, score, gender, place and weight of one row.
type Row = (f64, f64, Option<u8>, u8, u8);

fn row() -> impl Strategy<Value = Row> {
    let share = || (0..=10_u8).prop_map(|tenths| f64::from(tenths) / 10.0);
    (
        share(),
        share(),
        proptest::option::weighted(0.9, 0..3_u8),
        0..4_u8,
        0..4_u8,
    )
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 1..80)
}

fn evidence(rows: &[Row], rename: impl Fn(u8) -> String) -> Evidence {
    let word = |code: u8| Some(rename(code));
    Evidence {
        truth: Outcome::Scores {
            values: rows.iter().map(|row| row.0).collect(),
            threshold: 0.5,
        },
        prediction: Outcome::Scores {
            values: rows.iter().map(|row| row.1).collect(),
            threshold: 0.5,
        },
        attributes: vec![
            Attribute::categories(
                "gender",
                rows.iter().map(|row| row.2.and_then(word)).collect(),
            ),
            Attribute::categories("place", rows.iter().map(|row| word(row.3)).collect()),
        ],
        weights: None,
    }
}

fn plain(rows: &[Row]) -> Evidence {
    evidence(rows, |code| format!("group {code}"))
}

fn disparities(evidence: &Evidence, method: Method) -> Disparities {
    let names: Vec<&str> = evidence
        .attributes
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    measure_jointly(evidence, &names, method).unwrap().0
}

fn numbers(disparities: &Disparities) -> Vec<Option<f64>> {
    let document = serde_json::to_value(disparities).unwrap();
    document
        .as_object()
        .unwrap()
        .values()
        .map(|number| number.as_f64())
        .collect()
}

fn close(left: &Disparities, right: &Disparities) -> bool {
    numbers(left)
        .iter()
        .zip(numbers(right))
        .all(|pair| match pair {
            (Some(left), Some(right)) => (left - right).abs() <= 1e-12,
            (left, right) => left.is_none() && right.is_none(),
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_rows_changes_nothing((rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        for method in METHODS {
            prop_assert_eq!(disparities(&plain(&rows), method), disparities(&plain(&shuffled), method));
        }
    }

    #[test]
    fn the_names_of_groups_change_nothing(rows in rows()) {
        let renamed = evidence(&rows, |code| ["zebra", "missing", "a & b", "é"][usize::from(code)].to_owned());
        for method in METHODS {
            prop_assert_eq!(disparities(&plain(&rows), method), disparities(&renamed, method));
        }
    }

    #[test]
    fn every_number_is_a_share_and_the_worst_case_is_the_worst(rows in rows()) {
        let between = disparities(&plain(&rows), Method::BetweenGroups);
        let overall = disparities(&plain(&rows), Method::ToOverall);
        for found in [&between, &overall] {
            prop_assert!(numbers(found).into_iter().flatten().all(|number| (0.0..=1.0).contains(&number)));
            prop_assert!(found.equalized_odds_difference_mean <= found.equalized_odds_difference_worst_case);
            prop_assert!(found.equal_opportunity_difference <= found.equalized_odds_difference_worst_case);
        }
        prop_assert!(overall.demographic_parity_difference <= between.demographic_parity_difference + 1e-12);
    }

    #[test]
    fn a_row_of_weight_three_is_three_rows(rows in rows()) {
        prop_assume!(rows.iter().any(|row| row.4 > 0));
        let mut weighted = plain(&rows);
        weighted.weights = Some(rows.iter().map(|row| f64::from(row.4)).collect());
        let copies: Vec<Row> = rows.iter().flat_map(|row| std::iter::repeat_n(*row, usize::from(row.4))).collect();
        // A group without weight takes no part, as it does not exist among the copies.
        for method in METHODS {
            prop_assert!(close(&disparities(&weighted, method), &disparities(&plain(&copies), method)));
        }
    }

    /// Whatever comes in, the answer is a report or an error with a name.
    #[test]
    fn no_input_panics(
        truth in prop::collection::vec(any::<f64>(), 0..6),
        score in prop::collection::vec(any::<f64>(), 0..6),
        words in prop::collection::vec(any::<Option<String>>(), 0..6),
        weights in proptest::option::of(prop::collection::vec(any::<f64>(), 0..6)),
        threshold in any::<f64>(),
    ) {
        let evidence = Evidence {
            truth: Outcome::Labels(truth),
            prediction: Outcome::Scores { values: score.clone(), threshold },
            attributes: vec![Attribute::categories("a", words.clone())],
            weights,
        };
        if let Err(error) = assess(&evidence, &["a"], &Policy::default()) {
            prop_assert!(!error.name().is_empty() && !error.to_string().is_empty());
        }
        let features = [Feature { name: "f".into(), values: FeatureValues::Numbers(score) }];
        if let Err(error) = assess_proxies(&features, &evidence.attributes, &ProxyPolicy::default()) {
            prop_assert!(!error.name().is_empty());
        }
    }
}

/// 3,000 rows from a fixed rule, with a feature that leans on gender.
fn table() -> (Evidence, Vec<Feature>) {
    let rows: Vec<Row> = (0..3_000_u32)
        .map(|row| {
            let mixed = row.wrapping_mul(2_654_435_761);
            let digit = |shift: u32| f64::from((mixed >> shift) % 11) / 10.0;
            (
                digit(3),
                digit(9),
                Some((mixed >> 16) as u8 % 3),
                (mixed >> 20) as u8 % 4,
                1,
            )
        })
        .collect();
    let leaning = rows
        .iter()
        .map(|row| f64::from(row.2.unwrap_or(0)) + 3.0 * row.1);
    let features = vec![Feature {
        name: "leaning".into(),
        values: FeatureValues::Numbers(leaning.collect()),
    }];
    (plain(&rows), features)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (mut evidence, features) = table();
    for weighted in [false, true] {
        evidence.weights =
            weighted.then(|| (0..3_000).map(|row| 1.0 + f64::from(row) / 7.0).collect());
        let report = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let report = assess(&evidence, &["gender", "place"], &Policy::default()).unwrap();
                let proxies =
                    assess_proxies(&features, &evidence.attributes, &ProxyPolicy::default());
                serde_json::to_string(&report.with_proxies(proxies.unwrap())).unwrap()
            })
        };
        assert_eq!(report(1), report(3));
    }
}

#[test]
fn another_seed_gives_another_interval_around_the_same_estimate() {
    let (evidence, _) = table();
    let estimate = |seed: u64| {
        let policy = Policy {
            seed,
            ..Policy::default()
        };
        let report = assess(&evidence, &["gender"], &policy).unwrap();
        report.attributes[0].criteria[0].all_groups.clone()
    };
    let (one, other) = (estimate(1), estimate(2));
    assert_eq!(one.difference, other.difference);
    assert_ne!(one.interval, other.interval);
    assert!((one.interval.upper - other.interval.upper).abs() < 0.01);
    assert_eq!(estimate(1), one);
}
