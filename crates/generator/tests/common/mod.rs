//! Generated tables in memory, for the tests.
#![allow(clippy::unwrap_used, dead_code)]

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use bytes::Bytes;
use millrace_contract::Contract;
use millrace_generator::{GenerateError, Options, Summary, Table, generate};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub type Files = BTreeMap<String, Vec<u8>>;

pub fn contract(table: Table) -> Contract {
    Contract::parse(table.contract_toml(), table.as_str()).unwrap()
}

pub fn files(options: &Options) -> Result<(Summary, Files), GenerateError> {
    let mut files = Files::new();
    let mut sink = |path: &str, bytes: Vec<u8>| {
        files.insert(path.to_owned(), bytes);
        Ok(())
    };
    let summary = generate(options, &contract(options.table), &mut sink, &|_| ())?;
    Ok((summary, files))
}

/// A table whose missing values are `None`.
pub struct Rows {
    pub batches: Vec<RecordBatch>,
}

impl Rows {
    pub fn of(options: &Options) -> Rows {
        Rows::read(&files(options).unwrap().1)
    }

    pub fn read(files: &Files) -> Rows {
        let open = |bytes: &Vec<u8>| {
            let bytes = Bytes::from(bytes.clone());
            ParquetRecordBatchReaderBuilder::try_new(bytes)
                .unwrap()
                .build()
                .unwrap()
        };
        Rows {
            batches: files
                .values()
                .flat_map(|bytes| open(bytes).map(Result::unwrap))
                .collect(),
        }
    }

    pub fn names(&self) -> Vec<String> {
        self.batches[0]
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
    }

    /// Numbers, and flags as 1 and 0.
    pub fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        let values = |batch: &RecordBatch| -> Vec<Option<f64>> {
            let array = batch.column_by_name(name).unwrap();
            match array.data_type() {
                DataType::Float64 => array.as_primitive::<Float64Type>().iter().collect(),
                DataType::Int64 => array
                    .as_primitive::<Int64Type>()
                    .iter()
                    .map(|v| v.map(|v| v as f64))
                    .collect(),
                DataType::Boolean => array
                    .as_boolean()
                    .iter()
                    .map(|v| v.map(|v| f64::from(u8::from(v))))
                    .collect(),
                other => panic!("{name} is {other}"),
            }
        };
        self.batches.iter().flat_map(values).collect()
    }

    pub fn words(&self, name: &str) -> Vec<Option<String>> {
        let values = |batch: &RecordBatch| -> Vec<Option<String>> {
            let array = batch.column_by_name(name).unwrap();
            array
                .as_string::<i32>()
                .iter()
                .map(|word| word.map(str::to_owned))
                .collect()
        };
        self.batches.iter().flat_map(values).collect()
    }

    pub fn missing_share(&self, name: &str) -> f64 {
        let missing: usize = self
            .batches
            .iter()
            .map(|batch| batch.column_by_name(name).unwrap().null_count())
            .sum();
        missing as f64 / self.count() as f64
    }

    pub fn count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values
        .into_iter()
        .fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
    sum / count
}

pub fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values.iter().copied());
    mean(
        values
            .iter()
            .map(|value| (value - middle) * (value - middle)),
    )
    .sqrt()
}
