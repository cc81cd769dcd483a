//! How long a row takes: `cargo run --release --workspace --example bench_forest`.
//!
//! Without arguments on forests made at random (45 columns, complete trees, 255 thresholds for each
//! column); with a folder as made by `bench/peer_kernel.py` on the models and rows in it, and then
//! it prints one line of JSON for each; with a depth and a number of trees on that one forest, for a
//! profiler.
//! One thread; the best of many short rounds, so that other work on the machine counts little.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use millrace_forest::{Explainer, Forest, Instructions, Node, Objective, Scaling, Scorer, Tree};

const COLUMNS: usize = 45;
const ROWS: usize = 1 << 13;
const ROUNDS: usize = 100;
const LEAST_ROUNDS: usize = 3;
const LONG_ENOUGH: Duration = Duration::from_millis(500);
const PROFILED_ROUNDS: usize = 10;
const SCALING: Scaling = Scaling {
    mean: 0.3,
    scale: 0.7,
};
const EXPLAINED_ROWS: usize = 128;

struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn tree(numbers: &mut Numbers, depth: u32) -> Tree {
    let inner = (1u32 << depth) - 1;
    let nodes: Vec<Node> = (0..2 * inner + 1)
        .map(|index| match index < inner {
            true => Node::Split {
                feature: (numbers.next() % COLUMNS as u64) as u32,
                threshold: (numbers.next() % 255) as f32 / 32.0 - 4.0,
                missing_left: numbers.next().is_multiple_of(2),
                left: 2 * index + 1,
                right: 2 * index + 2,
            },
            false => Node::Leaf {
                value: (numbers.unit() - 0.5) as f32,
            },
        })
        .collect();
    let cover = vec![1.0; nodes.len()];
    Tree::new(nodes, cover).unwrap()
}

fn forest(numbers: &mut Numbers, depth: u32, trees: usize) -> Forest {
    let trees = (0..trees).map(|_| tree(numbers, depth)).collect();
    Forest::new(COLUMNS, Vec::new(), Objective::Identity, 0.5, trees).unwrap()
}

fn rows(numbers: &mut Numbers, missing: f64) -> Vec<Vec<f64>> {
    let value = |numbers: &mut Numbers| {
        let gone = numbers.unit() < missing;
        let sum = numbers.unit() + numbers.unit() + numbers.unit() - 1.5;
        if gone { f64::NAN } else { sum * 3.0 }
    };
    (0..COLUMNS)
        .map(|_| (0..ROWS).map(|_| value(numbers)).collect())
        .collect()
}

fn best_ns_per_row(rows: usize, mut work: impl FnMut()) -> f64 {
    let begin = Instant::now();
    (0..ROUNDS)
        .take_while(|round| *round < LEAST_ROUNDS || begin.elapsed() < LONG_ENOUGH)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos() as f64 / rows as f64
        })
        .fold(f64::INFINITY, f64::min)
}

/// Nanoseconds per row.
struct Times {
    /// For each path with the binning of the values, and that of the binning alone.
    paths: Vec<(Instructions, f64, f64)>,
    plain: f64,
    contributions: f64,
}

fn measure(forest: &Forest, scalings: &[Scaling], columns: &[Vec<f64>]) -> Times {
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let count = columns[0].len();
    let scorer = Scorer::new(forest, scalings).unwrap();
    let mut paths = Vec::new();
    for instructions in Instructions::available() {
        let scorer = scorer.clone().using(instructions);
        let all = best_ns_per_row(count, || {
            black_box(scorer.margins_on_one_thread(&columns).unwrap());
        });
        let binning = best_ns_per_row(count, || scorer.bin_only(&columns).unwrap());
        paths.push((instructions, all, binning));
    }
    let few = count.min(2000);
    let scaled: Vec<Vec<f32>> = (0..few)
        .map(|row| {
            let cells = columns.iter().zip(scalings);
            cells
                .map(|(column, scaling)| scaling.apply(column[row]))
                .collect()
        })
        .collect();
    let plain = best_ns_per_row(few, || {
        for row in &scaled {
            black_box(forest.margin(row));
        }
    });
    let explainer = Explainer::new(forest, scalings).unwrap();
    let first: Vec<&[f64]> = columns
        .iter()
        .map(|column| &column[..EXPLAINED_ROWS])
        .collect();
    let contributions = best_ns_per_row(EXPLAINED_ROWS, || {
        black_box(explainer.contributions_on_one_thread(&first).unwrap());
    });
    Times {
        paths,
        plain,
        contributions,
    }
}

