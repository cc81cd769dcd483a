//! On tables that are too large for golden files: where the objective has its minimum, it has no slope.
#![allow(clippy::unwrap_used)]

use millrace_linear::{Design, LinearModel, Penalty, fit_classes};

const ROWS: usize = 20_000;
const WIDTH: usize = 6;

fn noise(index: usize) -> f64 {
    let mut state = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5) * 4.0
}

/// Sorted by class, with one rare column: what a sample of rows could miss.
fn table(classes: usize) -> (Vec<Vec<f64>>, Vec<u32>) {
    let mut rows: Vec<(u32, [f64; WIDTH])> = (0..ROWS)
        .map(|row| {
            let mut values = [0; WIDTH].map(|_| 0.0);
            for (column, value) in values.iter_mut().enumerate() {
                *value = noise(row * WIDTH + column);
            }
            values[1] = 100.0 + 10.0 * (values[0] + values[1]);
            values[5] = f64::from(u8::from(row % 5000 == 17));
            let score = |class: usize| {
                values[class % 5] * (1.0 - class as f64)
                    + 2.0 * noise(ROWS * WIDTH + row * classes + class)
            };
            let best = |best: usize, class: usize| {
                if score(class) > score(best) {
                    class
                } else {
                    best
                }
            };
            ((0..classes).fold(0, best) as u32, values)
        })
        .collect();
    rows.sort_by_key(|(class, _)| *class);
    let column = |column: usize| rows.iter().map(|(_, values)| values[column]).collect();
    (
        (0..WIDTH).map(column).collect(),
        rows.iter().map(|(class, _)| *class).collect(),
    )
}

/// The slope of the mean log loss along each coefficient of each output, in units of the column's deviation.
fn slopes(model: &LinearModel, columns: &[Vec<f64>], labels: &[u32]) -> Vec<Vec<f64>> {
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let likely = model.predict(&slices).unwrap();
    let outputs = model.outputs();
    let left = |row: usize, output: usize| {
        let class = if outputs == 1 { 1 } else { output };
        likely[row * outputs + output] - f64::from(u8::from(labels[row] as usize == class))
    };
    let slope = |output: usize, column: &Vec<f64>| {
        column
            .iter()
            .enumerate()
            .map(|(row, x)| x * left(row, output))
            .sum::<f64>()
            / ROWS as f64
    };
    (0..outputs)
        .map(|output| columns.iter().map(|column| slope(output, column)).collect())
        .collect()
}

#[test]
fn there_is_no_slope_where_a_fit_ends() {
    for classes in [2, 4] {
        let (columns, labels) = table(classes);
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let design = Design::from_columns(&["a", "b", "c", "d", "e", "f"], &slices).unwrap();
        for (strength, share) in [(0.0, 0.0), (0.001, 0.0), (0.01, 1.0), (0.01, 0.5)] {
            let penalty = Penalty::new(strength, share).unwrap();
            let model = fit_classes(&design, &labels, classes, None, penalty).unwrap();
            for (output, slopes) in slopes(&model, &columns, &labels).iter().enumerate() {
                for (slope, weight) in slopes.iter().zip(model.coefficients(output)) {
                    let smooth = slope + strength * (1.0 - share) * weight;
                    let l1 = strength * share;
                    let uphill = match *weight == 0.0 {
                        true => (smooth.abs() - l1).max(0.0),
                        false => (smooth + l1 * weight.signum()).abs(),
                    };
                    assert!(
                        uphill < 1e-7,
                        "{classes} {strength} {share}: {uphill:e} at {weight}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_class() {
    let (columns, labels) = table(3);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let bytes = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let design = Design::from_columns(&["a", "b", "c", "d", "e", "f"], &slices).unwrap();
            let penalty = Penalty::new(0.001, 0.3).unwrap();
            fit_classes(&design, &labels, 3, None, penalty)
                .unwrap()
                .to_json()
                .unwrap()
        })
    };
    assert_eq!(bytes(1), bytes(2));
    assert_eq!(bytes(1), bytes(5));
}
