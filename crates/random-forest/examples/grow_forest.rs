//! Grows a forest of a table in files: `grow_forest TABLE.f32 TARGET.f64 COLUMNS numbers|classes TREES LEAF_ROWS SEED MODEL.ubj`. Numbers
//! are row-major and little-endian, classes 0 and 1. It prints how long that took; `tests/golden/real.py` calls it.

use std::time::Instant;

use millrace_random_forest::{Settings, Table, fit_classes, fit_numbers, to_ubj};

type AnyError = Box<dyn std::error::Error>;

fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [values, target, columns, task, trees, leaf_rows, seed, model] = arguments.as_slice()
    else {
        return Err("usage: grow_forest TABLE.f32 TARGET.f64 COLUMNS numbers|classes TREES LEAF_ROWS SEED MODEL.ubj".into());
    };
    let bytes = std::fs::read(values)?;
    let values: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| f32::from_le_bytes(*word))
        .collect();
    let bytes = std::fs::read(target)?;
    let target: Vec<f64> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| f64::from_le_bytes(*word))
        .collect();
    let names: Vec<String> = (0..columns.parse()?)
        .map(|column: usize| format!("c{column}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let table = Table {
        names: &names,
        values: &values,
        weights: None,
    };
    let start = Instant::now();
    let adjust = |settings: Settings| -> Result<Settings, AnyError> {
        Ok(Settings {
            trees: trees.parse()?,
            leaf_rows: leaf_rows.parse()?,
            seed: seed.parse()?,
            ..settings
        })
    };
    let forest = match task.as_str() {
        "numbers" => fit_numbers(table, &target, &adjust(Settings::of_numbers())?)?,
        _ => {
            let labels: Vec<u32> = target.iter().map(|class| *class as u32).collect();
            let forests = fit_classes(table, &labels, 2, &adjust(Settings::of_classes())?)?;
            forests.into_iter().next().ok_or("no forest")?
        }
    };
    println!("{}", start.elapsed().as_secs_f64());
    std::fs::write(model, to_ubj(&forest))?;
    Ok(())
}