fn print_line(what: &str, times: &Times) {
    print!("{what:<34}");
    for (instructions, all, binning) in &times.paths {
        print!("  {instructions:?} {all:8.1} (binning {binning:5.1})");
    }
    let (plain, contributions) = (times.plain, times.contributions);
    println!("  plain walk {plain:8.1}  contributions {contributions:8.0}");
}

/// The margin is that of the quickest path, which a program takes by itself.
fn print_json(model: &str, rows: &str, times: &Times) {
    let margin = times.paths.iter().map(|(_, all, _)| *all);
    let margin = margin.fold(f64::INFINITY, f64::min);
    let (plain, contributions) = (times.plain, times.contributions);
    println!(
        "{{\"model\": \"{model}\", \"rows\": \"{rows}\", \"margin\": {margin:.1}, \"plain\": {plain:.1}, \"contributions\": {contributions:.1}}}"
    );
}

fn synthetic() {
    println!("ns per row, one thread, {COLUMNS} columns, {ROWS} rows");
    let numbers = &mut Numbers(42);
    let scalings = [SCALING; COLUMNS];
    for (missing, label) in [(0.0, "no missing values"), (0.1, "10 % missing values")] {
        let columns = rows(numbers, missing);
        for depth in [3, 6, 9] {
            for trees in [100, 500] {
                let forest = forest(numbers, depth, trees);
                let what = format!("depth {depth} x {trees}, {label}");
                print_line(&what, &measure(&forest, &scalings, &columns));
            }
        }
    }
}

/// Rows are little-endian `f32`, row-major.
fn from_folder(folder: &str) {
    let mut models: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ubj"))
        .collect();
    models.sort();
    for input in ["full", "missing"] {
        let bytes = std::fs::read(format!("{folder}/rows.{input}")).unwrap();
        let values: Vec<f32> = bytes
            .as_chunks()
            .0
            .iter()
            .map(|cell| f32::from_le_bytes(*cell))
            .collect();
        for path in &models {
            let forest = Forest::from_ubj(&std::fs::read(path).unwrap()).unwrap();
            let count = forest.feature_count();
            let columns: Vec<Vec<f64>> = (0..count)
                .map(|column| {
                    values
                        .chunks(count)
                        .map(|row| f64::from(row[column]))
                        .collect()
                })
                .collect();
            let name = path.file_stem().unwrap().to_string_lossy();
            let times = measure(&forest, &vec![Scaling::NONE; count], &columns);
            print_json(&name, input, &times);
        }
    }
}

/// One forest, scored by the quickest path for some seconds: something to look at with a profiler.
fn one(depth: u32, trees: usize) {
    let numbers = &mut Numbers(42);
    let columns = rows(numbers, 0.0);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let forest = forest(numbers, depth, trees);
    let scorer = Scorer::new(&forest, &[SCALING; COLUMNS]).unwrap();
    let best = (0..PROFILED_ROUNDS)
        .map(|_| {
            best_ns_per_row(ROWS, || {
                black_box(scorer.margins_on_one_thread(&columns).unwrap());
            })
        })
        .fold(f64::INFINITY, f64::min);
    println!("depth {depth} x {trees}: {best:.1} ns per row");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => synthetic(),
        [folder] => from_folder(folder),
        [depth, trees] => one(depth.parse().unwrap(), trees.parse().unwrap()),
        _ => panic!("give nothing, a folder, or a depth and a number of trees"),
    }
}
