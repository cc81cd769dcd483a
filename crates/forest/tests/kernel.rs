//! The fast kernels against the plain walk, on forests and rows of every kind.
#![allow(clippy::unwrap_used)]

use millrace_forest::{Forest, ForestError, Instructions, Node, Objective, Scaling, Scorer, Tree};
use proptest::prelude::*;

const COLUMNS: usize = 6;

/// A small generator of numbers, so that a case is one seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn threshold(numbers: &mut Numbers, distinct: u64) -> f32 {
    match numbers.below(200) {
        0 => f32::INFINITY,
        1 => f32::NEG_INFINITY,
        2 => -0.0,
        3 => 0.0,
        4 => f32::MAX,
        5 => f32::MIN_POSITIVE / 8.0,
        _ => (numbers.below(distinct) as f32 - distinct as f32 / 2.0) / 7.0,
    }
}

/// A tree that ends its branches at random, at `depth` at the latest.
fn tree(numbers: &mut Numbers, depth: usize, ends: u64, distinct: u64) -> Tree {
    let mut nodes = vec![Node::Leaf { value: 0.0 }];
    let mut open = vec![(0usize, 0usize)];
    while let Some((position, level)) = open.pop() {
        if level == depth || (level > 0 && numbers.below(100) < ends) {
            let value = (numbers.unit() - 0.5) as f32;
            nodes[position] = Node::Leaf { value };
            continue;
        }
        let left = nodes.len() as u32;
        nodes.extend([Node::Leaf { value: 0.0 }; 2]);
        nodes[position] = Node::Split {
            feature: numbers.below(COLUMNS as u64) as u32,
            threshold: threshold(numbers, distinct),
            missing_left: numbers.below(2) == 0,
            left,
            right: left + 1,
        };
        open.extend([(left as usize, level + 1), (left as usize + 1, level + 1)]);
    }
    let cover = vec![1.0; nodes.len()];
    Tree::new(nodes, cover).unwrap()
}

fn forest(numbers: &mut Numbers, depths: &[usize], ends: u64, distinct: u64) -> Forest {
    let trees = depths
        .iter()
        .map(|depth| tree(numbers, *depth, ends, distinct))
        .collect();
    Forest::new(COLUMNS, Vec::new(), Objective::Identity, 0.25, trees).unwrap()
}

/// A value that is often missing, extreme, a threshold itself or a neighbour of one.
fn value(numbers: &mut Numbers, scaling: Scaling, distinct: u64) -> f64 {
    let folded = scaling.fold(threshold(numbers, distinct));
    match numbers.below(12) {
        0 => f64::NAN,
        1 => folded,
        2 => folded.next_up(),
        3 => folded.next_down(),
        4 => [
            f64::INFINITY,
            f64::NEG_INFINITY,
            0.0,
            -0.0,
            1e300,
            -1e300,
            1e-310,
        ][numbers.below(7) as usize],
        5 => f64::from(folded as f32),
        _ => scaling.mean + scaling.scale * (numbers.unit() - 0.5) * distinct as f64 / 6.0,
    }
}

fn check(seed: u64, depths: &[usize], ends: u64, distinct: u64, rows: usize) {
    let numbers = &mut Numbers(seed);
    let forest = forest(numbers, depths, ends, distinct);
    let scalings: Vec<Scaling> = (0..COLUMNS)
        .map(|column| match column {
            0 => Scaling::NONE,
            1 => Scaling {
                mean: 1e9,
                scale: 0.125,
            }, // thresholds that are one f32 once unscaled
            2 => Scaling {
                mean: 0.1,
                scale: 1e-9,
            },
            _ => Scaling {
                mean: numbers.unit() * 10.0,
                scale: numbers.unit() * 3.0 + 1e-3,
            },
        })
        .collect();
    let columns: Vec<Vec<f64>> = scalings
        .iter()
        .map(|scaling| {
            (0..rows)
                .map(|_| value(numbers, *scaling, distinct))
                .collect()
        })
        .collect();
    let what = format!("seed {seed} depths {depths:?}");
    compare(&forest, &scalings, &columns, &what);
}

