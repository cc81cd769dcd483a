//! What must hold for any rows: equal rows have equal scores wherever they lie, and one rule upwards never
//! lowers a score.
#![allow(clippy::unwrap_used)]

mod common;

use millrace_forest::{Forest, Node, Objective, Scaling, Scorer, Tree};
use proptest::prelude::*;

/// Trees of one model, once for all cases.
fn scorer(name: &str) -> Scorer {
    let forest = Forest::from_ubj(&common::golden(name)).unwrap();
    let scaling = Scaling {
        mean: 0.25,
        scale: 1.5,
    };
    Scorer::new(&forest, &[scaling; common::FEATURES]).unwrap()
}

/// The scores of rows that are picked of a few, as bits.
fn scores(scorer: &Scorer, rows: &[[f64; common::FEATURES]], picks: &[usize]) -> Vec<u32> {
    let column = |index: usize| {
        picks
            .iter()
            .map(|pick| rows[*pick][index])
            .collect::<Vec<_>>()
    };
    let columns: Vec<Vec<f64>> = (0..common::FEATURES).map(column).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let margins = scorer.margins(&columns).unwrap();
    margins.iter().map(|margin| margin.to_bits()).collect()
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -4.0..4.0_f64,
        1 => Just(f64::NAN),
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(f64::MAX), Just(f64::MIN)],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn equal_rows_have_equal_scores_wherever_they_lie(
        rows in prop::collection::vec(prop::array::uniform12(value()), 1..6),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6_000),
        missing in any::<bool>(),
    ) {
        let scorer = scorer(if missing { "depth6_missing.ubj" } else { "depth6.ubj" });
        let alone: Vec<u32> = (0..rows.len())
            .map(|row| scores(&scorer, &rows, &[row])[0])
            .collect();
        // Many blocks of rows, often more than a thread takes at once, in which each row lies at many places beside many others.
        let picks: Vec<usize> = picks.iter().map(|pick| pick.index(rows.len())).collect();
        let together = scores(&scorer, &rows, &picks);
        prop_assert_eq!(together.len(), picks.len());
        for (score, pick) in together.iter().zip(&picks) {
            prop_assert_eq!(*score, alone[*pick]);
        }
    }

    #[test]
    fn trees_that_rise_give_scores_that_never_fall(
        thresholds in prop::collection::vec(-3.0..3.0_f32, 1..40),
        steps in prop::collection::vec(0.0..1.0_f32, 40),
        mut values in prop::collection::vec(-4.0..4.0_f64, 2..600),
    ) {
        // Each tree asks one thing, and gives more above its threshold than below.
        let trees = thresholds.iter().zip(&steps).map(|(threshold, step)| {
            let split = Node::Split { feature: 0, threshold: *threshold, missing_left: true, left: 1, right: 2 };
            let nodes = vec![split, Node::Leaf { value: -step }, Node::Leaf { value: *step }];
            Tree::new(nodes, vec![2.0, 1.0, 1.0]).unwrap()
        });
        let forest = Forest::new(1, Vec::new(), Objective::Identity, 0.5, trees.collect()).unwrap();
        let scorer = Scorer::new(&forest, &[Scaling { mean: 0.0, scale: 1.0 }]).unwrap();
        values.sort_by(f64::total_cmp);
        let margins = scorer.margins(&[&values]).unwrap();
        prop_assert!(margins.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
