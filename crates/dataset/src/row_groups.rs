//! Gathers rows into row groups and encodes the columns of each in parallel.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use crate::DatasetError;
use crate::table::fits;

/// Large enough for Athena to read well, small enough to be decoded and held with ease.
pub const ROWS_PER_GROUP: usize = 131_072;
const CREATED_BY: &str = "millrace";

/// Writes arrays of a schema.
pub(crate) struct RowGroups<W: Write + Send> {
    schema: SchemaRef,
    writer: SerializedFileWriter<W>,
    factory: ArrowRowGroupWriterFactory,
    groups_written: usize,
    /// The encoders of the row group that is being filled.
    encoders: Vec<ArrowColumnWriter>,
    rows: usize,
}

impl<W: Write + Send> fmt::Debug for RowGroups<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RowGroups({} rows pending)", self.rows)
    }
}

impl<W: Write + Send> RowGroups<W> {
    pub(crate) fn new(writer: W, schema: SchemaRef) -> Result<RowGroups<W>, DatasetError> {
        let properties = Arc::new(properties().map_err(unwritable)?);
        let parquet_schema = ArrowSchemaConverter::new()
            .convert(&schema)
            .map_err(unwritable)?;
        let root = parquet_schema.root_schema_ptr();
        let writer = SerializedFileWriter::new(writer, root, properties).map_err(unwritable)?;
        let factory = ArrowRowGroupWriterFactory::new(&writer, schema.clone());
        Ok(RowGroups {
            schema,
            writer,
            factory,
            groups_written: 0,
            encoders: Vec::new(),
            rows: 0,
        })
    }

    pub(crate) fn write(&mut self, arrays: Vec<ArrayRef>) -> Result<(), DatasetError> {
        let rows = arrays.first().map_or(0, |array| array.len());
        self.check(&arrays, rows)?;
        let mut position = 0;
        while position < rows {
            let count = (rows - position).min(ROWS_PER_GROUP - self.rows);
            self.encode(&arrays, position, count)?;
            position += count;
            if self.rows == ROWS_PER_GROUP {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn check(&self, arrays: &[ArrayRef], rows: usize) -> Result<(), DatasetError> {
        let fields = self.schema.fields();
        let right = arrays.len() == fields.len()
            && arrays.iter().all(|array| array.len() == rows)
            && fields
                .iter()
                .zip(arrays)
                .all(|(field, array)| fits(field, array));
        if right {
            return Ok(());
        }
        Err(DatasetError::Unwritable {
            detail: "its columns differ in length or type from the table's".to_owned(),
        })
    }

    fn encode(
        &mut self,
        arrays: &[ArrayRef],
        from: usize,
        rows: usize,
    ) -> Result<(), DatasetError> {
        if self.encoders.is_empty() {
            let encoders = self.factory.create_column_writers(self.groups_written);
            self.encoders = encoders.map_err(unwritable)?;
        }
        let fields = self.schema.fields();
        self.encoders
            .par_iter_mut()
            .zip(arrays)
            .zip(fields.par_iter())
            .try_for_each(|((encoder, array), field)| {
                // Every field is a single leaf: the types of a table are all plain.
                for leaf in compute_leaves(field, &array.slice(from, rows))? {
                    encoder.write(&leaf)?;
                }
                Ok(())
            })
            .map_err(unwritable)?;
        self.rows += rows;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), DatasetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let encoders = std::mem::take(&mut self.encoders);
        let chunks = encoders
            .into_par_iter()
            .map(ArrowColumnWriter::close)
            .collect::<Result<Vec<ArrowColumnChunk>, ParquetError>>()
            .map_err(unwritable)?;
        let mut group = self.writer.next_row_group().map_err(unwritable)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group).map_err(unwritable)?;
        }
        group.close().map_err(unwritable)?;
        self.groups_written += 1;
        self.rows = 0;
        Ok(())
    }

    /// Writes what the writer still holds as well: dropped, it would say nothing of what goes wrong.
    pub(crate) fn finish(mut self) -> Result<W, DatasetError> {
        self.flush()?;
        let mut writer = self.writer.into_inner().map_err(unwritable)?;
        writer.flush().map_err(|error| unwritable(error.into()))?;
        Ok(writer)
    }
}

fn properties() -> Result<WriterProperties, ParquetError> {
    Ok(WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .build())
}

fn unwritable(error: ParquetError) -> DatasetError {
    DatasetError::Unwritable {
        detail: error.to_string(),
    }
}
