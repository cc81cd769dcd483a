//! Small tables that the tests read.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

use millrace_contract::{Contract, OutputColumn, OutputType};
use millrace_dataset::{OutputValues, ParquetTable};

pub const CONTRACT: &str = r#"
name = "visits"
version = 1
[columns]
visit_id = { role = "id", type = "text", pattern = "V[0-9]+" }
day      = { role = "date", type = "date" }
minutes  = { role = "feature", type = "float", range = [0, 1440], nullable = true }
visits   = { role = "feature", type = "integer", range = [0, 100000] }
member   = { role = "feature", type = "boolean" }
plan     = { role = "feature", type = "ordered", values = ["free", "plus", "pro"], nullable = true }
score    = { role = "target", type = "float", range = [0, 1] }
[[rules]]
name = "few visits are short"
expression = "minutes <= 720 or visits > 0"
"#;

pub fn contract(text: &str) -> Contract {
    Contract::parse(text, "visits.toml").unwrap()
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub fn columns() -> Vec<OutputColumn> {
    [
        ("visit_id", OutputType::Text),
        ("minutes", OutputType::Double),
        ("visits", OutputType::Integer),
        ("member", OutputType::Boolean),
        ("plan", OutputType::Text),
        ("score", OutputType::Double),
    ]
    .map(|(name, output_type)| OutputColumn {
        name: name.to_owned(),
        output_type,
    })
    .to_vec()
}

/// Rows `first..first + rows`, all good; every 10th has no minutes, every 4th no plan.
pub fn values(first: usize, rows: usize) -> Vec<OutputValues> {
    let numbers = || first..first + rows;
    vec![
        OutputValues::Text(numbers().map(|n| Some(format!("V{n}"))).collect()),
        OutputValues::Double(
            numbers()
                .map(|n| {
                    if n % 10 == 0 {
                        f64::NAN
                    } else {
                        (n % 100) as f64 / 2.0
                    }
                })
                .collect(),
        ),
        OutputValues::Integer(numbers().map(|n| Some(n as i64 % 1000)).collect()),
        OutputValues::Boolean(numbers().map(|n| Some(n % 3 == 0)).collect()),
        OutputValues::Words {
            words: ["free", "plus", "pro"].map(str::to_owned).to_vec(),
            codes: numbers()
                .map(|n| if n % 4 == 3 { -1 } else { (n % 4) as i32 })
                .collect(),
        },
        OutputValues::Double(numbers().map(|n| (n % 11) as f64 / 10.0).collect()),
    ]
}

pub fn parquet(first: usize, rows: usize) -> Vec<u8> {
    let mut table = ParquetTable::in_memory(&columns()).unwrap();
    table.write(values(first, rows)).unwrap();
    table.finish().unwrap()
}
