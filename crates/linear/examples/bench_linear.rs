//! Times fits: `bench_linear ROWS COLUMNS [CLASSES] [REPETITIONS]`. What `tests/golden/bench.py` times of scikit-learn.

use std::time::Instant;

use millrace_linear::{Design, LinearError, Penalty, fit_classes, fit_numbers};

/// Numbers by whole-number arithmetic, nearly normal, which the Python side makes as well.
fn noise(index: u64) -> f64 {
    let mut state = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut sum = 0.0;
    for _ in 0..4 {
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state ^= state >> 27;
        sum += (state >> 11) as f64 / (1_u64 << 53) as f64;
    }
    (sum - 2.0) * 3.0_f64.sqrt()
}

fn main() -> Result<(), LinearError> {
    let given: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let number = |place: usize, default: usize| given.get(place).copied().unwrap_or(default);
    let (rows, width, classes, times) = (
        number(0, 100_000),
        number(1, 45),
        number(2, 2),
        number(3, 5),
    );
    let columns: Vec<Vec<f64>> = (0..width)
        .map(|column| {
            (0..rows)
                .map(|row| noise((row * width + column) as u64))
                .collect()
        })
        .collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let names: Vec<String> = (0..width).map(|column| format!("c{column}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let score = |row: usize, class: usize| -> f64 {
        let weight = |column: usize| ((column * 7 + class * 5) % 11) as f64 / 11.0 - 0.45;
        let sum: f64 = (0..width)
            .map(|column| weight(column) * columns[column][row])
            .sum();
        sum + 2.0 * noise(((rows * width) + row * classes + class) as u64)
    };
    let label = |row: usize| {
        let best = |best: usize, class: usize| {
            if score(row, class) > score(row, best) {
                class
            } else {
                best
            }
        };
        (1..classes).fold(0, best) as u32
    };
    let labels: Vec<u32> = (0..rows).map(label).collect();
    let target: Vec<f64> = (0..rows).map(|row| score(row, 0)).collect();
    let ridge = Penalty::new(1.0 / rows as f64, 0.0)?;
    let mixed = Penalty::new(0.001, 0.5)?;
    for _ in 0..times {
        let start = Instant::now();
        let design = Design::from_columns(&names, &slices)?;
        let ready = start.elapsed().as_secs_f64();
        let seconds = |fit: &dyn Fn() -> Result<(), LinearError>| -> Result<f64, LinearError> {
            let start = Instant::now();
            fit()?;
            Ok(start.elapsed().as_secs_f64() * 1e3)
        };
        let logistic = seconds(&|| fit_classes(&design, &labels, classes, None, ridge).map(drop))?;
        let logistic_mixed =
            seconds(&|| fit_classes(&design, &labels, classes, None, mixed).map(drop))?;
        let least_squares = seconds(&|| fit_numbers(&design, &target, None, ridge).map(drop))?;
        let elastic = seconds(&|| fit_numbers(&design, &target, None, mixed).map(drop))?;
        println!(
            "ms: rows made ready {:.1}; logistic ridge {logistic:.1}, elastic net {logistic_mixed:.1}; ridge {least_squares:.1}, elastic net {elastic:.1}",
            ready * 1e3
        );
    }
    let design = Design::from_columns(&names, &slices)?;
    let model = fit_classes(&design, &labels, classes, None, ridge)?;
    println!("first coefficients {:?}", &model.coefficients(0)[..3]);
    Ok(())
}
