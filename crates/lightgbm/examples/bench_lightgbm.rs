//! Times scoring on one core: `bench_lightgbm MODEL.txt TABLE.f64 [REPETITIONS]`, the table row-major in little-endian `f64`.

use std::time::Instant;

use millrace_lightgbm::{LightGbm, Scorer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, table, rest @ ..] = arguments.as_slice() else {
        return Err("usage: bench_lightgbm MODEL.txt TABLE.f64 [REPETITIONS]".into());
    };
    let model = LightGbm::from_text(&std::fs::read_to_string(model)?)?;
    let bytes = std::fs::read(table)?;
    let numbers: Vec<f64> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| f64::from_le_bytes(*word))
        .collect();
    let width = model.feature_names().len();
    let columns: Vec<Vec<f64>> = (0..width)
        .map(|column| {
            numbers
                .iter()
                .skip(column)
                .step_by(width)
                .copied()
                .collect()
        })
        .collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let scorer = Scorer::new(&model);
    let rows = slices[0].len();
    for _ in 0..rest.first().map_or(Ok(5), |text| text.parse::<usize>())? {
        let start = Instant::now();
        let predictions = scorer.predict_on_one_thread(&slices)?;
        let nanoseconds = start.elapsed().as_nanos() as f64 / rows as f64;
        println!("{nanoseconds:.0} ns a row, the first is {}", predictions[0]);
    }
    Ok(())
}