/// Every path that this processor has, the portable one always, against the plain walk.
fn compare(forest: &Forest, scalings: &[Scaling], columns: &[Vec<f64>], what: &str) {
    assert_eq!(Instructions::available()[0], Instructions::Portable);
    let rows = columns[0].len();
    let plain: Vec<u32> = (0..rows)
        .map(|row| {
            let scaled: Vec<f32> = columns
                .iter()
                .zip(scalings)
                .map(|(column, scaling)| scaling.apply(column[row]))
                .collect();
            forest.margin(&scaled).to_bits()
        })
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let scorer = Scorer::new(forest, scalings).unwrap();
    for instructions in Instructions::available() {
        let scorer = scorer.clone().using(instructions);
        for margins in [
            scorer.margins(&columns),
            scorer.margins_on_one_thread(&columns),
        ] {
            let bits: Vec<u32> = margins.unwrap().iter().map(|m| m.to_bits()).collect();
            assert_eq!(bits, plain, "{instructions:?} {what}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn every_path_gives_the_bits_of_the_plain_walk(
        seed in any::<u64>(),
        depths in proptest::collection::vec(0usize..=11, 0..9),
        ends in 0u64..40,
        distinct in prop_oneof![Just(2u64), Just(30), Just(255), Just(700), Just(100_000)],
        rows in prop_oneof![0usize..70, 500usize..530, Just(1100)],
    ) {
        check(seed, &depths, ends, distinct, rows);
    }
}

#[test]
fn a_forest_of_more_comparisons_than_fit_at_once_is_scored_in_groups() {
    check(7, &[9; 50], 0, 100_000, 600);
}

/// One column, two stumps for each threshold, one for each way of missing values; every threshold
/// itself, both neighbours and a missing value as rows. Each count of bits and of rulers occurs, and
/// with the second scaling, several thresholds are the same number once rounded.
#[test]
fn every_number_of_thresholds_is_told_apart() {
    let numbers = &mut Numbers(9);
    let scalings = [(0.3, 0.7), (1e9, 0.125)].map(|(mean, scale)| Scaling { mean, scale });
    for count in (1..=20).chain([31, 32, 63, 64, 100, 127, 128, 254, 255, 256, 300]) {
        let threshold = |index: u32| index as f32 / 8.0 - 10.0;
        let stump = |index: u32, numbers: &mut Numbers| {
            let split = Node::Split {
                feature: 0,
                threshold: threshold(index / 2),
                missing_left: index.is_multiple_of(2),
                left: 1,
                right: 2,
            };
            let leaf = |numbers: &mut Numbers| Node::Leaf {
                value: numbers.unit() as f32,
            };
            let nodes = vec![split, leaf(numbers), leaf(numbers)];
            Tree::new(nodes, vec![1.0; 3]).unwrap()
        };
        let trees = (0..2 * count).map(|index| stump(index, numbers)).collect();
        let forest = Forest::new(1, Vec::new(), Objective::Identity, 0.5, trees).unwrap();
        for scaling in scalings {
            let around = |index: u32| {
                let folded = scaling.fold(threshold(index));
                [folded.next_down(), folded, folded.next_up(), f64::NAN]
            };
            let column = (0..count).flat_map(around).collect();
            let what = format!("{count} thresholds, {scaling:?}");
            compare(&forest, &[scaling], &[column], &what);
        }
    }
}

#[test]
fn rows_spread_over_threads_keep_their_places() {
    check(8, &[6, 3, 10], 5, 255, 9001);
}

#[test]
fn wrong_columns_and_scalings_are_named() {
    let forest = forest(&mut Numbers(1), &[3], 0, 10);
    let name = |error: ForestError| error.name();
    assert_eq!(
        name(Scorer::new(&forest, &[Scaling::NONE; 5]).unwrap_err()),
        "ColumnsDiffer"
    );
    for (mean, scale) in [
        (0.0, 0.0),
        (0.0, -1.0),
        (0.0, f64::NAN),
        (f64::NAN, 1.0),
        (0.0, f64::INFINITY),
    ] {
        let scalings = [Scaling { mean, scale }; COLUMNS];
        assert_eq!(
            name(Scorer::new(&forest, &scalings).unwrap_err()),
            "ScalingInvalid"
        );
    }
    let scorer = Scorer::new(&forest, &[Scaling::NONE; COLUMNS]).unwrap();
    let (long, short) = ([0.0; 4], [0.0; 3]);
    assert_eq!(
        name(scorer.margins(&[&long[..]; 5]).unwrap_err()),
        "ColumnsDiffer"
    );
    let uneven = [&long[..], &long, &long, &short, &long, &long];
    assert_eq!(name(scorer.margins(&uneven).unwrap_err()), "RowsDiffer");
}

#[test]
fn unsound_trees_are_refused() {
    let leaf = Node::Leaf { value: 1.0 };
    let split = |left, right, threshold| Node::Split {
        feature: 0,
        threshold,
        missing_left: true,
        left,
        right,
    };
    let refused = |nodes: Vec<Node>| {
        let cover = vec![1.0; nodes.len()];
        Tree::new(nodes, cover).unwrap_err().name()
    };
    assert_eq!(refused(vec![]), "ModelCorrupt");
    assert_eq!(refused(vec![split(1, 2, 0.5), leaf]), "ModelCorrupt");
    assert_eq!(refused(vec![split(0, 1, 0.5), leaf]), "ModelCorrupt");
    assert_eq!(refused(vec![split(1, 1, 0.5), leaf]), "ModelCorrupt");
    assert_eq!(
        refused(vec![split(1, 2, f32::NAN), leaf, leaf]),
        "ModelCorrupt"
    );
    assert_eq!(
        refused(vec![Node::Leaf { value: f32::NAN }]),
        "ModelCorrupt"
    );
    let chain: Vec<Node> = (0..100)
        .flat_map(|i| [split(2 * i + 1, 2 * i + 2, 0.0), leaf])
        .chain([leaf])
        .collect();
    assert_eq!(refused(chain), "ModelUnsupported");
    let tree = Tree::new(vec![split(1, 2, 0.5), leaf, leaf], vec![1.0; 3]).unwrap();
    let forest = Forest::new(0, Vec::new(), Objective::Identity, 0.0, vec![tree]);
    assert_eq!(forest.unwrap_err().name(), "ModelCorrupt");
}
