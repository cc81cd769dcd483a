//! A row stays in its part for life, and the shares hold.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use millrace_contract::spec::Split;
use millrace_features::{FeatureError, Holdout, hold_out_by_id};
use proptest::prelude::*;

fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|n| format!("C{n:06}")).collect()
}

fn split(ids: &[String], target: &[f64], split: &Split) -> Result<Holdout, FeatureError> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    hold_out_by_id(&ids, target, split)
}

/// A target with a long tail, so that its equal-width bins have very different sizes.
fn tailed(rows: usize) -> Vec<f64> {
    let place = |row: usize| (row * 7_919 % rows) as f64 / rows as f64;
    (0..rows).map(|row| place(row).powi(3)).collect()
}

fn held(ids: &[String], parts: &Holdout) -> BTreeSet<String> {
    parts.holdout.iter().map(|row| ids[*row].clone()).collect()
}

fn shares_of_bins(target: &[f64], parts: &Holdout) -> Vec<(usize, f64)> {
    let mut counts: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let bin = |row: &usize| ((target[*row] * 4.0) as usize).min(3);
    for row in &parts.training {
        counts.entry(bin(row)).or_default().0 += 1;
    }
    for row in &parts.holdout {
        counts.entry(bin(row)).or_default().1 += 1;
    }
    let share = |(training, holdout): &(usize, usize)| {
        let rows = training + holdout;
        (rows, *holdout as f64 / rows as f64)
    };
    counts.values().map(share).collect()
}

#[test]
fn shares_hold_within_a_fraction_of_a_percent_and_within_each_bin() {
    let (ids, target) = (ids(0..100_000), tailed(100_000));
    for seed in [0, 1, 42, 7_000_000] {
        let spec = Split {
            seed,
            ..Split::default()
        };
        let parts = split(&ids, &target, &spec).unwrap();
        let share = parts.holdout.len() as f64 / 100_000.0;
        assert!((share - 0.2).abs() < 0.005, "seed {seed}: {share}");
        for (rows, share) in shares_of_bins(&target, &parts) {
            let deviation = (0.2 * 0.8 / rows as f64).sqrt();
            let off = (share - 0.2).abs();
            assert!(off < 4.0 * deviation, "seed {seed}: {share} of {rows} rows");
        }
    }
}

#[test]
fn a_stratum_that_lies_in_one_part_and_not_by_chance_is_refused_by_name() {
    // One row alone at the upper end cannot be in both parts: that is nobody's fault.
    let (mut ids, mut target) = (ids(0..1_000), tailed(1_000));
    target[500] = 10.0;
    assert!(split(&ids, &target, &Split::default()).is_ok());
    // A hundred rows of one id go together.
    for row in 0..100 {
        (ids[row], target[row]) = (ids[0].clone(), 10.0);
    }
    target[500] = 1.0;
    let error = split(&ids, &target, &Split::default()).unwrap_err();
    assert_eq!(error.name(), "StratumTooSmall");
    let said = error.to_string();
    assert!(
        said.contains("bin 4 of 4 of the target has 100 rows"),
        "{said}"
    );
    let unbinned = Split {
        stratify_bins: 1,
        ..Split::default()
    };
    assert!(split(&ids, &target, &unbinned).is_ok());
}

#[test]
fn tables_that_cannot_be_parted_are_refused_by_name() {
    let refused = |ids: &[String], target: &[f64]| {
        let error = split(ids, target, &Split::default()).unwrap_err();
        error.name()
    };
    assert_eq!(refused(&ids(0..3), &[0.1, 0.2]), "LengthMismatch");
    assert_eq!(refused(&ids(0..2), &[0.1, f64::NAN]), "TargetNotFinite");
    // All of these are learned from, whatever stands beside them.
    let learned: Vec<String> = {
        let (ids, target) = (ids(0..100), tailed(100));
        let parts = split(
            &ids,
            &target,
            &Split {
                stratify_bins: 1,
                ..Split::default()
            },
        )
        .unwrap();
        parts
            .training
            .iter()
            .take(3)
            .map(|row| ids[*row].clone())
            .collect()
    };
    assert_eq!(refused(&learned, &[0.1, 0.2, 0.3]), "TooFewRows");
}

proptest! {
    /// Rows come, rows go, targets change, the table is written in another order: nobody moves.
    #[test]
    fn a_row_keeps_its_part_whatever_happens_to_the_others(
        first in prop::collection::btree_set(0_usize..2_000, 60..200),
        second in prop::collection::btree_set(0_usize..2_000, 60..200),
        seed in any::<u32>(),
        holdout_share in 0.1..0.9_f64,
        moved in -5.0..5.0_f64,
    ) {
        let spec = Split { holdout_share, stratify_bins: 1, seed, ..Split::default() };
        let (before, after) = (ids(first), ids(second.into_iter().rev()));
        let one = split(&before, &tailed(before.len()), &spec);
        let target: Vec<f64> = tailed(after.len()).into_iter().map(|y| y * moved + 1.0).collect();
        prop_assume!(target.iter().any(|y| *y != target[0]));
        let two = split(&after, &target, &spec);
        let (Ok(one), Ok(two)) = (one, two) else { return Ok(()); };
        let (one, two) = (held(&before, &one), held(&after, &two));
        let common: Vec<&String> = before.iter().filter(|id| after.contains(id)).collect();
        for id in common {
            prop_assert_eq!(one.contains(id), two.contains(id), "{} moved", id);
        }
    }

    /// Every row is in one part, and the order of the table decides nothing.
    #[test]
    fn both_parts_together_are_the_table_in_an_order_of_its_own(
        numbers in prop::collection::vec(0_usize..5_000, 50..200),
    ) {
        let spec = Split { stratify_bins: 1, ..Split::default() };
        let forward = ids(numbers);
        let target = tailed(forward.len());
        let backward: Vec<String> = forward.iter().rev().cloned().collect();
        let mirrored: Vec<f64> = target.iter().rev().copied().collect();
        let (one, two) = (split(&forward, &target, &spec), split(&backward, &mirrored, &spec));
        let (Ok(one), Ok(two)) = (one, two) else { return Ok(()); };
        let mut all = [one.training.clone(), one.holdout.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..forward.len()).collect::<Vec<_>>());
        let named = |ids: &[String], rows: &[usize]| -> Vec<String> {
            rows.iter().map(|row| ids[*row].clone()).collect()
        };
        prop_assert_eq!(named(&forward, &one.training), named(&backward, &two.training));
        prop_assert_eq!(named(&forward, &one.holdout), named(&backward, &two.holdout));
        // Rows with the same id share a part.
        let held: BTreeSet<String> = held(&forward, &one);
        prop_assert!(one.training.iter().all(|row| !held.contains(&forward[*row])));
    }
}
