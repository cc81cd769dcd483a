//! Contributions against XGBoost's own (`pred_contribs`), made by golden/make.py, and against the
//! definition of Shapley's values, computed over all sets of columns.
#![allow(clippy::unwrap_used)]

mod common;

use millrace_forest::{Explainer, Forest, Instructions, Node, Objective, Scaling, Tree};

use common::{FEATURES, floats, golden};

fn columns(rows: &[f32], count: usize) -> Vec<Vec<f64>> {
    (0..count)
        .map(|column| {
            rows.chunks(count)
                .map(|row| f64::from(row[column]))
                .collect()
        })
        .collect()
}

#[test]
fn contributions_are_xgboosts_own() {
    let models = [
        "depth3",
        "depth6",
        "depth9",
        "depth3_missing",
        "depth6_missing",
        "depth9_missing",
        "logistic",
    ];
    for model in models {
        let forest = Forest::from_ubj(&golden(&format!("{model}.ubj"))).unwrap();
        let explainer = Explainer::new(&forest, &[Scaling::NONE; FEATURES]).unwrap();
        for input in ["full", "missing"] {
            let expected = floats(&format!("{model}.{input}.contributions"));
            let count = expected.len() / (FEATURES + 1);
            let rows = &floats(&format!("inputs.{input}"))[..count * FEATURES];
            let columns = columns(rows, FEATURES);
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            for instructions in Instructions::available() {
                let explainer = explainer.clone().using(instructions);
                let found = explainer.contributions(&columns).unwrap();
                assert_eq!(
                    found,
                    explainer.contributions_on_one_thread(&columns).unwrap()
                );
                for (row, expected) in expected.chunks(FEATURES + 1).enumerate() {
                    let found = &found[row * FEATURES..(row + 1) * FEATURES];
                    for (column, (found, expected)) in found.iter().zip(expected).enumerate() {
                        assert!(
                            (found - expected).abs() <= 1e-5,
                            "{model} on {input}, row {row}, column {column}: {found} {expected}"
                        );
                    }
                    assert!((explainer.expected_margin() - expected[FEATURES]).abs() <= 1e-5);
                    let margin = forest.margin(&rows[row * FEATURES..(row + 1) * FEATURES]);
                    let sum = explainer.expected_margin() + found.iter().sum::<f32>();
                    assert!(
                        (sum - margin).abs() <= 2e-5,
                        "{model} on {input}, row {row}: {sum} {margin}"
                    );
                }
            }
        }
    }
}

/// A tree that asks three columns, one of them twice on one way.
fn small_tree() -> Tree {
    let split = |feature, threshold, left| Node::Split {
        feature,
        threshold,
        missing_left: feature != 1,
        left,
        right: left + 1,
    };
    let leaf = |value| Node::Leaf { value };
    let nodes = vec![
        split(0, 0.5, 1),
        split(1, 0.0, 3),
        split(0, 2.0, 5),
        leaf(1.0),
        split(2, 1.0, 7),
        leaf(-2.0),
        leaf(4.0),
        leaf(0.5),
        leaf(8.0),
    ];
    Tree::new(nodes, vec![10.0, 6.0, 4.0, 5.0, 1.0, 1.0, 3.0, 0.25, 0.75]).unwrap()
}

const COVER: [f64; 9] = [10.0, 6.0, 4.0, 5.0, 1.0, 1.0, 3.0, 0.25, 0.75];

/// The value expected when only the columns of the set are known.
fn expected(tree: &Tree, node: usize, row: &[f32], known: usize) -> f64 {
    match tree.nodes()[node] {
        Node::Leaf { value } => f64::from(value),
        Node::Split {
            feature,
            threshold,
            missing_left,
            left,
            right,
        } => {
            let (left, right) = (left as usize, right as usize);
            let value = row[feature as usize];
            let goes_left = if value.is_nan() {
                missing_left
            } else {
                value < threshold
            };
            if known >> feature & 1 == 1 {
                return expected(tree, if goes_left { left } else { right }, row, known);
            }
            (expected(tree, left, row, known) * COVER[left]
                + expected(tree, right, row, known) * COVER[right])
                / COVER[node]
        }
    }
}

#[test]
fn contributions_are_shapleys_by_definition() {
    let tree = small_tree();
    let forest = Forest::new(3, Vec::new(), Objective::Identity, 0.0, vec![tree.clone()]).unwrap();
    let explainer = Explainer::new(&forest, &[Scaling::NONE; 3]).unwrap();
    assert!(
        (f64::from(explainer.expected_margin()) - expected(&tree, 0, &[0.0; 3], 0)).abs() < 1e-6
    );
    let choices = [f32::NAN, -1.0, 0.25, 1.5, 3.0];
    for cell in 0..125usize {
        let row = [choices[cell % 5], choices[cell / 5 % 5], choices[cell / 25]];
        let cells = columns(&row, 3);
        let cells: Vec<&[f64]> = cells.iter().map(Vec::as_slice).collect();
        let found = explainer.contributions(&cells).unwrap();
        for column in 0..3usize {
            // The orders of three columns: the set before this one has weight 1/3, 1/6, 1/6, 1/3.
            let others: Vec<usize> = (0..3).filter(|other| *other != column).collect();
            let sum: f64 = [
                (0, 2.0),
                (1 << others[0], 1.0),
                (1 << others[1], 1.0),
                (7 ^ 1 << column, 2.0),
            ]
            .iter()
            .map(|(set, weight)| {
                weight / 6.0
                    * (expected(&tree, 0, &row, set | 1 << column) - expected(&tree, 0, &row, *set))
            })
            .sum();
            assert!(
                (f64::from(found[column]) - sum).abs() < 1e-5,
                "{row:?} column {column}: {found:?} {sum}"
            );
        }
    }
}

#[test]
fn deep_trees_add_up_and_empty_tables_are_empty() {
    // A chain of 40 levels that asks two columns in turn.
    let mut nodes = Vec::new();
    for level in 0..40u32 {
        nodes.push(Node::Split {
            feature: level % 2,
            threshold: 40.0 - level as f32,
            missing_left: true,
            left: 2 * level + 2,
            right: 2 * level + 1,
        });
        nodes.push(Node::Leaf {
            value: level as f32,
        });
    }
    nodes.push(Node::Leaf { value: -1.0 });
    let cover = (0..81).map(|index| (81 - index) as f32).collect();
    let tree = Tree::new(nodes, cover).unwrap();
    let forest = Forest::new(2, Vec::new(), Objective::Identity, 0.5, vec![tree]).unwrap();
    let explainer = Explainer::new(&forest, &[Scaling::NONE; 2]).unwrap();
    for row in [[-5.0f32, -5.0], [20.0, 21.0], [3.5, 100.0], [f32::NAN, 2.0]] {
        let cells = columns(&row, 2);
        let cells: Vec<&[f64]> = cells.iter().map(Vec::as_slice).collect();
        let found = explainer.contributions(&cells).unwrap();
        let sum = explainer.expected_margin() + found.iter().sum::<f32>();
        assert!(
            (sum - forest.margin(&row)).abs() < 1e-3,
            "{row:?}: {found:?} {sum}"
        );
    }
    assert!(explainer.contributions(&[&[], &[]]).unwrap().is_empty());
    assert_eq!(
        explainer.contributions(&[&[]]).unwrap_err().name(),
        "ColumnsDiffer"
    );
}
