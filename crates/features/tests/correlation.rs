//! Correlations against a plain computation, and the same whatever the number of threads.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::borrow::Cow;

use millrace_features::{Correlations, f_regression};
use proptest::prelude::*;

/// Pearson's r over the rows where both are present, by its textbook form.
fn plain(x: &[f64], y: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> = x
        .iter()
        .zip(y)
        .filter(|(x, y)| !x.is_nan() && !y.is_nan())
        .map(|(x, y)| (*x, *y))
        .collect();
    let count = pairs.len() as f64;
    let mean_x = pairs.iter().map(|p| p.0).sum::<f64>() / count;
    let mean_y = pairs.iter().map(|p| p.1).sum::<f64>() / count;
    let product = |a: fn(&(f64, f64), f64, f64) -> f64| -> f64 {
        pairs.iter().map(|p| a(p, mean_x, mean_y)).sum()
    };
    let xy = product(|p, x, y| (p.0 - x) * (p.1 - y));
    let xx = product(|p, x, _| (p.0 - x) * (p.0 - x));
    let yy = product(|p, _, y| (p.1 - y) * (p.1 - y));
    xy / (xx * yy).sqrt()
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -100.0..100.0f64, 1 => Just(f64::NAN)]
}

proptest! {
    #[test]
    fn every_pair_equals_the_textbook(
        rows in prop::collection::vec((value(), value(), -1.0..1.0f64), 3..60),
    ) {
        let columns = [
            rows.iter().map(|r| r.0).collect::<Vec<_>>(),
            rows.iter().map(|r| r.1 + r.2).collect(),
            rows.iter().map(|r| r.2 * 1e6 + 1e7).collect(),
        ];
        let cows: Vec<Cow<'_, [f64]>> = columns.iter().map(|c| Cow::Borrowed(c.as_slice())).collect();
        let ours = Correlations::of(&cows);
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let (r, expected) = (ours.get(i, j), plain(&columns[i], &columns[j]));
            prop_assert_eq!(r.to_bits(), ours.get(j, i).to_bits());
            if expected.is_finite() && r.is_finite() {
                prop_assert!((r - expected).abs() < 1e-7, "{} and {}", r, expected);
            }
        }
        prop_assert!(ours.get(1, 1).is_nan() && ours.get(0, 3).is_nan());
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let columns: Vec<Vec<f64>> = (0..9)
        .map(|j| {
            (0..5000)
                .map(|i| match (i * 31 + j * 17) % 11 {
                    0 if j % 2 == 0 => f64::NAN,
                    k => (i as f64 * 0.37 * (j + 1) as f64).sin() + f64::from(k),
                })
                .collect()
        })
        .collect();
    let target: Vec<f64> = (0..5000).map(|i| (f64::from(i) * 0.11).cos()).collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let cows: Vec<Cow<'_, [f64]>> = columns
                .iter()
                .map(|c| Cow::Borrowed(c.as_slice()))
                .collect();
            let correlations = Correlations::of(&cows);
            let mut bits: Vec<u64> = f_regression(&cows, &target)
                .iter()
                .map(|a| a.f.to_bits())
                .collect();
            for i in 0..9 {
                bits.extend((0..9).map(|j| correlations.get(i, j).to_bits()));
            }
            bits
        })
    };
    assert_eq!(with(1), with(2));
    assert_eq!(with(1), with(7));
}
