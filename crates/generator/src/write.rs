//! One day's Parquet file: row groups small enough that readers can share them among cores.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use millrace_contract::ColumnType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use crate::generate::Block;
use crate::population::Kind;
use crate::prepare::{Prepared, Source};

/// A multiple of the rows in a block.
pub(crate) const ROW_GROUP_ROWS: u64 = 25_000;

pub(crate) struct DayFile {
    writer: SerializedFileWriter<Vec<u8>>,
    columns: ArrowRowGroupWriterFactory,
    schema: Arc<Schema>,
    row_groups: usize,
}

impl DayFile {
    pub fn new(prepared: &Prepared) -> Result<DayFile, ParquetError> {
        let fields: Vec<Field> = prepared
            .sources
            .iter()
            .map(|(name, column_type, nullable, _)| {
                Field::new(name, data_type(*column_type), *nullable)
            })
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS as usize))
            .build();
        let whole = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties))?;
        let (writer, columns) = whole.into_serialized_writer()?;
        Ok(DayFile {
            writer,
            columns,
            schema,
            row_groups: 0,
        })
    }

    /// Adds one row group; its columns are encoded side by side.
    pub fn append(&mut self, prepared: &Prepared, blocks: &[Block]) -> Result<(), ParquetError> {
        let writers = self.columns.create_column_writers(self.row_groups)?;
        let schema = &self.schema;
        let chunks: Vec<ArrowColumnChunk> = writers
            .into_par_iter()
            .enumerate()
            .map(|(index, writer)| encode(writer, prepared, index, schema.field(index), blocks))
            .collect::<Result<_, _>>()?;
        let mut row_group = self.writer.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut row_group)?;
        }
        row_group.close()?;
        self.row_groups += 1;
        Ok(())
    }

    pub fn finish(self) -> Result<Vec<u8>, ParquetError> {
        self.writer.into_inner()
    }
}

fn encode(
    mut writer: ArrowColumnWriter,
    prepared: &Prepared,
    index: usize,
    field: &Field,
    blocks: &[Block],
) -> Result<ArrowColumnChunk, ParquetError> {
    let (_, column_type, _, source) = &prepared.sources[index];
    for block in blocks {
        let array = match source {
            Source::Id => ids(block, *column_type, prepared.population.id_prefix()),
            Source::Target(target) => array(&block.targets[*target], *column_type, &[]),
            Source::Plan(plan) => {
                let words = match prepared.plans[*plan].kind {
                    Kind::Words(words) => words,
                    Kind::Number { .. } | Kind::Flag => &[],
                };
                array(&block.columns[*plan], *column_type, words)
            }
        };
        for leaf in compute_leaves(field, &array)? {
            writer.write(&leaf)?;
        }
    }
    writer.close()
}

fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Float => DataType::Float64,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Category | ColumnType::Ordered | ColumnType::Text | ColumnType::Date => {
            DataType::Utf8
        }
    }
}

fn ids(block: &Block, column_type: ColumnType, prefix: &str) -> ArrayRef {
    let numbers = block.first_id..block.first_id + block.rows;
    if column_type == ColumnType::Integer {
        return Arc::new(Int64Array::from_iter_values(
            numbers.map(|number| number as i64),
        ));
    }
    Arc::new(StringArray::from_iter_values(
        numbers.map(|number| format!("{prefix}{number:09}")),
    ))
}

/// An array of values in which NaN is missing.
fn array(values: &[f64], column_type: ColumnType, words: &[&str]) -> ArrayRef {
    let present = values
        .iter()
        .map(|value| (!value.is_nan()).then_some(*value));
    match column_type {
        ColumnType::Float => Arc::new(present.collect::<Float64Array>()),
        ColumnType::Integer => {
            Arc::new(present.map(|v| v.map(|v| v as i64)).collect::<Int64Array>())
        }
        ColumnType::Boolean => Arc::new(
            present
                .map(|v| v.map(|v| v != 0.0))
                .collect::<BooleanArray>(),
        ),
        ColumnType::Category | ColumnType::Ordered | ColumnType::Text | ColumnType::Date => {
            let word = |value: f64| words.get(value as usize).copied();
            Arc::new(present.map(|v| v.and_then(word)).collect::<StringArray>())
        }
    }
}
