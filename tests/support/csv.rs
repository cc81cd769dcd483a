//! Customers as CSV, each value as a test wants it.

use millrace_contract::{Column, ColumnType, Contract};
use millrace_dataset::{Frame, Purpose, Request, Source, Values};
use millrace_generator::Options;

use crate::{Workshop, repository_file};

/// A table of the customers' columns as CSV, each value changed as the test wants.
pub fn customers(rows: usize, change: impl Fn(&str, usize) -> Option<String>) -> String {
    let workshop = Workshop::default();
    let options = Options {
        rows: Some(rows as u64),
        missing: 0.0,
        outliers: 0.0,
        ..Options::default()
    };
    let data = workshop.generate("customers", &options);
    let contract = Contract::parse(&repository_file("contracts/customers.toml"), "c").unwrap();
    let request = Request::all(&contract, Purpose::Training);
    let frame = Source::open(&data).unwrap().read(&request).unwrap();
    let mut text = contract
        .columns
        .keys()
        .cloned()
        .collect::<Vec<_>>()
        .join(",")
        + "\n";
    for row in 0..frame.rows() {
        let fields: Vec<String> = contract
            .columns
            .iter()
            .map(|(name, column)| {
                change(name, row).unwrap_or_else(|| field(&frame, name, column, row))
            })
            .collect();
        text += &(fields.join(",") + "\n");
    }
    text
}

fn field(frame: &Frame, name: &str, column: &Column, row: usize) -> String {
    match frame.get(name).unwrap() {
        Values::Number(numbers) if column.column_type == ColumnType::Boolean => {
            (numbers[row] == 1.0).to_string()
        }
        Values::Number(numbers) => numbers[row].to_string(),
        Values::Code(codes) => column.values[codes[row] as usize].clone(),
        Values::Text(texts) => texts[row].clone().unwrap_or_default(),
        Values::Day(_) => "2026-11-01".into(),
    }
}
