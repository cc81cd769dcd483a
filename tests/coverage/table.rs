//! Tables whose noise is known, drawn from a seed.

use std::fmt::Write;
use std::path::Path;

use millrace_contract::{OutputColumn, OutputType};
use millrace_dataset::{Frame, OutputValues, ParquetTable, Values};
use support::random::Chance;

/// How a table comes about.
pub struct Table {
    pub name: &'static str,
    pub rows: usize,
    /// All of them normal numbers.
    pub columns: usize,
    /// How many of them a model may choose.
    pub best: usize,
    /// What can be known of the target.
    signal: fn(&[f64]) -> f64,
    /// The deviation of what cannot.
    noise: fn(&[f64]) -> f64,
}

/// Some rows of a table.
pub struct Rows {
    /// Column by column.
    pub columns: Vec<Vec<f64>>,
    pub target: Vec<f64>,
    /// The deviation of each row's noise.
    pub noise: Vec<f64>,
}

impl Table {
    pub const FEW_ROWS: Table = Table {
        name: "few rows",
        rows: 200,
        columns: 6,
        best: 6,
        signal: |x| x[0] + 0.5 * x[1],
        noise: |_| 0.5,
    };
    pub const WIDE: Table = Table {
        name: "wide",
        rows: 200,
        columns: 300,
        best: 10,
        signal: |x| 0.5 * x[0],
        noise: |_| 1.0,
    };
    pub const NOISY: Table = Table {
        name: "noisy",
        rows: 300,
        columns: 60,
        best: 10,
        signal: |x| 0.2 * (x[0] + x[1]),
        noise: |_| 1.0,
    };
    pub const UNEVEN: Table = Table {
        name: "uneven noise",
        rows: 300,
        columns: 20,
        best: 10,
        signal: |x| x[0],
        noise: |x| 0.1 + x[1].abs(),
    };

    pub fn draw(&self, rows: usize, seeds: &[u64]) -> Rows {
        let mut chance = Chance::of(seeds);
        let mut drawn = Rows {
            columns: vec![Vec::with_capacity(rows); self.columns],
            target: Vec::with_capacity(rows),
            noise: Vec::with_capacity(rows),
        };
        for _ in 0..rows {
            let row: Vec<f64> = (0..self.columns).map(|_| normal(&mut chance)).collect();
            let noise = (self.noise)(&row);
            drawn
                .target
                .push((self.signal)(&row) + noise * normal(&mut chance));
            drawn.noise.push(noise);
            for (column, value) in drawn.columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        drawn
    }

    pub fn contract(&self) -> String {
        let mut text = String::from(
            "name = \"drawn\"\nversion = 1\n[columns]\nid = { role = \"id\", type = \"text\" }\n",
        );
        for column in 0..self.columns {
            writeln!(
                text,
                "x{column} = {{ role = \"feature\", type = \"float\" }}"
            )
            .unwrap();
        }
        text + "y = { role = \"target\", type = \"float\" }\n"
    }

    /// Candidates that differ, so that the best of them is also the luckiest.
    pub fn spec(&self) -> String {
        format!(
            r#"
name = "drawn"
contract = "contract.toml"
target = "y"
[split]
stratify_bins = 1
[selection]
best = {}
[search.space]
n_estimators = [20, 40]
max_depth = [2, 4]
learning_rate = [0.1, 0.3]
subsample = [0.8]
colsample_bytree = [0.8]
[scores]
column = "predicted"
decimals = 6
[scores.interval]
coverage = 0.9
"#,
            self.best
        )
    }
}

impl Rows {
    pub fn write(&self, file: &Path) {
        let count = self.target.len();
        let ids = (0..count).map(|row| Some(format!("r{row:04}"))).collect();
        let mut columns = vec![column("id", OutputType::Text)];
        let mut values = vec![OutputValues::Text(ids)];
        for (place, numbers) in self.columns.iter().enumerate() {
            columns.push(column(&format!("x{place}"), OutputType::Double));
            values.push(OutputValues::Double(numbers.clone()));
        }
        columns.push(column("y", OutputType::Double));
        values.push(OutputValues::Double(self.target.clone()));
        let mut table = ParquetTable::create(file, &columns).unwrap();
        table.write(values).unwrap();
        table.finish().unwrap();
    }

    pub fn frame(&self) -> Frame {
        let mut frame = Frame::new(self.target.len());
        for (place, numbers) in self.columns.iter().enumerate() {
            let values = Values::Number(numbers.clone());
            frame.insert(format!("x{place}"), values).unwrap();
        }
        frame
    }
}

fn column(name: &str, output_type: OutputType) -> OutputColumn {
    OutputColumn {
        name: name.to_owned(),
        output_type,
    }
}

/// By Box and Muller.
fn normal(chance: &mut Chance) -> f64 {
    let mut uniform = || ((chance.draw() >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
    (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
}
